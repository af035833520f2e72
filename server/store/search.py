"""Search: who may see what, and the page of messages that comes out."""

import logging
import sqlite3
from contextlib import closing, suppress
from itertools import starmap
from pathlib import Path

import msgspec

from decorators import log
from server.store.base import Found, MessageRow
from server.store.finding import Finder, IndexFailed
from server.store.index_file import is_damage
from server.store.reader import MESSAGES, MINE

__all__ = ["search"]

_logger = logging.getLogger("server.store")

_MY_CONVERSATIONS = f"{MINE}SELECT json_group_array(conversation) FROM mine"
_BOUNDS = (
    "SELECT store_id, (SELECT min(id) FROM messages), (SELECT max(id) FROM messages)"
    " FROM state"
)
_ROWS = (
    f"{MINE}{MESSAGES}WHERE m.id IN (SELECT value FROM json_each(:ids))"
    " AND m.conversation IN (SELECT conversation FROM mine) ORDER BY m.id"
)


@log
def search(
    connection: sqlite3.Connection,
    index: Path,
    identity: int,
    text: str,
    conversation: int | None,
    before: int | None,
    limit: int,
) -> Found:
    """Return messages below `before` with all the words of `text`, the newest.

    A person sees the rooms that they are in and their own direct lines. A word is found
    where it begins a word. `connection` reads the messenger's database; the file
    `index` may be missing or damaged. Raises BadRequest where `text` has no words;
    errors of `connection` come as they are.
    """
    (mine,) = connection.execute(_MY_CONVERSATIONS, {"me": identity}).fetchone()
    wanted = msgspec.json.decode(mine, type=list[int])
    if conversation is not None:
        wanted = [conversation] if conversation in wanted else []
    bounds = connection.execute(_BOUNDS).fetchone()
    database = _file_of(connection)
    try:
        found, lag = _find(database, index, wanted, text, before, bounds, limit + 1)
    except IndexFailed as failure:
        found, lag = _find(database, None, wanted, text, before, bounds, limit + 1)
        # Only now: were the query at fault, this would have failed too.
        _report(failure.error, index)
    given = {"me": identity, "ids": msgspec.json.encode(found[:limit]).decode()}
    rows = connection.execute(_ROWS, given).fetchall()
    return Found(list(starmap(MessageRow, rows)), len(found) > limit, lag)


@log
def _find(
    database: Path,
    index: Path | None,
    wanted: list[int],
    text: str,
    before: int | None,
    bounds: tuple[str, int | None, int | None],
    most: int,
) -> tuple[list[int], int]:
    """Return ids, newest first, and how many messages could not be looked at."""
    store_id, oldest, newest = bounds
    with closing(Finder(database, wanted, text)) as finder:
        if not wanted or oldest is None or newest is None:
            return [], 0
        if before is not None:
            newest = min(newest, before - 1)
        return finder.find(index, store_id, (oldest, newest), most)


@log
def _file_of(connection: sqlite3.Connection) -> Path:
    (_, _, file), *_ = connection.execute("PRAGMA database_list")
    return Path(file)


@log
def _report(error: sqlite3.Error, index: Path) -> None:
    """Say that the index failed. Its worker makes one anew where it finds none."""
    _logger.warning("the search index can't be read (%s): a part is searched", error)
    if is_damage(error):
        with suppress(OSError):
            index.unlink()
