"""Keep the state of a history file: FILE.state, whole at any moment."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from common.names import Secret
from decorators import log
from errors import ExitCode, ProgramError

__all__ = ["Position", "State", "read_state", "write_state"]


class Position(NamedTuple):
    """Up to which message of which id space everything stands in the file.

    `last` is None where nothing is known.
    """

    store: str = ""
    last: int | None = None


class State(msgspec.Struct):
    """What FILE.state holds: before and behind what was appended last.

    The device is the one that has read all this; it must be kept as a secret is. The
    `origin` is where the file was (client/machine.py).
    """

    device: Secret
    store: str = ""
    before: int | None = None
    before_bytes: int = 0
    last: int | None = None
    last_bytes: int = 0
    origin: str = ""

    @property
    @log
    def is_settled(self) -> bool:
        """Tell whether nothing looks as if it was still to be appended."""
        return self.before_bytes == self.last_bytes

    @log
    def settle(self) -> None:
        """Note that what was to be appended last is in the file."""
        self.before, self.before_bytes = self.last, self.last_bytes


@log
def read_state(path: Path) -> State | None:
    """Return what stands in the file `path`; None the first time.

    Raises OSError and ProgramError.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProgramError(
            f"{path} says where {path.with_suffix('')} ends, and can't be "
            "understood: remove it, and reading begins with what is said then",
            ExitCode.SETTINGS,
        ) from error


@log
def write_state(path: Path, state: State) -> None:
    """Put a new state in the place of the old one; raises OSError."""
    new = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(file, "wb") as stream:
        stream.write(msgspec.json.encode(state))
    new.replace(path)
