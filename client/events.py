"""What a session tells its owner: small frozen objects, in the order they happened.

`number` is what the session returned for the request that is answered; 0 stands for
requests that the session made by itself. Strings from the server are as they came:
`common.safe_text.visible` belongs between them and a terminal.
"""

from __future__ import annotations

import enum

from msgspec import Struct

__all__ = [
    "Away",
    "Event",
    "Kind",
    "MessageFailed",
    "MessageReceived",
    "MessageSent",
    "Movement",
    "Notice",
    "Person",
    "ProtocolBroken",
    "RequestDone",
    "RequestFailed",
    "Room",
    "RoomsListed",
    "SessionEnded",
    "SignInRefused",
    "UsersListed",
    "Welcomed",
]


class Kind(enum.Enum):
    """What a request asks for."""

    MESSAGE = "message"
    JOIN = "join"
    LEAVE = "leave"
    USERS = "users"
    ROOMS = "rooms"


class Event(Struct, frozen=True):
    """The base of all events."""


class Welcomed(Event, frozen=True):
    """The server knows us now, as `name` (its spelling).

    `restarted` says that it is not the store of the last time: the server has begun
    anew, and rooms and unanswered messages are sent to it again.
    """

    name: str
    guest: bool
    restarted: bool
    waiting: int


class SignInRefused(Event, frozen=True):
    """The server did not take the presence; another name may be tried."""

    code: int
    reason: str


class SessionEnded(Event, frozen=True):
    """The connection is over; what is unacknowledged is kept.

    Sign in again on a new connection unless `final`: then the session is over, and
    with `replaced` it goes on elsewhere.
    """

    reason: str
    final: bool = False
    replaced: bool = False


class ProtocolBroken(Event, frozen=True):
    """What the peer said is not JIM; the session is over."""

    reason: str


class MessageReceived(Event, frozen=True):
    """A message for us, or for the room `to`; `time` is the server's, UNIX seconds."""

    sender: str
    to: str
    text: str
    time: float
    message_id: int | None = None


class MessageSent(Event, frozen=True):
    """A message of ours is stored; 202 as `code` means for later, `to` is away.

    `message_id` is None where it was stored before a broken connection.
    """

    number: int
    to: str
    text: str
    message_id: int | None = None
    code: int = 200


class MessageFailed(Event, frozen=True):
    """A message of ours was refused and reached nobody."""

    number: int
    to: str
    text: str
    reason: str
    code: int


class Movement(Event, frozen=True):
    """Somebody entered (`joined`) or left a room that we are in."""

    room: str
    name: str
    joined: bool


class Person(Struct, frozen=True, rename={"name": "account_name"}):
    """One row of a list of people."""

    name: str
    guest: bool = False
    online: bool = True
    status: str = ""


class UsersListed(Event, frozen=True):
    """The people here, or in `room`: the whole list."""

    number: int
    room: str
    users: list[Person]


class Room(Struct, frozen=True, rename={"name": "room"}):
    """One row of a list of rooms."""

    name: str
    members: int
    joined: bool = False


class RoomsListed(Event, frozen=True):
    """The rooms: the whole list."""

    number: int
    rooms: list[Room]


class RequestDone(Event, frozen=True):
    """We entered (and perhaps `created`) or left `room`."""

    number: int
    kind: Kind
    room: str
    created: bool = False


class RequestFailed(Event, frozen=True):
    """A request that is no message was refused."""

    number: int
    kind: Kind
    room: str
    reason: str
    code: int


class Notice(Event, frozen=True):
    """The server says something to everybody (100, 101), or what is wrong (4xx, 5xx).

    The latter answers no request of ours and is often its last word.
    """

    code: int
    text: str


class Away(Event, frozen=True):
    """The server can't be reached; said by the link once for each absence."""

    reason: str
