"""How the search index forgets: parts of which much was deleted are made anew.

An index keeps no texts, so a word can't be taken out without the text it came from. A
part whose messages are all gone is dropped.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator

from decorators import log
from server.store.words import choose, create_words, fold_chosen, insert_chosen

__all__ = ["Renewal"]

# Whatever was deleted, its words are gone a day later; much of a part is gone soon.
_LONGEST_SECONDS = 86400.0
_MUCH = 4  # one in so many
# A batch takes about 40 ms, as those of `index_file.py` do.
_ROWS = 2048
_VACUUMED_PAGES = 4096

_TABLE = (
    "CREATE TABLE IF NOT EXISTS main.deleted("
    "part INTEGER PRIMARY KEY, rows INTEGER NOT NULL, since REAL NOT NULL)"
)
_NOTE = (
    "INSERT INTO deleted VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET rows = rows + excluded.rows"
)
_DUE = "SELECT part, rows FROM deleted WHERE rows >= ? OR since <= ? LIMIT 1"
_NEXT = "m.id BETWEEN :first AND :last ORDER BY m.id LIMIT :rows"
_ANY = "SELECT 1 FROM store.messages WHERE id BETWEEN ? AND ? LIMIT 1"


class Renewal:
    """Makes parts of an index anew, a batch at a time, for the thread that writes it.

    `part_size` is how many ids a part has, `parts` the numbers of those that there are.
    Errors of SQLite come as they are; what was begun is begun again.
    """

    __slots__ = ("_connection", "_done", "_part", "_part_size", "_parts", "_rows")

    @log
    def __init__(
        self, connection: sqlite3.Connection, part_size: int, parts: set[int]
    ) -> None:
        self._connection = connection
        self._part_size = part_size
        self._parts = parts
        self._part: int | None = None
        self._rows = 0
        self._done = 0
        connection.execute(_TABLE)

    @log
    def note(self, part: int, rows: int, now: float) -> None:
        """So many messages of a part were deleted; `now` is in UNIX seconds."""
        self._connection.execute(_NOTE, (part, rows, now))

    @log
    def take_batch(
        self, upto: int, now: float, wait: Callable[[float], object]
    ) -> bool:
        """Do some of what is due, and tell whether there was something.

        The messages up to `upto` are in the index. `wait` is called with seconds during
        which others shall have the interpreter.
        """
        if self._part is None:
            return self._begin(now)
        first = self._part * self._part_size
        last = min(upto, first + self._part_size - 1)
        given = {"first": max(first, self._done + 1), "last": last, "rows": _ROWS}
        chosen = choose(self._connection, _NEXT, given)
        if chosen is None:
            self._finish(self._part, first, now)
            return True
        fold_chosen(self._connection, wait)
        with self._transaction():
            insert_chosen(self._connection, "renewed")
        self._done = chosen.high
        return True

    @log
    def _begin(self, now: float) -> bool:
        given = (max(1, self._part_size // _MUCH), now - _LONGEST_SECONDS)
        due = self._connection.execute(_DUE, given).fetchone()
        if due is None:
            return False
        self._part, self._rows = due
        self._done = 0
        with self._transaction():
            self._connection.execute("DROP TABLE IF EXISTS renewed")
            create_words(self._connection, "renewed")
        return True

    @log
    def _finish(self, part: int, first: int, now: float) -> None:
        """Put what was made in the place of the part, or drop that if it is empty."""
        last = first + self._part_size - 1
        is_empty = self._connection.execute(_ANY, (first, last)).fetchone() is None
        with self._transaction():
            if part in self._parts:
                self._connection.execute(f"DROP TABLE words_{part}")
            if is_empty or part not in self._parts:
                self._connection.execute("DROP TABLE renewed")
                self._connection.execute("DELETE FROM parts WHERE number = ?", (part,))
            else:
                rename = f"ALTER TABLE renewed RENAME TO words_{part}"
                self._connection.execute(rename)
            # What was deleted meanwhile may be in it: that waits for its own day.
            self._connection.execute(
                "UPDATE deleted SET rows = rows - ?, since = ? WHERE part = ?",
                (self._rows, now, part),
            )
            self._connection.execute("DELETE FROM deleted WHERE rows <= 0")
        if is_empty:
            self._parts.discard(part)
        self._part = None
        # As a script, because of the row without columns that it has for each page.
        vacuum = f"PRAGMA main.incremental_vacuum({_VACUUMED_PAGES})"
        self._connection.executescript(vacuum)

    @log
    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._part = None
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
