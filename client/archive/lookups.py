"""Everything that is read from an archive."""

from __future__ import annotations

import sqlite3

from client.events import Kind
from client.keeping import Kept
from client.outbox import Pending
from client.rows import KeptMessage
from common.names import Name, RoomName, Secret, fold
from common.search_words import begins_word, kept_words, sought_words
from decorators import log

__all__ = ["Found", "find_messages", "read_kept", "read_names", "read_page"]

#: Messages of a page, the newest first, each with its position in the archive.
Found = list[tuple[int, KeptMessage]]

_NEWEST_FIRST = (
    "SELECT position, id, time, sender, recipient, text FROM messages WHERE {}"
    " ORDER BY store DESC, id DESC LIMIT ?"
)
_BELOW = "(store, id) < (SELECT store, id FROM messages WHERE position = ?)"
_OF_CONVERSATION = "conversation = (SELECT number FROM conversations WHERE key = ?)"


@log
def read_kept(database: sqlite3.Connection) -> Kept | None:
    """Return the device as it was left; None where none is kept yet."""
    row = database.execute(
        "SELECT device.id, last_number, account, stores.store, since, origin,"
        " (SELECT max(id) FROM messages WHERE messages.store = device.store)"
        " FROM device LEFT JOIN stores ON stores.number = device.store"
    ).fetchone()
    if row is None:
        return None
    device, last_number, account, store, since, origin, newest = row
    waiting = [
        Pending(number, Kind.MESSAGE, recipient, text, time, wire)
        for number, wire, recipient, time, text in database.execute(
            "SELECT number, wire, recipient, time, text FROM outbox ORDER BY number"
        )
    ]
    return Kept(
        Secret(device),
        not account,
        last_number,
        store or "",
        since,
        newest or 0,
        waiting,
        origin,
    )


@log
def read_page(
    database: sqlite3.Connection,
    whom: Name | RoomName | str,
    before: int | None,
    count: int,
) -> Found:
    """Return at most `count` messages of a conversation, below a position."""
    return _rows(database, whom, before, count)


@log
def find_messages(
    database: sqlite3.Connection,
    text: str,
    whom: Name | RoomName | str | None,
    before: int | None,
    count: int,
) -> Found:
    """Return at most `count` messages that hold all the words of `text`.

    Each has to begin a word there, as in a server's search.
    """
    words = sought_words(text)
    if not words:
        return []

    def holds(other: str) -> bool:
        kept = kept_words(other)
        return all(begins_word(word, kept) for word in words)

    # Looked at one after the other: an index would cost more, with every message that
    # comes, than a search now and then.
    database.create_function("holds", 1, holds, deterministic=True)
    return _rows(database, whom, before, count, "holds(text)")


@log
def read_names(database: sqlite3.Connection, count: int) -> list[str]:
    """Return whom was talked with, the latest first."""
    rows = database.execute(
        "SELECT whom FROM conversations JOIN messages ON position = (SELECT position"
        " FROM messages WHERE conversation = number"
        " ORDER BY store DESC, id DESC LIMIT 1)"
        " ORDER BY store DESC, id DESC LIMIT ?",
        (count,),
    )
    return [whom for (whom,) in rows]


@log
def _rows(
    database: sqlite3.Connection,
    whom: Name | RoomName | str | None,
    before: int | None,
    count: int,
    condition: str = "1",
) -> Found:
    """Return at most `count` messages, the newest first."""
    conditions, values = [condition], list[str | int]()
    if before:
        conditions.insert(0, _BELOW)
        values.append(before)
    if whom:
        conditions.insert(0, _OF_CONVERSATION)
        values.insert(0, fold(whom))
    query = _NEWEST_FIRST.format(" AND ".join(conditions))
    return [
        (position, KeptMessage(*fields))
        for position, *fields in database.execute(query, (*values, count))
    ]
