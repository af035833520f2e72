"""The vocabulary between dialects and the hub: what was asked, what is to be told.

No JSON, no bytes, no sockets. What one session says to one addressee in one go travels
as one event with a list of texts, so a burst costs one call, not one per message.
"""

from typing import NewType

from msgspec import Struct, field

from common.limits import Limits
from common.names import Name, RoomName
from errors import RequestError

__all__ = [
    "Accepted",
    "Delivery",
    "Done",
    "Duplicate",
    "Event",
    "Faulty",
    "Foreign",
    "Goodbye",
    "JoinRoom",
    "LeaveRoom",
    "ListRooms",
    "ListUsers",
    "Movement",
    "Notice",
    "Outgoing",
    "Probing",
    "Quitting",
    "Refused",
    "RoomEntry",
    "RoomList",
    "Said",
    "Secret",
    "SignIn",
    "UserEntry",
    "UserList",
    "Welcome",
]

#: A device's id, a guest's only proof of who it is: the call log never shows it.
Secret = NewType("Secret", str)

# ------------------------------------------------------------ from a dialect


class SignIn(Struct):
    """A presence: who it is, and with which device (None: one of this connection)."""

    name: str
    status: str = ""
    device: Secret | None = None
    request: int | None = None


class Said(Struct, gc=False):  # these three are many, and never part of a cycle
    """Texts for one addressee, in order; `numbers` are the device's own, if it counts.

    Either all texts are numbered or `numbers` is None.
    """

    to: str
    texts: list[str]
    numbers: list[int] | None = None


class JoinRoom(Struct):
    """Enter a room."""

    room: str
    request: int | None = None


class LeaveRoom(Struct):
    """Leave a room."""

    room: str
    request: int | None = None


class ListRooms(Struct):
    """List rooms, from behind `after`, at most `limit` (None: as many as fit)."""

    request: int | None = None
    after: str | None = None
    limit: int | None = None


class ListUsers(Struct):
    """List the people here, or those in `room`."""

    room: str | None = None
    request: int | None = None
    after: str | None = None
    limit: int | None = None


class Quitting(Struct):
    """The peer says goodbye."""


class Faulty(Struct):
    """Something that is no request; `number` is set where it was a numbered message."""

    error: RequestError
    request: int | None = None
    number: int | None = None
    fatal: bool = False


class Foreign(Struct):
    """The peer speaks a protocol that has no door here yet."""

    protocol: str


Event = (
    SignIn
    | Said
    | JoinRoom
    | LeaveRoom
    | ListRooms
    | ListUsers
    | Quitting
    | Faulty
    | Foreign
)

# -------------------------------------------------------------- to a dialect


class Welcome(Struct):
    """The session is signed in; what its client needs to go on."""

    name: Name
    guest: bool
    store: str
    last_id: int
    device_seq: int
    refused: list[int]
    limits: Limits
    request: int | None = None


class Accepted(Struct, gc=False):
    """Messages are stored under `first_id` and the ids after it, one per text."""

    numbers: list[int] | None
    first_id: int
    count: int
    code: int = 200


class Duplicate(Struct):
    """The message of this number is stored already; `message_id` where it is known."""

    number: int
    message_id: int | None


class Delivery(Struct, gc=False):
    """Texts from one sender to one addressee, with ids from `first_id` on.

    `forms` keeps what a dialect has made of it, so that a room's members share it.
    """

    sender: Name
    to: Name | RoomName
    texts: list[str]
    first_id: int
    forms: dict[str, bytes] = field(default_factory=dict)


class Refused(Struct):
    """A request was refused; the session goes on."""

    error: RequestError
    request: int | None = None


class Done(Struct):
    """A request was carried out."""

    request: int | None = None
    created: bool = False


class Movement(Struct):
    """Somebody entered or left a room that the reader is in; `forms` as above."""

    entered: bool
    room: RoomName
    name: Name
    forms: dict[str, bytes] = field(default_factory=dict)


class RoomEntry(Struct):
    """A row of a list of rooms."""

    room: RoomName
    members: int
    joined: bool


class UserEntry(Struct):
    """A row of a list of people."""

    name: Name
    status: str
    guest: bool
    online: bool


class RoomList(Struct):
    """Rooms in the order of their names; `more` if it does not end here."""

    entries: list[RoomEntry]
    more: bool
    request: int | None = None


class UserList(Struct):
    """People in the order of their names; `more` if it does not end here."""

    entries: list[UserEntry]
    more: bool
    request: int | None = None


class Notice(Struct):
    """The server has something to say to everybody (code 100 or 101)."""

    code: int
    text: str


class Probing(Struct):
    """Does the peer still live?"""


class Goodbye(Struct):
    """The last thing said before the connection is closed, and why."""

    error: RequestError


Outgoing = (
    Welcome
    | Accepted
    | Duplicate
    | Delivery
    | Refused
    | Done
    | Movement
    | RoomList
    | UserList
    | Notice
    | Probing
    | Goodbye
)
