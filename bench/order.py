"""Was every message on the disk before anybody was told of it?

The write that carries a row is known by the mark in its text: the first write to the
WAL (`messenger.db-wal`) that holds it. The row is final with the next frame, there or
behind it, that commits (its header says how many pages the database has then). It is
on the disk when a sync that started after that frame was written has come back.
"""

import bisect
import math
from typing import NamedTuple

from bench.images import DATABASE
from bench.numbered import MARK
from bench.record import Change, Record, Sync

__all__ = ["Order", "check_order"]

_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
_WAL_MAGIC = b"\x37\x7f\x06"
_PAGE_SIZE, _SIZE_AFTER_COMMIT = slice(8, 12), slice(4, 8)  # of the two headers


class Order(NamedTuple):
    """How often people were told of a message, and how often too `early`.

    `unwritten` counts those of the early ones whose text was nowhere in the WAL by
    then.
    """

    acknowledgements: int
    deliveries: int
    early: int
    unwritten: int


class _Log:
    """One WAL file: where the marks first stand in it, its commits, its syncs."""

    def __init__(self) -> None:
        self.marks: dict[bytes, Change] = {}
        self._commits: list[float] = []
        self._syncs: list[Sync] = []
        self._page_bytes = 0
        self._commit_ends = math.inf

    def take(self, event: Change | Sync) -> None:
        """Take the next event of this file."""
        if isinstance(event, Sync):
            self._syncs.append(event)
        elif event.data is not None:
            for found in MARK.finditer(event.data):
                self.marks.setdefault(found[0], event)
            self._find_commits(event, event.data)

    def safe_from(self, change: Change) -> float:
        """Return the line from which on what a write began is on the disk."""
        index = bisect.bisect_left(self._commits, change.ended)
        if index == len(self._commits):
            return math.inf
        committed = self._commits[index]
        following = (sync.line for sync in self._syncs if sync.started > committed)
        return next(following, math.inf)

    def _find_commits(self, change: Change, data: bytes) -> None:
        start, end = change.offset, change.offset + len(data)
        if start == 0 and data.startswith(_WAL_MAGIC):
            self._page_bytes = int.from_bytes(data[_PAGE_SIZE])
        frame_bytes = _FRAME_HEADER_BYTES + self._page_bytes
        frame = max(0, -((_WAL_HEADER_BYTES - start) // frame_bytes))
        header = _WAL_HEADER_BYTES + frame * frame_bytes
        while header + _FRAME_HEADER_BYTES <= end:
            commits = any(data[header - start :][_SIZE_AFTER_COMMIT])
            self._commit_ends = header + frame_bytes if commits else math.inf
            if end >= self._commit_ends:
                self._commits.append(change.ended)
                self._commit_ends = math.inf
            header += frame_bytes
        if end == self._commit_ends:
            self._commits.append(change.ended)
            self._commit_ends = math.inf


def check_order(record: Record) -> Order:
    """Look at every acknowledgement and delivery of the record."""
    logs = {number: _Log() for number in record.files(f"/{DATABASE}-wal")}
    for event in record.events:
        if isinstance(event, Change | Sync) and event.file in logs:
            logs[event.file].take(event)
    written: dict[bytes, tuple[float, float]] = {}
    for log in logs.values():
        for mark, change in log.marks.items():
            times = change.line, log.safe_from(change)
            written[mark] = min(written.get(mark, times), times)
    told = [0, 0]
    early = unwritten = 0
    for promise in record.promises:
        told[promise.acknowledges] += 1
        found = MARK.match(promise.text.encode())
        assert found is not None, "a text without a mark"
        line, safe_from = written.get(found[0], (math.inf, math.inf))
        early += promise.line < safe_from
        unwritten += promise.line < line
    return Order(told[True], told[False], early, unwritten)
