"""Looks things up for worker threads, on a connection that can't write."""

import sqlite3
from collections.abc import Callable
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar

from common.names import Secret
from decorators import log
from errors import OutOfService, StoreFailed
from server.store.base import Found, LineRow, MessageRow
from server.store.failures import primary_code
from server.store.schema import connect

__all__ = ["MESSAGES", "MINE", "SqliteReader"]

_T = TypeVar("_T")

#: The columns of a MessageRow, and where they come from. In a direct line the numbers
#: of the two less the sender's is the addressee's, also where somebody notes for
#: themselves.
_COLUMNS = (
    "m.id, m.conversation, m.sender, m.sender_name, "
    "coalesce(rooms.name, addressee.name), m.device, m.number, m.time, m.text"
)
_SOURCES = (
    "messages AS m "
    "LEFT JOIN rooms ON rooms.conversation = m.conversation "
    "LEFT JOIN lines ON lines.conversation = m.conversation "
    "LEFT JOIN identities AS addressee "
    "ON addressee.number = lines.low + lines.high - m.sender"
)
#: `SELECT` of MessageRow(*row), to be followed by WHERE and ORDER BY over `m`.
MESSAGES = f"SELECT {_COLUMNS} FROM {_SOURCES} "
#: The conversations of `:me`, and the message behind which one may see them.
MINE = (
    "WITH mine(conversation, since) AS ("
    " SELECT conversation, since FROM members WHERE identity = :me"
    " UNION ALL SELECT conversation, 0 FROM lines WHERE low = :me"
    " UNION ALL SELECT conversation, 0 FROM lines WHERE high = :me AND low <> :me"
    ") "
)

# The first page lies in the conversations whose first missed messages are the oldest,
# at most one for each row; of these a page each is looked at, however much waits.
_MISSED = (
    f"{MINE}, heads(conversation, since, id) AS ("
    " SELECT conversation, since, ("
    "  SELECT one.id FROM messages AS one WHERE one.conversation = mine.conversation"
    "  AND one.id > max(:after, mine.since) ORDER BY one.id LIMIT 1"
    " ) FROM mine"
    "), oldest AS ("
    " SELECT conversation, since FROM heads WHERE id <= :upto ORDER BY id LIMIT :limit"
    f") {MESSAGES} WHERE m.id IN ("
    " SELECT page.id FROM oldest CROSS JOIN messages AS page ON page.id IN ("
    "  SELECT one.id FROM messages AS one WHERE one.conversation = oldest.conversation"
    "  AND one.id > max(:after, oldest.since) AND one.id <= :upto"
    "  ORDER BY one.id LIMIT :limit"
    " ) ORDER BY page.id LIMIT :limit"
    ") ORDER BY m.id"
)
_OLDEST = (
    f"{MESSAGES} WHERE m.conversation = ? AND m.id > ? AND m.id < ? "
    "ORDER BY m.id LIMIT ?"
)
_NEWEST = f"{MESSAGES} WHERE m.conversation = ? AND m.id < ? ORDER BY m.id DESC LIMIT ?"
_ABOVE_ALL = 2**63 - 1

_MOST_UNREAD = 1000
_CONVERSATIONS = (
    f"{MINE}, newest(conversation, since, id) AS MATERIALIZED ("
    " SELECT conversation, since, ("
    "  SELECT one.id FROM messages AS one WHERE one.conversation = mine.conversation"
    "  AND one.id > mine.since ORDER BY one.id DESC LIMIT 1"
    " ) FROM mine"
    "), page(id, since, position) AS ("
    " SELECT id, since, coalesce(("
    "  SELECT message FROM read_positions AS r"
    "  WHERE r.identity = :me AND r.conversation = newest.conversation"
    " ), 0) FROM newest WHERE id < :before ORDER BY id DESC LIMIT :limit"
    f") SELECT {_COLUMNS}, page.position, ("
    "  SELECT count(*) FROM ("
    "   SELECT 1 FROM messages AS one WHERE one.conversation = m.conversation"
    "   AND one.id > max(page.position, page.since) AND one.sender <> :me"
    f"  LIMIT {_MOST_UNREAD}"
    " )), coalesce(rooms.name, partner.name) "
    f"FROM page CROSS JOIN {_SOURCES} "
    "LEFT JOIN identities AS partner ON partner.number = lines.low + lines.high - :me "
    "WHERE m.id = page.id ORDER BY page.id DESC"
)


class SqliteReader:
    """The reader behind `Reader`; for the thread that made it."""

    __slots__ = ("_connection", "_index")

    @log
    def __init__(self, database: Path, index: Path) -> None:
        """Open the database; `index` is the file of the search."""
        self._index = index
        try:
            self._connection = connect(database, writes=False)
        except sqlite3.Error as error:
            raise _unreadable(error) from error

    @log
    def missed(
        self, identity: int, after: int, upto: int, limit: int
    ) -> list[MessageRow]:
        """Return messages of one's conversations, `after` < id <= `upto`, ascending."""
        given = {"me": identity, "after": after, "upto": upto, "limit": limit}
        return list(starmap(MessageRow, self._rows(_MISSED, given)))

    @log
    def history(
        self, conversation: int, before: int | None, after: int | None, limit: int
    ) -> tuple[list[MessageRow], bool]:
        """Return a page by ascending id, and whether more lies beyond it."""
        below = _ABOVE_ALL if before is None else before
        if after is not None:
            found = self._rows(_OLDEST, (conversation, after, below, limit + 1))
        else:
            found = self._rows(_NEWEST, (conversation, below, limit + 1))
        rows = list(starmap(MessageRow, found[:limit]))
        return rows if after is not None else rows[::-1], len(found) > limit

    @log
    def conversations(
        self, identity: int, before: int | None, limit: int
    ) -> tuple[list[LineRow], bool]:
        """Return one's conversations that have messages, the newest first."""
        below = _ABOVE_ALL if before is None else before
        given = {"me": identity, "before": below, "limit": limit + 1}
        found = self._rows(_CONVERSATIONS, given)
        rows = []
        for *row, read, unread, whom in found[:limit]:
            last = MessageRow(*row)
            rows.append(LineRow(last.conversation, whom, last, unread, read))
        return rows, len(found) > limit

    @log
    def search(
        self,
        identity: int,
        text: str,
        conversation: int | None,
        before: int | None,
        limit: int,
    ) -> Found:
        """Return messages with all the words of `text` that this person may see."""
        from server.store.search import search

        return _reading(
            lambda: search(
                self._connection,
                self._index,
                identity,
                text,
                conversation,
                before,
                limit,
            )
        )

    @log
    def password(self, identity: int) -> Secret | None:
        """Return the hash of an account's password; None where there is none."""
        statement = "SELECT password FROM accounts WHERE identity = ?"
        rows = self._rows(statement, (identity,))
        return rows[0][0] if rows else None

    @log
    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @log
    def _rows(self, statement: str, given: Any) -> list[Any]:
        return _reading(lambda: self._connection.execute(statement, given).fetchall())


@log
def _reading(ask: Callable[[], _T]) -> _T:
    """Return what `ask` returns; its errors of SQLite become ours."""
    try:
        return ask()
    except sqlite3.Error as error:
        raise _unreadable(error) from error


@log
def _unreadable(error: sqlite3.Error) -> OutOfService | StoreFailed:
    if primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(f"the database is damaged ({error}): restore a backup")
    return OutOfService("the server can't read its database now; try again later")
