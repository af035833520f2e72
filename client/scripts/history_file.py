"""The file that everything read is appended to, and how far that is.

Strategy: what stands in the file is what was written, whatever happened to us; only the
ids of its last lines are missing there. So beside it lies FILE.state, and before lines
are appended it says how far they go and how long the file will be then. A start that
finds the file as long as that knows that they are in it; one that finds it as it was
before knows that they are not; and what is in between is a write that was cut short,
which is taken back.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from client.machine import is_copy, origin_of
from client.scripts.history_state import Position, State, read_state, write_state
from client.scripts.talk import complain
from common.names import Secret
from decorators import log
from errors import ExitCode, ProgramError

__all__ = ["HistoryFile"]

# So much of the end of a copy tells what it is a copy of.
_COMPARED_BYTES = 64 * 1024


class HistoryFile:
    """A file for one process, until `close`."""

    @log
    def __init__(self, path: Path, *, keeps_state: bool = True) -> None:
        """Open the file, made if it is not there; raises ProgramError.

        Where messages have no ids there is no state to be kept, nor for a pipe.
        """
        self._path = path
        self._state_path = path.with_name(f"{path.name}.state")
        try:
            self._file = _open(path)
        except OSError as error:
            raise _trouble(path, error) from error
        try:
            is_file = stat.S_ISREG(os.fstat(self._file).st_mode)
            self._keeps_state = keeps_state and is_file
            self._state = State(Secret(secrets.token_hex(16)))
            if is_file:
                self._lock()
                if self._keeps_state:
                    self._state = read_state(self._state_path) or self._state
                    self._claim()
                self._repair()
        except OSError as error:
            os.close(self._file)
            raise _trouble(path, error) from error
        except BaseException:
            os.close(self._file)
            raise

    @property
    @log
    def device(self) -> Secret:
        """The random id of who reads into this file."""
        return self._state.device

    @property
    @log
    def position(self) -> Position:
        """Up to where everything is in the file."""
        return Position(self._state.store, self._state.last)

    @log
    def begin_anew(self, store: str) -> None:
        """Note that ids are of another space from now on, and none of it is known."""
        if store != self._state.store:
            self._state = State(self._state.device, store)

    @log
    def append(self, lines: Iterable[str], last: int | None = None) -> None:
        """Write whole lines, with which everything up to `last` is in the file.

        Raises ProgramError; then the file is as it was.
        """
        data = "".join(f"{line}\n" for line in lines).encode()
        state = self._state
        if not data and last == state.last:
            return
        self._follow()
        try:
            length = os.fstat(self._file).st_size
            state.before, state.before_bytes = state.last, length
            state.last = last if last is not None else state.last
            state.last_bytes = length + len(data)
            self._keep_state()
            self._write(data, length)
        except OSError as error:
            state.last = state.before
            raise _trouble(self._path, error) from error

    @log
    def close(self) -> None:
        """Let another process have the file.

        Who takes it away or cuts it short from here on wants a new beginning, without
        what was in it: so nothing may look as if it was still to be appended.
        """
        with contextlib.suppress(OSError, ProgramError):
            if self._path.exists():
                self._follow()
            if not self._state.is_settled:
                self._state.settle()
                self._keep_state()
        os.close(self._file)

    @log
    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ProgramError(
                f"another reader writes into {self._path} already: give this one a "
                "file of its own, --history FILE"
            ) from error

    @log
    def _claim(self) -> None:
        """Be a device of our own where the file was copied from another machine.

        One device can't be signed in twice: the two readers would end each other.
        """
        if is_copy(self._state.origin, origin_of(self._file)):
            complain(
                f"{self._path} was copied from another machine; from now on its reader "
                "here is a device of its own"
            )
            self._state.device = Secret(secrets.token_hex(16))
            self._keep_state()

    @log
    def _keep_state(self) -> None:
        if self._keeps_state:
            self._state.origin = origin_of(self._file)
            write_state(self._state_path, self._state)

    @log
    def _follow(self) -> None:
        """Go on in the file that is at our place now, if it is another one.

        Somebody may have renamed ours, as a rotation does, or have put a copy in its
        place, which may lack what was appended meanwhile. Raises ProgramError.
        """
        if _is_at(self._file, self._path):
            return
        try:
            if not self._state.is_settled:
                # A new beginning does not lack what is in the old file.
                self._state.settle()
                self._keep_state()
            old, self._file = self._file, _open(self._path)
        except OSError as error:
            raise _trouble(self._path, error) from error
        try:
            if stat.S_ISREG(os.fstat(self._file).st_mode):
                self._lock()
                _complete(self._file, old)
                self._end_line()
        except OSError as error:
            raise _trouble(self._path, error) from error
        finally:
            os.close(old)

    @log
    def _end_line(self) -> None:
        """End somebody else's line, or one that a crash of the machine has cut."""
        length = os.fstat(self._file).st_size
        if length and os.pread(self._file, 1, length - 1) != b"\n":
            os.write(self._file, b"\n")

    @log
    def _repair(self) -> None:
        """Find out whether what was to be appended last is there."""
        state, length = self._state, os.fstat(self._file).st_size
        if length < state.last_bytes:
            if length > state.before_bytes:
                length = state.before_bytes
                os.ftruncate(self._file, length)
            state.last = state.before
        self._end_line()

    @log
    def _write(self, data: bytes, length: int) -> None:
        """Append all of it, or leave the file as it was `length` bytes long."""
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, length)
            raise


@log
def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


@log
def _is_at(file: int, path: Path) -> bool:
    """Tell whether an open file is the one at a place."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


@log
def _complete(file: int, old: int) -> None:
    """Append what a copy lacks of the file that it was made of; raises OSError."""
    length = os.fstat(file).st_size
    begin = max(length - _COMPARED_BYTES, 0)
    end = os.pread(file, _COMPARED_BYTES, begin)
    if not end or end != os.pread(old, len(end), begin):
        # A new beginning, or something that somebody has edited.
        return
    while data := os.pread(old, _COMPARED_BYTES, length):
        length += os.write(file, data)


@log
def _trouble(path: Path, error: OSError) -> ProgramError:
    code = ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else None
    return ProgramError(
        f"{path} can't be written ({error.strerror}); --history FILE names another "
        "place, --history '' none",
        code,
    )
