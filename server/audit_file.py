"""The file of the audit log: written, read, and found changed."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from decorators import log

__all__ = [
    "ONLY_START",
    "AuditEntry",
    "Head",
    "append",
    "chained",
    "entries_of",
    "head_of",
    "verify",
]

# Longer than any entry: five fields of 200 characters, each up to 6 bytes.
_TAIL_BYTES = 64 * 1024
_SHOWN_PROBLEMS = 100


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
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
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


# ----------------------------------------------------------------- reading it


@log
def entries_of(path: Path) -> Iterator[tuple[int, AuditEntry | None]]:
    """Yield each line's number with its entry, None where the line is none.

    Half a line at the end, which is just being written, is left out. Raises OSError.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                yield number, _read(line)


@log
def verify(path: Path, known: Head) -> list[str]:
    """Return what is wrong with the file, a sentence each; nothing if all is well.

    `known` is what the store knew of the last entry before the file was opened. At
    most 100 sentences. Raises OSError.
    """
    try:
        problems = list(_problems(path, known))
    except FileNotFoundError:
        if known.number:
            return [f"{path} is missing: entries 1 to {known.number} are gone"]
        return []
    if len(problems) > _SHOWN_PROBLEMS:
        more = len(problems) - _SHOWN_PROBLEMS
        problems[_SHOWN_PROBLEMS:] = [f"and {more} more of such sentences"]
    return problems


@log
def _problems(path: Path, known: Head) -> Iterator[str]:
    there = {entry.number for _, entry in entries_of(path) if entry is not None}
    last = ONLY_START
    known_hash = None
    for line, entry in entries_of(path):
        if entry is None:
            yield f"line {line} is no entry: it was changed"
            continue
        if entry.number == known.number:
            known_hash = entry.hash
        if _digest_of(entry) != entry.hash:
            yield f"entry {entry.number} (line {line}) was changed"
            # Its number may be what was changed; the next one is looked at for itself.
            last = Head(last.number + 1, entry.hash)
            continue
        yield from _problems_of(entry, line, last, there)
        if entry.number > last.number:
            last = Head(entry.number, entry.hash)
    if last.number < known.number:
        yield f"{_entries(last.number + 1, known.number)} missing at the end"
    elif known.number and known_hash != known.hash:
        yield f"entry {known.number} is not the one that the database knows of"


@log
def _problems_of(
    entry: AuditEntry, line: int, last: Head, there: set[int]
) -> Iterator[str]:
    number = entry.number
    if number <= last.number:
        yield f"entry {number} (line {line}) was inserted or is out of its order"
        return
    between = range(last.number + 1, number)
    gone = next((one for one in between if one not in there), None)
    if gone is not None:
        # Found from both ends: a number that somebody made up may be any.
        until = next(one for one in reversed(between) if one not in there)
        yield f"{_entries(gone, until)} missing before line {line}"
    elif not between and entry.previous != last.hash:
        yield (
            f"entry {number} (line {line}) does not follow the one before it: one of "
            "the two was replaced"
        )


@log
def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


@log
def _digest_of(entry: AuditEntry) -> str:
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
