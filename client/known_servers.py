"""The servers that were met before: by which certificate each is known again.

One file of lines `HOST:PORT SHA256:…`, which a person may read and edit; lines that
are empty, begin with # or say something else stay as they are. Two clients may write
at once: each reads and replaces the file under a lock of its own file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import platformdirs

from client.machine import machine_id
from client.stream import Address
from common.byte_order_mark import without_mark
from common.fingerprints import read_fingerprint, shown
from decorators import log
from errors import SettingsError
from log_config.private_files import make_private_folder

__all__ = ["KnownServers", "Pin", "own_notes", "own_servers"]

_HEAD = (
    "# Servers that this client knows, and their certificates' fingerprints. Remove a\n"
    "# line to meet a server anew.\n"
)


class Pin(NamedTuple):
    """A certificate that is known, and the number of the line that says so."""

    fingerprint: str
    line: int


class KnownServers:
    """The file `path`; servers are named HOST:PORT, however the host is spelled."""

    @log
    def __init__(self, path: Path) -> None:
        """Touch nothing yet."""
        # A link into somebody's collected settings stays one.
        self.path = Path(os.path.realpath(path))

    @log
    def find(self, where: Address) -> Pin | None:
        """Return what is known of a server; raises SettingsError.

        A file that can't be read, or a line that can't, is an error: to begin anew
        would be to trust whoever answers.
        """
        return _find(self._read(), where, self.path)

    @property
    @log
    def are_any(self) -> bool:
        """Tell whether the file holds anything; raises SettingsError as `find` does."""
        return bool(self._read())

    @log
    def places_of(self, fingerprint: str) -> list[Address]:
        """Return where a certificate was met; raises SettingsError as `find` does.

        Lines that can't be read are passed over: they are trouble for who goes there.
        """
        found = []
        for line in self._read():
            where, _, rest = line.strip().partition(" ")
            with contextlib.suppress(ValueError):
                if rest and read_fingerprint("".join(rest.split()[:1])) == fingerprint:
                    found.append(where)
        return found

    @log
    def pin(self, where: Address, fingerprint: str, *, replace: bool = False) -> Pin:
        """Remember a server's certificate; return what is known now.

        A certificate that another client has remembered meanwhile stays, unless it is
        to be replaced. Raises SettingsError as `find` does, OSError where the file
        can't be written.
        """
        make_private_folder(self.path.parent)
        with self._locked():
            lines = self._read() or _HEAD.splitlines()
            known = _find(lines, where, self.path)
            if known is None:
                lines.append(f"{where} {shown(fingerprint)}")
                known = Pin(fingerprint, len(lines))
            elif replace and known.fingerprint != fingerprint:
                lines[known.line - 1] = f"{where} {shown(fingerprint)}"
                known = Pin(fingerprint, known.line)
            else:
                return known
            self._write("".join(f"{line}\n" for line in lines))
        return known

    @log
    def _read(self) -> list[str]:
        try:
            return without_mark(self.path.read_text("utf-8")).splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SettingsError(
                f"the file of known servers {self.path} can't be read: {why}"
            ) from error

    @log
    def _write(self, text: str) -> None:
        """Put a new file in the place of the old one, whole at any moment."""
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            new.unlink(missing_ok=True)
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise

    @contextlib.contextmanager
    @log
    def _locked(self) -> Iterator[None]:
        lock = self.path.with_name(f"{self.path.name}.lock")
        file = os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            # Held for a few writes only, so it may be waited for.
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


@log
def own_servers() -> KnownServers:
    """Return the servers that were met by whoever runs this program."""
    return KnownServers(platformdirs.user_config_path("messenger") / "known_servers")


@log
def own_notes() -> KnownServers:
    """Return where servers were met, and those of this machine by what they said.

    A home may be copied to another machine, or be the home of several: the servers
    there are others, so each machine has a file of its own.
    """
    file = f"met_servers-{machine_id() or 'here'}"
    return KnownServers(platformdirs.user_state_path("messenger") / file)


@log
def _find(lines: list[str], where: Address, path: Path) -> Pin | None:
    wanted = where.casefold()
    for number, line in enumerate(lines, 1):
        words = line.split()
        if words and words[0].casefold() == wanted:
            try:
                return Pin(read_fingerprint("".join(words[1:2])), number)
            except ValueError as error:
                raise SettingsError(
                    f"line {number} of the file of known servers {path} is wrong: "
                    f"{error}"
                ) from error
    return None
