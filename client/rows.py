"""Rows of the lists that a server answers with, as a session tells them.

Strings are as they came: `common.safe_text.visible` belongs before a terminal.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Conversation", "KeptMessage", "KnownDevice", "Person", "Room"]


class Person(Struct, frozen=True, rename={"name": "account_name"}):
    """One row of a list of people."""

    name: str
    guest: bool = False
    online: bool = True
    status: str = ""


class Room(Struct, frozen=True, rename={"name": "room"}):
    """One row of a list of rooms."""

    name: str
    members: int
    joined: bool = False


class KeptMessage(
    Struct, frozen=True, gc=False, rename={"sender": "from", "text": "message"}
):
    """One message of the history; `time` is the server's, UNIX seconds."""

    message_id: int
    time: float
    sender: str
    to: str
    text: str


class Conversation(Struct, frozen=True, rename={"whom": "with"}):
    """A conversation of ours: how much of it is unread, and its last message.

    `read` is the id up to which it is read; `unread` stops counting at 1,000.
    """

    whom: str
    unread: int = 0
    read: int = 0
    last: KeptMessage | None = None


class KnownDevice(Struct, frozen=True):
    """A device of our account; times in UNIX seconds, `here` is this very one."""

    device_id: int
    created: float = 0.0
    seen: float = 0.0
    online: bool = False
    here: bool = False
