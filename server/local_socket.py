"""The Unix socket through which the server's owner talks to it, and nobody else."""

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from decorators import log
from errors import ExitCode, StartError

__all__ = ["SOCKET_NAME", "connect_to", "listen_at"]

#: Its name in the data folder.
SOCKET_NAME = "admin.sock"
_BACKLOG = 16
_LONGEST_PATH = 100


@log
def listen_at(path: Path) -> socket.socket:
    """Return a listening, non-blocking socket that only we may connect to.

    One that a server left behind is removed. Raises StartError where a server still
    listens there, or the folder can't have a socket.
    """
    listener = socket.socket(socket.AF_UNIX)
    try:
        _remove_stale(path)
        # From its first moment on it is ours alone: bind makes it by the umask.
        umask = os.umask(0o177)
        try:
            with _short(path) as name:
                listener.bind(name)
        finally:
            os.umask(umask)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise StartError(
            f"the administration's socket {path} can't be made ({error.strerror}); "
            "name another folder with --data-dir",
            ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else None,
        ) from error
    except BaseException:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


@log
def connect_to(path: Path, seconds: float) -> socket.socket:
    """Return a connection to the server whose socket it is, with that time-out.

    Raises FileNotFoundError or ConnectionRefusedError where none runs, other OSErrors
    where it can't be reached.
    """
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(seconds)
        with _short(path) as name:
            sock.connect(name)
    except BaseException:
        sock.close()
        raise
    return sock


@log
def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise StartError(f"{path} is no socket: move it away", ExitCode.SETTINGS)
    try:
        connect_to(path, 1.0).close()
    except ConnectionRefusedError:
        path.unlink()
    else:
        raise StartError(f"another server is using {path.parent}")


@contextlib.contextmanager
@log
def _short(path: Path) -> Iterator[str]:
    """Give a name for the path that fits into a socket's address (108 bytes on Linux).

    A long one goes through the folder's descriptor, which only Linux can.
    """
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
