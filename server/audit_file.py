"""The file of the audit log: written, shortened and read.

There are two of it, `audit.log` and, once it was shortened, `audit.log.1` with the
entries before. To shorten it is to let the older one go and the younger one take its
place: nothing is rewritten, and the chain goes through both. An entry that is itself in
the chain says before which one it may begin from then on.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from decorators import log
from log_config.private_files import open_private

__all__ = [
    "ONLY_START",
    "TRIMMED",
    "AuditEntry",
    "Head",
    "append",
    "chained",
    "cut_in_words",
    "cut_of",
    "digest_of",
    "entries_of",
    "first_of",
    "head_of",
    "older",
    "set_aside",
]

# Longer than any entry: five fields of 200 characters, each up to 6 bytes.
_TAIL_BYTES = 64 * 1024
#: What an entry is about that says what was cut off before it.
TRIMMED = "trimmed"
_CUT = re.compile(r"entries 1 to (\d{1,18}) go; the last one's hash is ([0-9a-f]{64})")


class Head(NamedTuple):
    """The number and the hash of an entry; (0, "") stands before the first one."""

    number: int
    hash: str


ONLY_START = Head(0, "")


class AuditEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the file. `hash` is that of all the others, `previous` the last one's.

    It is the SHA-256, in hexadecimal, of the entry without `hash` as JSON: keys in
    their order, no white space, UTF-8.
    """

    number: int
    time: float
    what: str
    who: str
    whom: str
    where: str
    how: str
    previous: str
    hash: str


# ----------------------------------------------------------------- writing it


@log
def chained(notes: Sequence[dict[str, Any]], head: Head) -> tuple[bytes, Head]:
    """Return the lines of `notes` behind `head`, and the head behind them."""
    lines = []
    for note in notes:
        entry = note | {"number": head.number + 1, "previous": head.hash}
        head = Head(head.number + 1, _digest(entry))
        lines.append(msgspec.json.encode(entry | {"hash": head.hash}, order="sorted"))
    return b"".join(line + b"\n" for line in lines), head


@log
def append(path: Path, data: bytes, *, syncs: bool) -> None:
    """Write whole lines at the end of the file, or nothing of them: raises OSError.

    It is opened each time: who moves the file away gets a new one, not lines that
    nobody finds.
    """
    descriptor = open_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, data) < len(data):
                raise OSError(0, "the disk is full")
            if syncs:
                os.fdatasync(descriptor)
        except OSError:
            # Some disks say only now that they are full: the same numbers come again.
            os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


@log
def head_of(path: Path, known: Head) -> Head:
    """Return behind which entry to go on; `known` is what the store knows.

    The file may be ahead of the store after a crash: it is written first. Half a line
    at its end is then cut off. Where the file is behind (it was cut off or is gone)
    the numbers go on from the store's, so that the gap stays to be found. With
    ONLY_START it goes on behind whatever stands there. Raises OSError.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return known
    try:
        os.fchmod(descriptor, 0o600)
        size = os.fstat(descriptor).st_size
        start = max(0, size - _TAIL_BYTES)
        tail = os.pread(descriptor, _TAIL_BYTES, start)
        whole, _, half = tail.rpartition(b"\n")
        entry = _read(whole.rpartition(b"\n")[2] + b"\n")
        last = ONLY_START if entry is None else Head(entry.number, entry.hash)
        is_intact = last.number >= known.number and (entry is not None or not whole)
        if half and is_intact:
            os.ftruncate(descriptor, size - len(half))
        elif half:
            os.pwrite(descriptor, b"\n", size)  # what follows is a line of its own
        return last if is_intact and last.number > known.number else known
    finally:
        os.close(descriptor)


@log
def _digest(entry: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(entry, order="sorted")).hexdigest()


# ----------------------------------------------------------------- shortening it


@log
def older(path: Path) -> Path:
    """Return where the entries before those of `path` stand, if they are kept."""
    return path.with_name(f"{path.name}.1")


@log
def set_aside(path: Path, *, syncs: bool) -> None:
    """Begin a new file: this one becomes the older one, whose place it takes.

    Raises OSError. What is cut off by that has to stand in the log before.
    """
    os.replace(path, older(path))
    if syncs:
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@log
def cut_in_words(head: Head) -> str:
    """Return how an entry says that all up to `head` are removed; see `cut_of`."""
    return f"entries 1 to {head.number} go; the last one's hash is {head.hash}"


@log
def cut_of(entry: "AuditEntry") -> Head | None:
    """Return behind which entry the log may begin, if this entry says so."""
    found = _CUT.fullmatch(entry.how) if entry.what == TRIMMED else None
    return None if found is None else Head(int(found[1]), found[2])


# ----------------------------------------------------------------- reading it


@log
def entries_of(path: Path) -> Iterator[tuple[str, AuditEntry | None]]:
    """Yield where each line stands with its entry, None where the line is none.

    The older file comes first. Half a line at the end, which is just being written, is
    left out. Raises OSError, FileNotFoundError where neither is there.
    """
    before = older(path)
    try:
        yield from _entries_of(before, f" of {before.name}")
    except FileNotFoundError:
        yield from _entries_of(path, "")
    else:
        with contextlib.suppress(FileNotFoundError):  # nothing has come since
            yield from _entries_of(path, "")


@log
def first_of(path: Path) -> AuditEntry | None:
    """Return the first entry of this file alone, if there is one; raises OSError."""
    try:
        return next((entry for _, entry in _entries_of(path, "")), None)
    except FileNotFoundError:
        return None


@log
def _entries_of(path: Path, of: str) -> Iterator[tuple[str, AuditEntry | None]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                yield f"line {number}{of}", _read(line)


@log
def digest_of(entry: AuditEntry) -> str:
    """Return the hash that an entry should have."""
    fields = msgspec.structs.asdict(entry)
    del fields["hash"]
    return _digest(fields)


@log
def _read(line: bytes) -> AuditEntry | None:
    """Return what is written as we write it; of anything else nothing."""
    try:
        entry = msgspec.json.decode(line, type=AuditEntry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return entry if msgspec.json.encode(entry, order="sorted") + b"\n" == line else None
