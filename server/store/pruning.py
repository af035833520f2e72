"""Deletes old messages and gives their space back, in steps that take little time.

A step is a transaction of its own, and not synced: that a power cut brings old messages
back for a while does no harm.
"""

import sqlite3
from collections.abc import Callable
from itertools import starmap
from typing import TYPE_CHECKING

import msgspec

from decorators import log
from server.store.base import HeadRow

if TYPE_CHECKING:
    from server.store.transactions import Transactions

__all__ = ["SqlitePruner"]

# However many of them are empty, no more than a page of conversations is looked at.
_HEADS = (
    "WITH page(number, is_line) AS ({page})"
    " SELECT page.number, is_line, r.keep_days, r.keep_bytes, ("
    "  SELECT time FROM messages WHERE id = ("
    "   SELECT id FROM messages WHERE conversation = page.number ORDER BY id LIMIT 1)"
    " ) FROM page LEFT JOIN rooms AS r ON r.conversation = page.number"
    " ORDER BY page.number"
)
_ALL_HEADS = _HEADS.format(
    page="SELECT number, kind = 'line' FROM conversations WHERE number > ?"
    " ORDER BY number LIMIT ?"
)
_LIMITED_HEADS = _HEADS.format(
    page="SELECT conversation, 0 FROM rooms WHERE conversation > ?"
    " AND (keep_days IS NOT NULL OR keep_bytes IS NOT NULL)"
    " ORDER BY conversation LIMIT ?"
)
_WEIGH = (
    "SELECT coalesce(max(id), :after), count(*), coalesce(sum(octets), 0) FROM ("
    " SELECT id, length(CAST(text AS BLOB)) AS octets FROM messages"
    " WHERE conversation = :of AND id > :after ORDER BY id LIMIT :most)"
)
_OLDEST = (
    "SELECT id, time, length(CAST(text AS BLOB)) FROM messages"
    " WHERE conversation = ? AND id < ? ORDER BY id LIMIT ?"
)
_DELETE = "DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))"


class SqlitePruner:
    """The pruner behind `Pruner`, on the connection that writes."""

    __slots__ = ("_note", "_store")

    @log
    def __init__(
        self, store: "Transactions", note: Callable[[list[int]], object]
    ) -> None:
        """Prune `store`; `note` is told the ids of what was deleted."""
        self._store = store
        self._note = note

    @property
    @log
    def is_ready(self) -> bool:
        """Tell whether something can be done now."""
        return self._store.is_idle

    @log
    def tidy(self) -> bool:
        """Bring what was written where it belongs, if it is enough to."""
        return self._store.tidy_aside()

    @log
    def heads(self, after: int, limit: int, *, limited: bool) -> list[HeadRow]:
        """Return conversations above the number `after`, ascending."""
        statement = _LIMITED_HEADS if limited else _ALL_HEADS

        def look(connection: sqlite3.Connection) -> list[HeadRow]:
            return list(starmap(HeadRow, connection.execute(statement, (after, limit))))

        return self._store.look(look)

    @log
    def weigh(self, conversation: int, after: int, limit: int) -> tuple[int, int, int]:
        """Return id, count and bytes of the next messages behind `after`."""

        def look(connection: sqlite3.Connection) -> tuple[int, int, int]:
            given = {"of": conversation, "after": after, "most": limit}
            row: tuple[int, int, int] = connection.execute(_WEIGH, given).fetchone()
            return row

        return self._store.look(look)

    @log
    def delete(
        self, conversation: int, limit: int, before: float, excess: int
    ) -> tuple[int, int]:
        """Delete a conversation's oldest messages; return their count and bytes."""
        last = self._store.last_id

        ids: list[int] = []

        def work(connection: sqlite3.Connection) -> tuple[int, int]:
            size = 0
            rows = connection.execute(_OLDEST, (conversation, last, limit)).fetchall()
            # What stands before an old one is old, whatever its clock said.
            old = max((one for one, time, _ in rows if time < before), default=0)
            for message_id, _, octets in rows:
                if message_id > old and size >= excess:
                    break
                ids.append(message_id)
                size += octets
            if ids:
                connection.execute(_DELETE, (msgspec.json.encode(ids).decode(),))
            return len(ids), size

        done = self._store.write_aside(work)
        self._note(ids)
        return done

    @log
    def give_back(self, pages: int, spare: int) -> int:
        """Make the file smaller by so many free pages; return how many are left."""

        def work(connection: sqlite3.Connection) -> int:
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
            left = max(0, int(free) - spare)
            if left:
                count = min(pages, left)
                for _ in range(count):
                    # Of more than one page Python would take only the first: the
                    # pragma has a row for each, and they have no columns.
                    connection.execute("PRAGMA incremental_vacuum(1)")
                left -= count
            return left

        return self._store.write_aside(work)
