"""The file of the search index: made, opened, fed and made anew by one thread alone."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from decorators import log
from server.store.failures import primary_code
from server.store.files import create_private
from server.store.index_renewal import Renewal
from server.store.words import (
    LAYOUT,
    Chosen,
    attach,
    choose,
    create_words,
    fold_chosen,
    insert_chosen,
)

__all__ = ["PART", "IndexFile", "is_damage", "remove"]

#: Messages, by their ids, in one index of words. Several bounded ones instead of one:
#: a search of the newest is over soon, and merging an index never takes long.
PART = 500_000

# What one batch may hold: it takes 40 ms, of which the main database is read for 3.
# Shorter ones would ask for the interpreter more often.
_FIRST_ROWS, _MOST_ROWS = 64, 4096
_MOST_CHARACTERS = 256 * 1024

_TABLES = """
CREATE TABLE about(store_id TEXT NOT NULL, layout TEXT NOT NULL, upto INTEGER NOT NULL);
CREATE TABLE parts(number INTEGER PRIMARY KEY);
"""
_FIRST = "SELECT min(id) FROM store.messages WHERE id > ?"
_NEXT = "m.id BETWEEN :first AND :last ORDER BY m.id LIMIT :rows"
# Errors that say nothing against the file: they pass, or somebody has to mend them.
_PASSING = frozenset(
    {
        0,  # not of SQLite
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


class IndexFile:
    """An open index; messages up to the id `upto` are in it.

    Errors of SQLite come as they are. `interrupt` alone may be called by any thread.
    """

    __slots__ = ("_connection", "_parts", "_path", "_renewal", "_rows", "_seen", "upto")

    @log
    def __init__(self, path: Path, database: Path) -> None:
        """Open the index of the messages in `database`; make it if there is none.

        One that belongs to another store, or has another layout, is made anew.
        """
        self._path = path
        self.upto = 0
        self._parts: set[int] = set()
        self._rows = _FIRST_ROWS
        self._connect(database)
        try:
            if not self._is_usable():
                self._connection.close()
                remove(path)
                self._connect(database)
                self._begin_anew()
            self._renewal = Renewal(self._connection, PART, self._parts)
            self._seen = self._look()
        except BaseException:
            self._connection.close()
            raise

    @log
    def _connect(self, database: Path) -> None:
        create_private(self._path)
        self._connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",
            uri=True,
            timeout=0.5,
            isolation_level=None,
        )
        try:
            attach(self._connection, database)
            # Possible only before the first table.
            self._connection.execute("PRAGMA main.auto_vacuum = INCREMENTAL")
            self._connection.execute("PRAGMA main.journal_mode = WAL")
            # Nothing is synced for each transaction: what a power cut takes back is
            # indexed again.
            self._connection.execute("PRAGMA main.synchronous = NORMAL")
        except BaseException:
            self._connection.close()
            raise

    @log
    def _is_usable(self) -> bool:
        """Tell whether it is the index of these messages; if so, take it as it is."""
        if not self._connection.execute("SELECT 1 FROM main.sqlite_schema").fetchone():
            return False
        found = self._connection.execute(
            "SELECT upto FROM about, store.state AS state"
            " WHERE about.store_id = state.store_id AND layout = ?"
            " AND upto <= state.last_message",
            (LAYOUT,),
        ).fetchone()
        if found:
            (self.upto,) = found
            parts = self._connection.execute("SELECT number FROM parts").fetchall()
            self._parts = {number for (number,) in parts}
        return found is not None

    @log
    def _begin_anew(self) -> None:
        self._connection.execute("BEGIN")
        for statement in filter(str.strip, _TABLES.split(";")):
            self._connection.execute(statement)
        self._connection.execute(
            "INSERT INTO about SELECT store_id, ?, 0 FROM store.state", (LAYOUT,)
        )
        self._connection.execute("COMMIT")

    @log
    def take_batch(self, wait: Callable[[float], object]) -> bool:
        """Index the next messages, a bounded number; tell whether there were any.

        `wait` is called with seconds during which others shall have the interpreter.
        """
        chosen = self._choose()
        if chosen is None:
            return False
        part = chosen.low // PART
        fold_chosen(self._connection, wait)
        try:
            self._connection.execute("BEGIN")
            if part not in self._parts:
                create_words(self._connection, f"words_{part}")
                self._connection.execute("INSERT INTO parts VALUES (?)", (part,))
            insert_chosen(self._connection, f"words_{part}")
            self._connection.execute("UPDATE about SET upto = ?", (chosen.high,))
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        self._parts.add(part)
        self.upto = chosen.high
        return True

    @log
    def note_deleted(self, part: int, rows: int, now: float) -> None:
        """So many messages of a part were deleted; `now` is in UNIX seconds."""
        self._renewal.note(part, rows, now)

    @log
    def forget_batch(self, now: float, wait: Callable[[float], object]) -> bool:
        """Do some of what it takes to forget what was deleted; tell whether it was due.

        `wait` is as in `take_batch`.
        """
        return self._renewal.take_batch(self.upto, now, wait)

    @log
    def _choose(self) -> Chosen | None:
        """Choose the next messages, all of one part."""
        (first,) = self._connection.execute(_FIRST, (self.upto,)).fetchone()
        if first is None:
            return None
        last = (first // PART + 1) * PART - 1
        while True:
            given = {"first": first, "last": last, "rows": self._rows}
            chosen = choose(self._connection, _NEXT, given)
            if chosen is None or chosen.characters <= _MOST_CHARACTERS // 2:
                self._rows = min(2 * self._rows, _MOST_ROWS)
                return chosen
            if chosen.characters <= _MOST_CHARACTERS or self._rows == 1:
                return chosen
            self._rows //= 2

    @log
    def is_in_place(self) -> bool:
        """Tell whether the file at our path is still this one."""
        try:
            return self._look() == self._seen
        except FileNotFoundError:
            return False

    @log
    def _look(self) -> tuple[int, int]:
        status = os.stat(self._path)
        return status.st_dev, status.st_ino

    @log
    def interrupt(self) -> None:
        """Make what is under way fail soon."""
        with contextlib.suppress(sqlite3.ProgrammingError):  # closed meanwhile
            self._connection.interrupt()

    @log
    def close(self) -> None:
        """Let go of the file, tidily also after an interruption."""
        with contextlib.suppress(sqlite3.Error):
            # An interruption is over when the next statement begins.
            self._connection.execute("SELECT 1").fetchone()
        self._connection.close()


@log
def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an index that gave this error has to be made anew."""
    return primary_code(error) not in _PASSING


@log
def remove(path: Path) -> None:
    """Remove an index; who still reads it is not disturbed."""
    for one in (path, *(path.with_name(f"{path.name}-{end}") for end in _BESIDE)):
        one.unlink(missing_ok=True)


_BESIDE = ("wal", "shm")
