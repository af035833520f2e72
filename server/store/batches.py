"""The messages of a turn, and the numbers their senders gave them, as rows."""

import sqlite3
from collections.abc import Collection, Sequence
from itertools import chain, repeat
from typing import Any

import msgspec

from decorators import log
from server.events import Delivery
from server.store.base import NumberedDevice

__all__ = ["insert_messages", "settle_devices"]

_COLUMNS = "id, conversation, sender, sender_name, device, number, time, text"
# Many rows in one statement: less work for each, and while worker threads run, the
# interpreter is let go of, and fought for, once in so many rows.
_ROWS = 64
_ROW = f"({', '.join('?' * (_COLUMNS.count(',') + 1))})"
_INSERT_ONE = f"INSERT INTO messages({_COLUMNS}) VALUES {_ROW}"
_INSERT_MANY = _INSERT_ONE + f", {_ROW}" * (_ROWS - 1)
_SETTLE = "UPDATE devices SET settled = ?, refused = ? WHERE number = ?"

_UNNUMBERED = repeat(None)
_flat = chain.from_iterable


@log
def insert_messages(
    connection: sqlite3.Connection, batch: Sequence[Delivery], time: float
) -> None:
    """Add the messages of a batch, stored at `time`."""
    rows = [
        (
            message_id,
            one.conversation,
            one.identity,
            one.sender,
            one.device,
            number,
            time,
            text,
        )
        for one in batch
        for message_id, (text, number) in enumerate(
            zip(one.texts, one.numbers or _UNNUMBERED, strict=False),
            one.first_id,
        )
    ]
    whole = len(rows) // _ROWS * _ROWS
    for start in range(0, whole, _ROWS):
        connection.execute(_INSERT_MANY, list(_flat(rows[start : start + _ROWS])))
    if whole < len(rows):
        connection.executemany(_INSERT_ONE, rows[whole:])


@log
def settle_devices(
    connection: sqlite3.Connection, devices: Collection[NumberedDevice]
) -> None:
    """Write down which numbers of these devices are settled, and which refused."""
    connection.executemany(_SETTLE, map(_numbers, devices))


@log
def _numbers(device: NumberedDevice) -> tuple[Any, ...]:
    refused = device.refused()
    return (
        device.settled,
        msgspec.json.encode(refused).decode() if refused else "[]",
        device.row,
    )
