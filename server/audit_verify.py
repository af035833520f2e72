"""Find what was changed in the audit log: put in, taken out, replaced, cut off.

Each entry holds the hash of the one before, the database that of the last one, and
where the log begins later than at its beginning, an entry of it that of the last one
which was removed.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from decorators import log
from server.audit_file import (
    ONLY_START,
    TRIMMED,
    AuditEntry,
    Head,
    cut_of,
    digest_of,
    entries_of,
)

__all__ = ["UNKNOWN", "Verdict", "verify"]

#: What an entry is about that the database did not know entries before it.
UNKNOWN = "unknown entries"
_SHOWN_PROBLEMS = 100
_MOST_TIMES = 5


class Verdict(NamedTuple):
    """What is wrong, a sentence each; and what is not, but should be known."""

    problems: list[str]
    remarks: list[str]
    first: int = 1
    last: int = 0


@log
def verify(path: Path, known: Callable[[], Head]) -> Verdict:
    """Look the log at `path` over; at most 100 problems are told. Raises OSError.

    `known` returns what the database knows of the last entry, and is asked before and
    after: who writes meanwhile writes the file first, and may begin a new one.
    """
    verdict, before = _verdict(path, head := known()), None
    for _ in range(_MOST_TIMES):
        if not verdict.problems or (head, verdict) == before:
            break
        before = (head, verdict)
        head = known()
        verdict = _verdict(path, head)
    return verdict


@log
def _verdict(path: Path, known: Head) -> Verdict:
    found = _Search(known)
    try:
        problems = list(found.problems(path))
    except FileNotFoundError:
        gone = f"{path} is missing: entries 1 to {known.number} are gone"
        return Verdict([gone] if known.number else [], [])
    if len(problems) > _SHOWN_PROBLEMS:
        more = len(problems) - _SHOWN_PROBLEMS
        problems[_SHOWN_PROBLEMS:] = [f"and {more} more of such sentences"]
    return Verdict(problems, found.remarks, found.first, found.last.number)


class _Search:
    """One look through the log, entry by entry."""

    @log
    def __init__(self, known: Head) -> None:
        self.known = known
        self.first = 1
        self.last = ONLY_START
        self.remarks: list[str] = []
        self._known_hash: str | None = None
        self._there: set[int] = set()
        self._cuts: dict[Head, int] = {}

    @log
    def problems(self, path: Path) -> Iterator[str]:
        for _, entry in entries_of(path):
            if entry is not None:
                self._there.add(entry.number)
                cut = cut_of(entry)
                if cut is not None and digest_of(entry) == entry.hash:
                    self._cuts[cut] = entry.number
        for place, entry in entries_of(path):
            if entry is None:
                yield f"{place} is no entry: it was changed"
            else:
                yield from self._problems_at(place, entry)
        yield from self._problems_at_end()

    @log
    def _problems_at(self, place: str, entry: AuditEntry) -> Iterator[str]:
        if entry.number == self.known.number:
            self._known_hash = entry.hash
        if digest_of(entry) != entry.hash:
            yield f"entry {entry.number} ({place}) was changed"
            # Its number may be what was changed; the next one is looked at for itself.
            self.last = Head(self.last.number + 1, entry.hash)
            return
        if self.last == ONLY_START:
            self._maybe_begin_later(entry)
        yield from self._problems_before(entry, place)
        if entry.what == UNKNOWN:
            self.remarks.append(f"entry {entry.number}: {entry.how}")
        if entry.number > self.last.number:
            self.last = Head(entry.number, entry.hash)

    @log
    def _maybe_begin_later(self, first: AuditEntry) -> None:
        """Begin behind what an entry says was removed, if that is what is missing."""
        cut = Head(first.number - 1, first.previous)
        if cut in self._cuts:
            self.first, self.last = first.number, cut
            self.remarks.append(
                f"{_entries(1, cut.number)} removed, as entry {self._cuts[cut]} "
                f"({TRIMMED}) says"
            )

    @log
    def _problems_before(self, entry: AuditEntry, place: str) -> Iterator[str]:
        number, last = entry.number, self.last
        if number <= last.number:
            yield f"entry {number} ({place}) was inserted or is out of its order"
            return
        between = range(last.number + 1, number)
        gone = next((one for one in between if one not in self._there), None)
        if gone is not None:
            # Found from both ends: a number that somebody made up may be any.
            until = next(one for one in reversed(between) if one not in self._there)
            yield f"{_entries(gone, until)} missing before {place}"
        elif not between and entry.previous != last.hash:
            yield (
                f"entry {number} ({place}) does not follow the one before it: one of "
                "the two was replaced"
            )

    @log
    def _problems_at_end(self) -> Iterator[str]:
        known, last = self.known.number, self.last.number
        if last < known:
            yield f"{_entries(last + 1, known)} missing at the end"
        elif known and self._known_hash != self.known.hash:
            yield f"entry {known} is not the one that the database knows of"
        elif last > known:
            yield (
                f"{_entries(known + 1, last)} not known to the database: somebody put "
                "them there, or what they tell of was never made final (a crash, a "
                "full disk)"
            )


@log
def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
