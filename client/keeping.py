"""What outlives a session: what an archive gives it at first, and is given to keep.

The session itself touches no file. Whoever drives it takes `changes` after each call
and lets a Keeper write them down, before the bytes of `data_to_send` leave and before
the events are shown: then a number is never used twice, and what was shown is kept
(docs/client.md).
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct, field

from client.outbox import Pending
from client.rows import KeptMessage
from common.names import Name, Secret

__all__ = ["Changes", "Keeper", "Kept"]


class Kept(Struct):
    """A device as it was left: what a session begins with.

    `since` is the last message id of the id space `store` that the device has; `newest`
    the largest of a message that came. `waiting` are messages without an answer, and
    those with a `wire_id` may have reached the server. `origin` is where it was kept
    (client/machine.py).
    """

    device: Secret = Secret("")
    guest: bool = True
    last_number: int = 0
    store: str = ""
    since: int | None = None
    newest: int = 0
    waiting: list[Pending] = field(default_factory=list)
    origin: str = ""


class Changes(Struct):
    """What is to be kept now, all of it or nothing.

    `outbox` holds by their numbers the messages that wait or were sent (as they are
    now), and None for what is settled.
    """

    name: Name | str
    guest: bool
    last_number: int
    store: str
    since: int | None
    outbox: dict[int, Pending | None]
    messages: list[KeptMessage]


class Keeper(Protocol):
    """Where a session's changes are kept."""

    def keep(self, changes: Changes) -> None:
        """Write `changes` down before this returns; never raises."""
