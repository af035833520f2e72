"""Where archives lie: one file per server, name and slot, locked while it is used.

A second process of the same person takes the next slot, which is another device.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from client.filing import file_key
from client.stream import Address
from common.names import Name, Secret
from decorators import log

__all__ = [
    "SLOTS",
    "OldDevice",
    "Slot",
    "claim_slot",
    "is_kept",
    "move_slot",
    "used_slots",
]

#: Processes of one person at one server at once; the next has a device without a file.
SLOTS = 64
# What may belong to a slot; without its log an archive lacks something, so that goes
# before it.
_KINDS = (".db-wal", ".db-journal", ".json", ".device", ".db")


class OldDevice(msgspec.Struct):
    """A device as it was kept before there were archives, in a file of JSON."""

    id: Secret
    number: int = 0


class Slot(NamedTuple):
    """A place for an archive that is ours until `release`."""

    number: int
    path: Path
    lock: int

    @log
    def maybe_old_device(self) -> OldDevice | None:
        """Return what was kept here before there were archives, if it is any good."""
        try:
            data = _old_path(self.path).read_bytes()
            device = msgspec.json.decode(data, type=OldDevice)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return device if device.id and device.number >= 0 else None

    @log
    def forget_old_device(self) -> None:
        """Remove what is in the archive now."""
        with contextlib.suppress(OSError):
            _old_path(self.path).unlink(missing_ok=True)

    @log
    def release(self) -> None:
        """Let another process have it; where nothing was kept, nothing is left."""
        with contextlib.suppress(OSError):
            if not (self.path.exists() or _old_path(self.path).exists()):
                _lock_path(self.path).unlink(missing_ok=True)
        os.close(self.lock)


@log
def claim_slot(
    folder: Path, server: Address, name: Name | str, number: int
) -> Slot | None:
    """Lock a slot; None when another process has it. Raises OSError."""
    path = _path(folder, server, name, number)
    while True:
        lock = os.open(_lock_path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_same_file(lock, _lock_path(path)):
                return Slot(number, path, lock)
        except BlockingIOError:
            os.close(lock)
            return None
        except BaseException:
            os.close(lock)
            raise
        # Whoever had it before us has removed it meanwhile.
        os.close(lock)


@log
def is_kept(folder: Path, server: Address, name: Name | str, number: int) -> bool:
    """Tell whether there is something in a slot that was used before."""
    path = _path(folder, server, name, number)
    return path.exists() or _old_path(path).exists()


@log
def used_slots(
    folder: Path, server: Address, name: Name | str
) -> list[tuple[float, int]]:
    """Return which slots hold something, each behind when it was written to last.

    In UNIX seconds; the number comes second.
    """
    times: dict[int, float] = {}
    for path in folder.glob(f"{file_key(server, name)}-*"):
        number = path.stem.rpartition("-")[2]
        if path.suffix in _KINDS and number.isdecimal():
            with contextlib.suppress(FileNotFoundError):
                used = path.stat().st_mtime
                times[int(number)] = max(times.get(int(number), 0), used)
    return [(used, number) for number, used in times.items()]


@log
def move_slot(slot: Slot, target: Slot) -> None:
    """Move all that is in a slot into one that is empty; both are ours.

    Where that is cut short, what is left follows the next time. Raises OSError.
    """
    for kind in _KINDS:
        with contextlib.suppress(FileNotFoundError):
            slot.path.with_suffix(kind).rename(target.path.with_suffix(kind))


@log
def _path(folder: Path, server: Address, name: Name | str, number: int) -> Path:
    return folder / f"{file_key(server, name)}-{number}.db"


@log
def _old_path(path: Path) -> Path:
    return path.with_suffix(".json")


@log
def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


@log
def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
