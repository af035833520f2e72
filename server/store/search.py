"""Search: who may see what, and the page of messages that comes out."""

import logging
import sqlite3
from contextlib import closing, suppress
from itertools import starmap
from pathlib import Path

import msgspec

from decorators import log
from server.store.base import Found, MessageRow
from server.store.finding import Finder, IndexFailed, Sight
from server.store.index_file import is_damage
from server.store.questions import MESSAGES, MINE

__all__ = ["search"]

_logger = logging.getLogger("server.store")

# What I may see, and behind which message: of a room by invitation what was said since
# I was let in.
_MY_CONVERSATIONS = (
    f"{MINE}SELECT json_group_array(json_array(mine.conversation,"
    " CASE access WHEN 'invited' THEN since ELSE 0 END))"
    " FROM mine LEFT JOIN rooms ON rooms.conversation = mine.conversation"
)
_MY_BLOCKS = (
    "SELECT json_group_array(json_array(other, since, until)) FROM blocks"
    " WHERE identity = :me"
)
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

    A person sees the rooms that they are in and their own direct lines, without what
    somebody said while blocked. A word is found where it begins a word. `connection`
    reads the messenger's database; the file `index` may be missing or damaged. Raises
    BadRequest where `text` has no words; errors of `connection` come as they are.
    """
    sight = _sight(connection, identity, conversation)
    bounds = connection.execute(_BOUNDS).fetchone()
    database = _file_of(connection)
    try:
        found, lag = _find(database, index, sight, text, before, bounds, limit + 1)
    except IndexFailed as failure:
        found, lag = _find(database, None, sight, text, before, bounds, limit + 1)
        # Only now: were the query at fault, this would have failed too.
        _report(failure.error, index)
    given = {"me": identity, "ids": msgspec.json.encode(found[:limit]).decode()}
    rows = connection.execute(_ROWS, given).fetchall()
    return Found(list(starmap(MessageRow, rows)), len(found) > limit, lag)


@log
def _sight(
    connection: sqlite3.Connection, identity: int, conversation: int | None
) -> Sight:
    """Return what somebody may see, in one conversation or in all of theirs."""
    given = {"me": identity}
    (mine,) = connection.execute(_MY_CONVERSATIONS, given).fetchone()
    (blocks,) = connection.execute(_MY_BLOCKS, given).fetchone()
    wanted = dict(msgspec.json.decode(mine, type=list[tuple[int, int]]))
    if conversation is not None:
        wanted = {one: wanted[one] for one in wanted if one == conversation}
    return Sight(
        wanted, msgspec.json.decode(blocks, type=list[tuple[int, int, int | None]])
    )


@log
def _find(
    database: Path,
    index: Path | None,
    sight: Sight,
    text: str,
    before: int | None,
    bounds: tuple[str, int | None, int | None],
    most: int,
) -> tuple[list[int], int]:
    """Return ids, newest first, and how many messages could not be looked at."""
    store_id, oldest, newest = bounds
    with closing(Finder(database, sight, text)) as finder:
        if not sight.wanted or oldest is None or newest is None:
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
