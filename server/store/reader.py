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
from server.store.questions import (
    CONVERSATIONS,
    FLOOR,
    HAS_BLOCKED,
    MISSED,
    NEWEST,
    OLDEST,
)
from server.store.schema import connect

__all__ = ["SqliteReader"]

_T = TypeVar("_T")

_ABOVE_ALL = 2**63 - 1


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
        rows = self._rows(MISSED[self._has_blocked(identity)], given)
        return list(starmap(MessageRow, rows))

    @log
    def history(
        self,
        conversation: int,
        before: int | None,
        after: int | None,
        limit: int,
        identity: int | None = None,
    ) -> tuple[list[MessageRow], bool]:
        """Return a page by ascending id, and whether more lies beyond it."""
        given = {
            "conversation": conversation,
            "above": after or 0,
            "below": _ABOVE_ALL if before is None else before,
            "limit": limit + 1,
            "me": identity,
        }
        blocked = False
        if identity is not None:
            blocked = self._has_blocked(identity)
            for (floor,) in self._rows(FLOOR, given):
                given["above"] = max(after or 0, floor)
        statements = NEWEST if after is None else OLDEST
        found = self._rows(statements[blocked], given)
        rows = list(starmap(MessageRow, found[:limit]))
        return rows if after is not None else rows[::-1], len(found) > limit

    @log
    def conversations(
        self, identity: int, before: int | None, limit: int
    ) -> tuple[list[LineRow], bool]:
        """Return one's conversations that have messages, the newest first."""
        below = _ABOVE_ALL if before is None else before
        given = {"me": identity, "before": below, "limit": limit + 1}
        found = self._rows(CONVERSATIONS[self._has_blocked(identity)], given)
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
    def _has_blocked(self, identity: int) -> bool:
        return bool(self._rows(HAS_BLOCKED, (identity,)))

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
