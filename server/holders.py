"""Find the process behind a port or a locked file that a server wants.

Only asked where a start was refused. It is a help and no more: what can't be found out,
such as who holds somebody else's port, is left out.
"""

import os
from pathlib import Path
from typing import NamedTuple

from common.safe_text import visible
from decorators import log

__all__ = ["Holder", "holder_of_file", "holder_of_port"]

_LOCKS = Path("/proc/locks")
_ALL = ("0.0.0.0", "::")


class Holder(NamedTuple):
    """A process that has the port or file; `command` is how people know it."""

    pid: int
    command: str

    @property
    @log
    def is_us(self) -> bool:
        """Tell whether it is this process, which nobody wants to end."""
        return self.pid == os.getpid()

    @log
    def __str__(self) -> str:
        return f"{visible(self.command)}, pid {self.pid}"

    @property
    @log
    def cure(self) -> str:
        """Return what to type to end it, on a row of its own."""
        return f"\n  kill {self.pid}"


@log
def holder_of_port(port: int, ip: str = "") -> Holder | None:
    """Return who listens on a TCP port of this machine, as far as we may know.

    Of several, each at another address, it is the one that `ip` clashes with.
    """
    # Imported late, here and below: it is needed where a start was refused.
    import psutil

    try:
        found = [
            (one.laddr.ip not in (ip, *_ALL), one.pid)
            for one in psutil.net_connections("tcp")
            if one.status == psutil.CONN_LISTEN
            and one.laddr
            and one.laddr.port == port
            and one.pid
        ]
    except (psutil.Error, OSError):
        # Some systems tell it to root only.
        return None
    return _holder(min(found)[1]) if found else None


@log
def holder_of_file(path: Path) -> Holder | None:
    """Return who holds the lock (flock) on a file, where Linux tells it."""
    try:
        inode = str(path.stat().st_ino)
        lines = _LOCKS.read_text("ascii").splitlines()
    except OSError:
        return None
    for words in map(str.split, lines):
        # 1: FLOCK  ADVISORY  WRITE 1234 08:02:4711 0 EOF
        if words[1] == "FLOCK" and words[5].rpartition(":")[2] == inode:
            return _holder(int(words[4]))
    return None


@log
def _holder(pid: int) -> Holder | None:
    import psutil

    try:
        process = psutil.Process(pid)
        name, words = process.name(), process.cmdline()
    except psutil.Error:
        return None
    # Of a script the interpreter says nothing. The rest may hold secrets.
    if name.startswith("python") and len(words) > 1 and not words[1].startswith("-"):
        name = os.path.basename(words[1])
    return Holder(pid, name)
