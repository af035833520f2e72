"""Finds messages by their words, newest first.

What is in the index is asked of the index; what is not in it yet gets an index of its
own, in memory, for the time of the search: so words mean the same everywhere.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from common.folding import CONVERSATION_MARK
from common.search_words import sought_words
from decorators import log
from errors import BadRequest
from server.store.index_file import PART
from server.store.words import (
    LAYOUT,
    attach,
    choose,
    create_words,
    fold_chosen,
    insert_chosen,
)

__all__ = ["Finder", "IndexFailed", "Sight"]

# Messages that are looked through without an index, how many at a time, and after how
# many characters no more of them: a second.
_MOST_UNINDEXED, _CHUNK_ROWS = 10_000, 250
_MOST_CHARACTERS = 4 * 1024 * 1024
# The index is asked for the longest words, which are the rarest; where there are more,
# what it finds is looked through. The first letter of everything takes 50 ms a part.
_MOST_ASKED = 4
# The index leaves out other conversations when it is told which are wanted, 0.1 ms for
# each of them: in vain where the words are rare. So of more than a few it is told only
# where the first candidates are from elsewhere, and of too many never.
_FEW, _MANY = 8, 200
_FIRST_CANDIDATES = 1000
_MORE_CANDIDATES = 10  # times as many as before

# Of a message `m`. The plus keeps SQLite from going conversation by conversation.
_SEEN = (
    "+m.conversation IN (SELECT conversation FROM wanted WHERE since < m.id)"
    " AND NOT coalesce((SELECT coalesce(until >= m.id, 1) FROM blocked"
    "  WHERE other = m.sender AND since < m.id ORDER BY since DESC LIMIT 1), 0)"
)
_CHUNK = f"m.id BETWEEN :low AND :high AND {_SEEN} ORDER BY m.id DESC LIMIT :rows"
_THESE = "m.id IN (SELECT value FROM json_each(:ids))"
_MATCHES = (
    "SELECT json_group_array(id) FROM ("
    " SELECT rowid AS id FROM looked WHERE looked MATCH ? ORDER BY rowid DESC)"
)
_HAS_TABLES = "SELECT 1 FROM search.sqlite_schema WHERE name = 'about'"
_UPTO = "SELECT upto FROM search.about WHERE store_id = ? AND layout = ?"
_PARTS = "SELECT number FROM search.parts WHERE number <= ? ORDER BY number DESC"
_CANDIDATES = (
    "SELECT count(*), min(found.id), json_group_array(found.id) FILTER ("
    f" WHERE {_SEEN}"
    ") FROM ("
    " SELECT rowid AS id FROM search.{table} WHERE {table} MATCH ? AND rowid <= ?"
    " ORDER BY rowid DESC LIMIT ?"
    ") AS found LEFT JOIN store.messages AS m ON m.id = found.id"
)


class Sight(NamedTuple):
    """What somebody may see: conversations, each behind a message; and whom not.

    Of a person in `blocked` it hides the messages behind the first up to the second, or
    all behind the first.
    """

    wanted: Mapping[int, int]
    blocked: Sequence[tuple[int, int, int | None]]


class IndexFailed(Exception):
    """The index can't be used; `error` says why."""

    @log
    def __init__(self, error: sqlite3.Error) -> None:
        super().__init__(error)
        self.error = error


class Finder:
    """One search: a database in memory, with the files that it reads beside it."""

    __slots__ = ("_connection", "_wanted", "_words")

    @log
    def __init__(self, database: Path, sight: Sight, text: str) -> None:
        """Look within `sight` for the words of `text`.

        Raises BadRequest where there are no words.
        """
        self._wanted = list(sight.wanted)
        self._connection = sqlite3.connect(
            ":memory:", uri=True, timeout=0.5, isolation_level=None
        )
        try:
            attach(self._connection, database)
            self._remember(sight)
            create_words(self._connection, "looked")
            self._words = self._split(text)
        except BaseException:
            self._connection.close()
            raise

    @log
    def _remember(self, sight: Sight) -> None:
        self._connection.execute(
            "CREATE TABLE wanted("
            "conversation INTEGER PRIMARY KEY, since INTEGER NOT NULL)"
        )
        self._connection.execute(
            "INSERT INTO wanted SELECT json_extract(value, '$[0]'),"
            " json_extract(value, '$[1]') FROM json_each(?)",
            (_json([*sight.wanted.items()]),),
        )
        self._connection.execute(
            "CREATE TABLE blocked(other INTEGER, since INTEGER, until INTEGER,"
            " PRIMARY KEY (other, since)) WITHOUT ROWID"
        )
        self._connection.execute(
            "INSERT INTO blocked SELECT json_extract(value, '$[0]'),"
            " json_extract(value, '$[1]'), json_extract(value, '$[2]')"
            " FROM json_each(?)",
            (_json(sight.blocked),),
        )

    @log
    def _split(self, text: str) -> list[str]:
        """Return the words of a text, as the index has them, the longest first."""
        self._connection.execute(
            "INSERT INTO looked(rowid, words) VALUES (1, ?)",
            (" ".join(sought_words(text)),),
        )
        self._connection.execute(
            "CREATE VIRTUAL TABLE terms USING fts5vocab(looked, row)"
        )
        terms = self._connection.execute("SELECT json_group_array(term) FROM terms")
        words = msgspec.json.decode(terms.fetchone()[0], type=list[str])
        if not words:
            raise BadRequest("a search needs a word of letters or digits, or a picture")
        return sorted(words, key=len, reverse=True)

    @log
    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()

    @log
    def find(
        self, index: Path | None, store_id: str, bounds: tuple[int, int], most: int
    ) -> tuple[list[int], int]:
        """Return ids within `bounds`, newest first, and how many were not looked at.

        With an index any error of SQLite may be the index's fault: it raises
        IndexFailed, and another finder has to go without.
        """
        oldest, newest = bounds
        try:
            upto = self._open(index, store_id) if index else 0
            found, lag = self._look_through(max(upto + 1, oldest), newest, most)
            if len(found) < most and upto:
                found += self._ask(min(upto, newest), most - len(found))
        except sqlite3.Error as error:
            if index is None:
                raise
            raise IndexFailed(error) from error
        return found[:most], lag

    # ------------------------------------------------ what is not in the index

    @log
    def _look_through(self, low: int, high: int, most: int) -> tuple[list[int], int]:
        """As `find`, for the messages from `low` to `high`, without the index."""
        floor = max(low, high - _MOST_UNINDEXED + 1)
        room = _MOST_CHARACTERS
        found: list[int] = []
        while high >= floor and len(found) < most:
            if room <= 0:
                floor = high + 1
                break
            given = {"low": floor, "high": high, "rows": _CHUNK_ROWS}
            chosen = choose(self._connection, _CHUNK, given)
            if chosen is None:
                break
            found += self._matching()
            high = chosen.low - 1
            room -= chosen.characters
        return found, max(0, floor - low)

    @log
    def _matching(self) -> list[int]:
        """Return those of the chosen messages that have all the words."""
        self._connection.execute("INSERT INTO looked(looked) VALUES ('delete-all')")
        fold_chosen(self._connection)
        insert_chosen(self._connection, "looked")
        found = self._connection.execute(_MATCHES, (_all_of(self._words),))
        return msgspec.json.decode(found.fetchone()[0], type=list[int])

    # ---------------------------------------------------- what is in the index

    @log
    def _open(self, index: Path, store_id: str) -> int:
        """Open the index; return the last message that is in it, 0 if it has none."""
        if not index.exists():
            return 0
        self._connection.execute("ATTACH ? AS search", (f"{index.as_uri()}?mode=ro",))
        if not self._connection.execute(_HAS_TABLES).fetchone():
            return 0
        upto = self._connection.execute(_UPTO, (store_id, LAYOUT)).fetchone()
        return upto[0] if upto else 0

    @log
    def _ask(self, high: int, most: int) -> list[int]:
        """Return the newest ids up to `high` of messages that have all the words."""
        found: list[int] = []
        for ids in self._candidates(high):
            for start in range(0, len(ids), _CHUNK_ROWS):
                found += self._confirmed(ids[start : start + _CHUNK_ROWS])
                if len(found) >= most:
                    return found
        return found

    @log
    def _candidates(self, high: int) -> Iterator[list[int]]:
        """Yield ids of messages that have the rarest words, newest first."""
        words = _all_of(self._words[:_MOST_ASKED])
        here = f"({words}) AND ({_said_in(self._wanted[:_MANY])})"
        parts = self._connection.execute(_PARTS, (high // PART,)).fetchall()
        for (part,) in parts:
            statement = _CANDIDATES.format(table=f"words_{part}")
            match = here if len(self._wanted) <= _FEW else words
            below, most, seen = high, _FIRST_CANDIDATES, _FIRST_CANDIDATES
            while True:
                row = self._connection.execute(statement, (match, below, most))
                seen, lowest, ids = row.fetchone()
                yield msgspec.json.decode(ids, type=list[int])
                if seen < most:
                    break
                below, most = lowest - 1, most * _MORE_CANDIDATES
                if len(self._wanted) <= _MANY:
                    match = here

    @log
    def _confirmed(self, ids: list[int]) -> list[int]:
        """Return those that have the other words too."""
        if len(self._words) <= _MOST_ASKED:
            return ids
        choose(self._connection, _THESE, {"ids": _json(ids)})
        return self._matching()


@log
def _json(rows: Sequence[Any]) -> str:
    return msgspec.json.encode(rows).decode()


@log
def _all_of(words: Sequence[str]) -> str:
    """Return the query for texts in which each of `words` begins a word."""
    return " AND ".join(f'"{word}"*' for word in words)


@log
def _said_in(conversations: Sequence[int]) -> str:
    return " OR ".join(f'"{CONVERSATION_MARK}{number}"' for number in conversations)
