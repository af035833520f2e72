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
from typing import NamedTuple

import msgspec

from common.names import Secret
from decorators import log
from errors import ExitCode, ProgramError

__all__ = ["HistoryFile", "Position"]


class Position(NamedTuple):
    """Up to which message of which id space everything stands in the file.

    `last` is None where nothing is known.
    """

    store: str = ""
    last: int | None = None


class _State(msgspec.Struct):
    """What FILE.state holds: before and behind what was appended last.

    The device is the one that has read all this; it must be kept as a secret is.
    """

    device: Secret
    store: str = ""
    before: int | None = None
    before_bytes: int = 0
    last: int | None = None
    last_bytes: int = 0


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
            self._file = os.open(
                path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
        except OSError as error:
            raise _trouble(path, error) from error
        try:
            is_file = stat.S_ISREG(os.fstat(self._file).st_mode)
            self._keeps_state = keeps_state and is_file
            self._state = _State(Secret(secrets.token_hex(16)))
            if is_file:
                self._lock()
                self._read_state()
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
            self._state = _State(self._state.device, store)

    @log
    def append(self, lines: Iterable[str], last: int | None = None) -> None:
        """Write whole lines, with which everything up to `last` is in the file.

        Raises ProgramError; then the file is as it was.
        """
        data = "".join(f"{line}\n" for line in lines).encode()
        state = self._state
        if not data and last == state.last:
            return
        try:
            length = os.fstat(self._file).st_size
            state.before, state.before_bytes = state.last, length
            state.last = last if last is not None else state.last
            state.last_bytes = length + len(data)
            self._write_state()
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
        state = self._state
        if state.before_bytes != state.last_bytes:
            state.before, state.before_bytes = state.last, state.last_bytes
            with contextlib.suppress(OSError):
                self._write_state()
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
    def _read_state(self) -> None:
        if not self._keeps_state:
            return
        try:
            data = self._state_path.read_bytes()
            self._state = msgspec.json.decode(data, type=_State)
        except FileNotFoundError:
            # The first time.
            return
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProgramError(
                f"{self._state_path} says where {self._path} ends, and can't be "
                "understood: remove it, and reading begins with what is said then",
                ExitCode.SETTINGS,
            ) from error

    @log
    def _write_state(self) -> None:
        """Put a new state in the place of the old one, whole at any moment."""
        if not self._keeps_state:
            return
        new = self._state_path.with_name(f"{self._state_path.name}.new")
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(file, "wb") as stream:
            stream.write(msgspec.json.encode(self._state))
        new.replace(self._state_path)

    @log
    def _repair(self) -> None:
        """Find out whether what was to be appended last is there."""
        state, length = self._state, os.fstat(self._file).st_size
        if length < state.last_bytes:
            if length > state.before_bytes:
                length = state.before_bytes
                os.ftruncate(self._file, length)
            state.last = state.before
        if length and os.pread(self._file, 1, length - 1) != b"\n":
            # Somebody else's line, or one that a crash of the machine has cut.
            os.write(self._file, b"\n")

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
def _trouble(path: Path, error: OSError) -> ProgramError:
    code = ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else None
    return ProgramError(
        f"{path} can't be written ({error.strerror}); --history FILE names another "
        "place, --history '' none",
        code,
    )
