"""What peers are told: the events from the hub to a dialect."""

from typing import Any, Literal

from msgspec import Struct, field

from common.limits import Limits
from common.names import Name, RoomName, Secret
from errors import RequestError

__all__ = [
    "Accepted",
    "Administered",
    "CaughtUp",
    "ConversationEntry",
    "ConversationList",
    "Delivery",
    "DeviceEntry",
    "DeviceList",
    "Done",
    "Duplicate",
    "Goodbye",
    "InviteEntry",
    "InviteList",
    "InviteMade",
    "KeptMessage",
    "MessageList",
    "Movement",
    "Notice",
    "PresenceTold",
    "Probing",
    "Receipt",
    "Refused",
    "Registered",
    "RoomChanged",
    "RoomEntry",
    "RoomList",
    "Ruling",
    "SanctionEntry",
    "SanctionList",
    "TokenEntry",
    "TokenList",
    "UserEntry",
    "UserList",
    "Welcome",
]


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
    keeps_history: bool = False
    role: str = "guest"
    fingerprint: str | None = None


class Accepted(Struct, gc=False):
    """Messages are stored under `first_id` and the ids after it, one per text.

    `readers` other sessions get them at once.
    """

    numbers: list[int] | None
    first_id: int
    count: int
    code: int = 200
    readers: int = 0


class Duplicate(Struct):
    """The message of this number is stored already; `message_id` where it is known."""

    number: int
    message_id: int | None


class Delivery(Struct, gc=False):
    """Texts from one sender to one addressee, with ids from `first_id` on.

    `conversation`, `identity` and `device` are the store's numbers of the
    conversation, the sender and its device (0: one that is not kept). `numbers` are
    the device's own; `shows_numbers` in a replay to that very device. `time` (UNIX
    seconds) is when it was stored. `forms` keeps what a dialect has made of it, so
    that a room's members share it.
    """

    sender: Name
    to: Name | RoomName
    texts: list[str]
    first_id: int
    conversation: int = 0
    identity: int = 0
    device: int = 0
    numbers: list[int] | None = None
    shows_numbers: bool = False
    time: float = 0.0
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
    topic: str = ""
    access: str = "open"
    owner: Name | None = None


class UserEntry(Struct):
    """A row of a list of people; `seen` (UNIX seconds) where it may be shown."""

    name: Name
    status: str
    guest: bool
    online: bool
    role: str = "guest"
    away: bool = False
    seen: float | None = None


class RoomList(Struct):
    """Rooms in the order of their names; `more` if it does not end here."""

    entries: list[RoomEntry]
    more: bool
    request: int | None = None


class UserList(Struct):
    """People in the order of their names; `more` if it does not end here.

    `is_chosen`: they are not all whom one may write to, but those asked for by name.
    """

    entries: list[UserEntry]
    more: bool
    request: int | None = None
    is_chosen: bool = False


class Notice(Struct):
    """The server has something to say to everybody (code 100 or 101)."""

    code: int
    text: str


class CaughtUp(Struct):
    """All that was missed has been said, up to `last_id`; now it goes on live."""

    last_id: int


class Registered(Struct):
    """The account is made; its token is shown this once (none: an open account).

    `name` is told where it may be another one than was asked for.
    """

    token: Secret | None = None
    token_id: int | None = None
    request: int | None = None
    name: Name | None = None


class Receipt(Struct):
    """`reader` has got (or `read`) all of a conversation up to `message_id`.

    `whom` is the conversation as the reader calls it.
    """

    read: bool
    reader: Name
    whom: Name | RoomName
    message_id: int


class KeptMessage(Struct, gc=False):
    """A stored message as a row of a list; `number` where the asking device sent it."""

    message_id: int
    time: float
    sender: Name
    to: Name | RoomName
    text: str
    number: int | None = None


class MessageList(Struct):
    """Messages by ascending id; where it is `more`, `before` or `after` goes on.

    `newest_kept`: what does not fit into one answer is left out at the old end
    (`before` goes on there), else at the new one (`after`). `lag` is how many stored
    messages a search could not look at yet.
    """

    entries: list[KeptMessage]
    more: bool
    newest_kept: bool = True
    lag: int = 0
    request: int | None = None


class ConversationEntry(Struct):
    """A row of a list of conversations; `unread` counts up to 1,000."""

    whom: Name | RoomName
    last: KeptMessage
    unread: int
    read: int


class ConversationList(Struct):
    """Conversations, the one with the newest message first."""

    entries: list[ConversationEntry]
    more: bool
    request: int | None = None


class TokenEntry(Struct):
    """A row of a list of tokens; times are UNIX seconds.

    Unless it is used before it is good `until` then, else until it is revoked.
    """

    token_id: int
    created: float
    used: float | None
    device_id: int | None
    until: float | None = None


class DeviceEntry(Struct):
    """A row of a list of devices; `here` is the one that asks.

    It may have a `token`, good as in a TokenEntry.
    """

    device_id: int
    created: float
    seen: float
    online: bool
    here: bool
    token: bool = False
    token_until: float | None = None


class TokenList(Struct):
    """The tokens of an account."""

    entries: list[TokenEntry]
    request: int | None = None


class DeviceList(Struct):
    """The devices of an account."""

    entries: list[DeviceEntry]
    request: int | None = None


class Probing(Struct):
    """Does the peer still live?"""


class Goodbye(Struct):
    """The last thing said before the connection is closed, and why."""

    error: RequestError


class InviteMade(Struct):
    """An invitation, shown this once; it ends at `expires` (UNIX seconds).

    `place` is the line that joins without the invitation, for who can't know it.
    """

    invite: Secret
    invite_id: int
    expires: float
    request: int | None = None
    place: str | None = None


class InviteEntry(Struct):
    """A row of a list of invitations; times are UNIX seconds."""

    invite_id: int
    role: str
    created: float
    expires: float
    uses_left: int
    used: int
    room: RoomName | None = None
    creator: Name | None = None


class InviteList(Struct):
    """The invitations that are still good."""

    entries: list[InviteEntry]
    request: int | None = None


class SanctionEntry(Struct):
    """A row of a list of bans and mutes; without `until` it is for good."""

    kind: Literal["ban", "mute"]
    name: Name
    room: RoomName | None
    until: float | None
    creator: Name | None
    reason: str


class SanctionList(Struct):
    """Who is banned or muted."""

    entries: list[SanctionEntry]
    request: int | None = None


class Ruling(Struct):
    """Somebody with a right to it has done something to `name`; `room` None: here.

    `what` is kick, ban, unban, mute, unmute, invite, role. It is told to the one whom
    it concerns and, where it is of a room, to its members.
    """

    what: str
    name: Name
    room: RoomName | None
    by: Name
    reason: str = ""
    until: float | None = None
    role: str | None = None
    forms: dict[str, bytes] = field(default_factory=dict)


class RoomChanged(Struct):
    """A room that the reader is in has another topic or access, or was `removed`."""

    room: RoomName
    by: Name
    topic: str | None = None
    access: str | None = None
    removed: bool = False
    forms: dict[str, bytes] = field(default_factory=dict)


class PresenceTold(Struct):
    """Somebody came or went; without `has_moved` only their status is another."""

    name: Name
    status: str
    online: bool
    away: bool
    seen: float | None = None
    has_moved: bool = True
    forms: dict[str, bytes] = field(default_factory=dict)


class Administered(Struct):
    """The answer to a command of the owner's shell: `result` is plain JSON.

    One that `changes` something may be told only where that was stored.
    """

    result: Any
    request: int | None = None
    changes: bool = False
