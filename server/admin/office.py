"""Where commands are carried out: by the running server, else in this process."""

import contextlib
import pwd
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

from common.server_settings import ServerSettings
from decorators import log
from errors import (
    ExitCode,
    ProtocolError,
    Refused,
    StartError,
    TimedOut,
    Unreachable,
)
from server.local_socket import SOCKET_NAME, connect_to

__all__ = [
    "Office",
    "SocketOffice",
    "data_folder",
    "open_office",
    "refused",
    "require_database",
    "rows_of",
    "running",
]

# A server under load answers within milliseconds; a stuck one must not hang a shell.
_PATIENCE_SECONDS = 30.0


class Office(Protocol):
    """Carries out commands of `server.handlers.admin_table`."""

    #: Whether a server runs that is asked over its socket.
    is_live: bool

    def ask(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Return what a command answers; raises Refused with a sentence."""


@log
def rows_of(
    office: Office, command: str, arguments: dict[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of all pages of a list."""
    given = dict(arguments or {})
    while True:
        answer = office.ask(command, given)
        yield from answer["rows"]
        if not answer["more"]:
            return
        given["after"] = answer["last"]


@log
def data_folder(settings: ServerSettings) -> Path:
    """Return the folder of the database."""
    from server.store.files import default_folder

    return Path(settings.data_dir) if settings.data_dir else default_folder()


@contextlib.contextmanager
@log
def open_office(settings: ServerSettings, *, makes: bool = False) -> Iterator[Office]:
    """Give the running server; where none runs, a hub on the files themselves.

    With `makes` a database that is not there yet is made. Raises a ProgramError with a
    sentence: the folder is somebody else's, the server does not answer, and so on.
    """
    folder = data_folder(settings)
    with running(folder) as live:
        if live is not None:
            yield live
            return
    if not settings.history:
        raise Unreachable(
            f"no server runs on {folder}, and with history: no nothing is kept that "
            "could be looked at; start the server first"
        )
    if not makes:
        require_database(folder)
    from server.admin.offline import offline

    with offline(settings) as office:
        yield office


@contextlib.contextmanager
@log
def running(folder: Path) -> "Iterator[SocketOffice | None]":
    """Give the server that uses the folder, None if none runs; raises as above."""
    connection = _connect(folder)
    if connection is None:
        yield None
        return
    with contextlib.closing(SocketOffice(connection)) as office:
        yield office


@log
def require_database(folder: Path) -> None:
    """Raise StartError where there is no database, instead of making one."""
    try:
        is_there = (folder / "messenger.db").exists()
    except PermissionError as error:
        raise _somebody_elses(folder) from error
    if not is_there:
        raise StartError(
            f"there is no database in {folder}: start the server once, or name the "
            "folder with --data-dir"
        )


# ------------------------------------------------------------- a running server


class SocketOffice:
    """Asks the server at the other end of its Unix socket."""

    is_live = True

    @log
    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE_SECONDS)
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._number = 0

    @log
    def ask(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Return what a command answers."""
        self._number += 1
        asked = {"command": command, "arguments": arguments or {}, "id": self._number}
        try:
            self._connection.sendall(msgspec.json.encode(asked) + b"\n")
            line = self._lines.readline()
        except TimeoutError as error:
            raise TimedOut(
                f"the server has not answered for {_PATIENCE_SECONDS:.0f} s"
            ) from error
        except OSError as error:
            raise Unreachable("the server has ended meanwhile; try again") from error
        if not line:
            raise Unreachable("the server has ended meanwhile; try again")
        try:
            answer = msgspec.json.decode(line, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ProtocolError("the server's answer makes no sense") from error
        if answer.response != 200:
            raise refused(answer.response, answer.error)
        return answer.result

    @log
    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._connection.close()


class _Answer(msgspec.Struct):
    response: int
    result: Any = None
    error: str = ""


@log
def _connect(folder: Path) -> socket.socket | None:
    """Return a connection to the server that uses the folder; None if none does."""
    try:
        return connect_to(folder / SOCKET_NAME, _PATIENCE_SECONDS)
    except PermissionError as error:
        raise _somebody_elses(folder) from error
    except (TimeoutError, BlockingIOError) as error:
        raise TimedOut("the server takes no command; is it stopped?") from error
    except OSError:
        return None  # nobody listens: it has ended, or never ran


@log
def _somebody_elses(folder: Path) -> StartError:
    owner = "somebody else"
    with contextlib.suppress(OSError, KeyError):
        owner = pwd.getpwuid(folder.stat().st_uid).pw_name
    return StartError(
        f"the data folder {folder} is for {owner} only: do this as {owner}, or name "
        "another folder with --data-dir",
        ExitCode.NOT_ALLOWED,
    )


@log
def refused(code: int, sentence: str) -> Refused:
    """Return what to raise for a refusal of the server."""
    # The code in words, which is for protocols.
    sentence = sentence.removeprefix("bad request: ")
    return Refused(sentence, ExitCode.NOT_ALLOWED if code == 403 else None)
