"""What was said, row by row, for who may read everything."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from common.names import fold
from decorators import log
from errors import NoSuchName, NoSuchRoom
from server.store.outside import reading, trouble
from server.store.questions import MESSAGES

__all__ = ["export"]

# Somebody who is here, else all who had the name and are gone.
_PEOPLE = (
    "SELECT number FROM identities WHERE folded = :name AND (kind <> 'former') = ("
    " SELECT count(*) > 0 FROM identities WHERE folded = :name AND kind <> 'former')"
)
_ROOMS = (
    "SELECT conversation FROM rooms WHERE folded = :name AND ended = ("
    " SELECT count(*) = 0 FROM rooms WHERE folded = :name AND ended = 0)"
)
# What they said, what was said to them, and what was said in their rooms; of a room by
# invitation since they are in it.
_OF_PEOPLE = (
    "(m.sender IN (SELECT value FROM json_each(:people))"
    " OR m.conversation IN (SELECT l.conversation FROM lines AS l"
    "  JOIN json_each(:people) ON value IN (l.low, l.high))"
    " OR EXISTS (SELECT 1 FROM members AS mine"
    "  JOIN rooms AS r ON r.conversation = mine.conversation"
    "  WHERE mine.conversation = m.conversation"
    "  AND mine.identity IN (SELECT value FROM json_each(:people))"
    "  AND (r.access = 'open' OR m.id > mine.since)))"
)
_OF_ROOMS = "m.conversation IN (SELECT value FROM json_each(:rooms))"
_ALL = f"{MESSAGES} WHERE {{where}} ORDER BY m.id"


@log
def export(
    folder: Path, person: str | None = None, room: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield messages of a data folder by ascending id, as of one moment.

    Those of the conversations of `person` (somebody who is gone, if nobody has the
    name now), or of `room`; of both, what that person may read there. Raises
    NoSuchName, NoSuchRoom, Refused or StoreFailed.
    """
    path = folder / "messenger.db"
    with reading(folder) as connection:
        try:
            yield from _rows(connection, person, room)
        except sqlite3.Error as error:
            raise trouble(path, error) from error


@log
def _rows(
    connection: sqlite3.Connection, person: str | None, room: str | None
) -> Iterator[dict[str, Any]]:
    wheres, given = ["1"], {}
    if person is not None:
        given["people"] = _numbers(connection, _PEOPLE, person)
        if given["people"] == "[]":
            raise NoSuchName(person)
        wheres.append(_OF_PEOPLE)
    if room is not None:
        given["rooms"] = _numbers(connection, _ROOMS, room)
        if given["rooms"] == "[]":
            raise NoSuchRoom(room)
        wheres.append(_OF_ROOMS)
    statement = _ALL.format(where=" AND ".join(wheres))
    for row in connection.execute(statement, given):
        yield _entry(*row)


@log
def _numbers(connection: sqlite3.Connection, statement: str, name: str) -> str:
    """Return the numbers that a name stands for, as a JSON array."""
    rows = connection.execute(statement, {"name": fold(name)})
    return msgspec.json.encode([number for (number,) in rows]).decode()


@log
def _entry(
    message_id: int,
    conversation: int,
    sender: int,
    name: str,
    whom: str,
    device: int,
    number: int | None,
    time: float,
    text: str,
) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "time": time,
        "from": name,
        "to": whom,
        "conversation": "room" if whom.startswith("#") else "direct",
        "text": text,
    }
