"""How the words of messages get into an index, with as little Python as can be.

SQLite lets the interpreter go during each step of a statement: Python work between the
steps, a row at a time, makes a busy server thread wait for each (it lost 40 % of its
speed). So a text is folded by the index itself wherever that comes to the same as
`kept_words`, in one statement for many rows (3 %); only the others pass through Python:
what has pictures, a `+` or `#`, or is in a script without spaces.

A row has the words of a text and one word that names its conversation, so that the
index leaves out by itself what is said elsewhere. It keeps neither texts nor positions.
To take a row out again, as edits will, one has to say what it was made of: `INSERT INTO
t(t, rowid, words) VALUES ('delete', id, <the same words>)`.
"""

import sqlite3
import time
import unicodedata
from collections.abc import Callable
from operator import methodcaller
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from common.folding import CONVERSATION_MARK, PICTURE_MARK, PLUS_MARK, SHARP_MARK
from common.search_words import SIGNS, kept_words
from decorators import log

__all__ = [
    "LAYOUT",
    "Chosen",
    "attach",
    "choose",
    "create_words",
    "fold_chosen",
    "insert_chosen",
]

#: Changes with what stands in an index: one of another layout is made anew.
LAYOUT = f"3, Unicode {unicodedata.unidata_version}"

_OPTIONS = (
    "words, content = '', detail = none, columnsize = 0, "
    "tokenize = \"unicode61 remove_diacritics 2 categories 'L* M* N*' "
    f"tokenchars '{CONVERSATION_MARK}{PLUS_MARK}{SHARP_MARK}{PICTURE_MARK}'\""
)
# Characters that the index takes as `kept_words` does, whatever stands beside them (a
# test tries each). Fewer take less time, so the next ones are for what the first lack.
_COMMON = '\x01-"$-*,-\x7f\u0400-\u0481'  # ASCII without + and #, Cyrillic
_FAMILIAR = (
    f"{_COMMON}\x80-\xa9\xab\xac\xae-\xb1\xbb\u200e-\u205f"  # quotation marks, dashes
)
_RARER = (
    f"{_FAMILIAR}\xbf-\xde\xe0-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u01c3"
    "\u1ea0-\u1eff"  # to here Latin
    "\u048a-\u0527\u0531-\u0586\u10d0-\u10fa"  # more Cyrillic, Armenian, Georgian
    "\u05d0-\u05ea\u060c\u061b\u061f\u0621-\u063f\u0641-\u064a"  # Hebrew, Arabic
    "\u3001-\u3004\u3008-\u3020\uac00-\ud7a3"  # CJK punctuation, Hangul
)
_USUAL = (
    "(length(m.text) = length(CAST(m.text AS BLOB))"
    + "".join(f" AND instr(m.text, '{sign}') = 0" for sign in SIGNS)
    + " OR instr(m.text, char(0)) = 0 AND ("
    + " OR ".join(
        f"m.text NOT GLOB '*[^{known}]*'" for known in (_COMMON, _FAMILIAR, _RARER)
    )
    + "))"
)
_CHOOSE = (
    "INSERT INTO chosen SELECT m.id, m.conversation, m.text FROM store.messages AS m "
    "WHERE {where}"
)
_UNUSUAL = (
    "SELECT json_group_array(json_array(m.id, m.text)) FROM chosen AS m "
    f"WHERE NOT {_USUAL}"
)
_FOLD = (
    "UPDATE chosen SET text = json_extract(value, '$[1]') FROM json_each(?) "
    "WHERE chosen.id = json_extract(value, '$[0]')"
)
_INSERT = (
    f"INSERT INTO {{table}}(rowid, words) SELECT id, '{CONVERSATION_MARK}' || "
    "conversation || ' ' || replace(replace(text, 'ё', 'е'), 'Ё', 'е') "
    "FROM chosen ORDER BY id"
)
# Characters that Python folds at a time, and how long it then lets the server's thread
# have the interpreter, as a multiple of the time that it took.
_PIECE = 4096
_REST = 4


@log
def attach(connection: sqlite3.Connection, database: Path) -> None:
    """Show a connection that takes URIs the messenger's database, as `store`.

    It is read only. What is not UTF-8 there is read as U+FFFD.
    """
    connection.text_factory = methodcaller("decode", "utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("ATTACH ? AS store", (f"{database.as_uri()}?mode=ro",))
    connection.execute(
        "CREATE TEMP TABLE chosen("
        "id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, text TEXT NOT NULL)"
    )


@log
def create_words(connection: sqlite3.Connection, table: str) -> None:
    """Make an empty index of words."""
    connection.execute(f"CREATE VIRTUAL TABLE {table} USING fts5({_OPTIONS})")
    # Merged less often: a tenth less work, and a look-up takes 0.1 ms longer.
    connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('automerge', 8)")


class Chosen(NamedTuple):
    """Messages that stand in the table `chosen`: how many, which, how long."""

    rows: int
    low: int
    high: int
    characters: int


@log
def choose(
    connection: sqlite3.Connection, where: str, given: dict[str, Any]
) -> Chosen | None:
    """Choose messages for what follows; `where` is SQL over `m`, also for an order.

    They are copied, which is quick, and the messenger's database is let go of: while
    somebody reads there its log can't be begun anew.
    """
    connection.execute("DELETE FROM chosen")
    connection.execute(_CHOOSE.format(where=where), given)
    row = connection.execute(
        "SELECT count(*), min(id), max(id), sum(length(text)) FROM chosen"
    ).fetchone()
    return Chosen(*row) if row[0] else None


@log
def fold_chosen(
    connection: sqlite3.Connection, wait: Callable[[float], object] = time.sleep
) -> None:
    """Fold those of the chosen messages that the index can't.

    `wait` is called with seconds, for the server's thread to get in between.
    """
    (texts,) = connection.execute(_UNUSUAL).fetchone()
    if texts != "[]":
        connection.execute(_FOLD, (_folded(texts, wait),))


@log
def _folded(texts: str, wait: Callable[[float], object]) -> str:
    """Return a JSON array of [id, text] with the texts folded."""
    rows = msgspec.json.decode(texts, type=list[tuple[int, str]])
    done = []
    characters, started = 0, time.perf_counter()
    for number, text in rows:
        done.append((number, kept_words(text)))
        characters += len(text)
        if characters > _PIECE:
            wait(_REST * (time.perf_counter() - started))
            characters, started = 0, time.perf_counter()
    return msgspec.json.encode(done).decode()


@log
def insert_chosen(connection: sqlite3.Connection, table: str) -> None:
    """Put the words of the chosen messages, which are folded, into an index."""
    connection.execute(_INSERT.format(table=table))
