"""Look up the recipients of one message, and which of their devices have it.

From another process than the server's, which may be running. No text is read.
"""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from decorators import log
from errors import Refused
from server.store.outside import reading, trouble

__all__ = ["HasIt", "Reader", "Traced", "trace"]

_MESSAGE = (
    "SELECT m.id, m.time, m.conversation, m.sender, m.sender_name, "
    "coalesce(rooms.name, addressee.name, ''), m.device, m.number, length(m.text) "
    "FROM messages AS m LEFT JOIN rooms ON rooms.conversation = m.conversation "
    "LEFT JOIN lines ON lines.conversation = m.conversation "
    "LEFT JOIN identities AS addressee "
    "ON addressee.number = lines.low + lines.high - m.sender WHERE m.id = ?"
)
# Who is in the conversation now: who has left it meanwhile stands nowhere.
_READERS = (
    "WITH there(identity, since) AS ("
    " SELECT identity, since FROM members WHERE conversation = :conversation"
    " UNION ALL SELECT low, 0 FROM lines WHERE conversation = :conversation"
    " UNION ALL SELECT high, 0 FROM lines WHERE conversation = :conversation"
    "  AND high <> low"
    ") SELECT there.identity, i.name, there.since, i.kind, coalesce(("
    "  SELECT coalesce(b.until >= :id, 1) FROM blocks AS b"
    "  WHERE b.identity = there.identity AND b.other = :sender AND b.since < :id"
    "  ORDER BY b.since DESC LIMIT 1), 0), coalesce(r.message, 0) >= :id "
    "FROM there JOIN identities AS i ON i.number = there.identity "
    "LEFT JOIN read_positions AS r ON r.identity = there.identity"
    " AND r.conversation = :conversation ORDER BY i.name, there.identity"
)
_DEVICES = (
    "SELECT number, received, seen FROM devices WHERE identity = ? ORDER BY number"
)


class HasIt(NamedTuple):
    """A device, whether it has said that it has the message, and when it was here."""

    device: int
    has_it: bool
    seen: float


class Reader(NamedTuple):
    """Somebody who is in the conversation: `since` is the message they came behind."""

    identity: int
    name: str
    since: int
    kind: str
    had_blocked: bool
    has_read: bool
    devices: list[HasIt]


class Traced(NamedTuple):
    """A message without its text, and for whom it was."""

    message_id: int
    time: float
    conversation: int
    sender: int
    sender_name: str
    to: str
    device: int
    number: int | None
    characters: int
    readers: list[Reader]


@log
def trace(folder: Path, message_id: int) -> Traced:
    """Return what a data folder knows of a message.

    Raises Refused with the reason where there is none of this id, or StoreFailed.
    """
    with reading(folder) as connection:
        try:
            row = connection.execute(_MESSAGE, (message_id,)).fetchone()
            if row is None:
                raise _missing(connection, message_id)
            given = {"id": row[0], "conversation": row[2], "sender": row[3]}
            readers = [
                Reader(identity, name, since, kind, bool(had_blocked), bool(read), [])
                for identity, name, since, kind, had_blocked, read in (
                    connection.execute(_READERS, given).fetchall()
                )
            ]
            for reader in readers:
                devices = connection.execute(_DEVICES, (reader.identity,))
                reader.devices.extend(
                    HasIt(number, received >= message_id, seen)
                    for number, received, seen in devices
                )
        except sqlite3.Error as error:
            raise trouble(folder / "messenger.db", error) from error
    return Traced._make([*row, readers])


@log
def _missing(connection: sqlite3.Connection, message_id: int) -> Refused:
    (last,) = connection.execute("SELECT last_message FROM state").fetchone()
    if message_id > last:
        return Refused(f"there is no message {message_id} yet: the last one is {last}")
    return Refused(
        f"message {message_id} is not in the database: it was deleted by age or size "
        "(keep_days, keep_mbytes), or it was never stored and its sender got 500"
    )
