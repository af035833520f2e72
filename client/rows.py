"""Rows of the lists that a server answers with, as a session tells them.

Strings are as they came: `common.safe_text.visible` belongs before a terminal.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "Conversation",
    "InviteRow",
    "KeptMessage",
    "KnownDevice",
    "Person",
    "Room",
    "Sanction",
]


class Person(Struct, frozen=True, rename={"name": "account_name"}):
    """One row of a list of people; `seen` (UNIX seconds) where it may be known."""

    name: str
    guest: bool = False
    online: bool = True
    status: str = ""
    role: str = ""
    away: bool = False
    seen: float | None = None


class Room(Struct, frozen=True, rename={"name": "room"}):
    """One row of a list of rooms."""

    name: str
    members: int
    joined: bool = False
    topic: str = ""
    access: str = "open"
    owner: str = ""


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
    """A device of our account; times in UNIX seconds, `here` is this very one.

    Its `token` is good until `token_until` unless it is used, else until it is revoked.
    """

    device_id: int
    created: float = 0.0
    seen: float = 0.0
    online: bool = False
    here: bool = False
    token: bool = False
    token_until: float | None = None


class InviteRow(Struct, frozen=True, rename={"by": "creator"}):
    """An invitation that is still good; times in UNIX seconds."""

    invite_id: int
    role: str = ""
    created: float = 0.0
    expires: float = 0.0
    uses_left: int = 0
    used: int = 0
    room: str = ""
    by: str = ""


class Sanction(
    Struct, frozen=True, rename={"what": "kind", "name": "account_name", "by": "from"}
):
    """A ban or a mute; without `until` (UNIX seconds) it is for good."""

    what: str
    name: str
    room: str = ""
    until: float | None = None
    by: str = ""
    reason: str = ""
