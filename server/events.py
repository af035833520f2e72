"""The vocabulary between dialects and the hub: what was asked, what is to be told.

No JSON, no bytes, no sockets. What one session says to one addressee in one go travels
as one event with a list of texts, so a burst costs one call, not one per message.
"""

from msgspec import Struct, field

from common.limits import Limits
from common.names import Name, RoomName, Secret
from errors import RequestError

__all__ = [
    "Accepted",
    "AskConversations",
    "AskHistory",
    "AskSearch",
    "Authenticate",
    "CaughtUp",
    "ChangePassword",
    "ConversationEntry",
    "ConversationList",
    "CreateToken",
    "DeleteAccount",
    "Delivery",
    "DeviceEntry",
    "DeviceList",
    "Done",
    "Duplicate",
    "Event",
    "Faulty",
    "Foreign",
    "ForgetDevice",
    "Goodbye",
    "HasRead",
    "HasReceived",
    "JoinRoom",
    "KeptMessage",
    "LeaveRoom",
    "ListDevices",
    "ListRooms",
    "ListTokens",
    "ListUsers",
    "MessageList",
    "Movement",
    "Notice",
    "Outgoing",
    "Probing",
    "Quitting",
    "Receipt",
    "Refused",
    "Register",
    "Registered",
    "RevokeToken",
    "RoomEntry",
    "RoomList",
    "Said",
    "SignIn",
    "TokenEntry",
    "TokenList",
    "UserEntry",
    "UserList",
    "Welcome",
]

# ------------------------------------------------------------ from a dialect


class SignIn(Struct):
    """A presence: who it is, and with which device (None: one of this connection).

    `since` is the last message that the device has of the id space `store`.
    """

    name: str
    status: str = ""
    device: Secret | None = None
    request: int | None = None
    store: str | None = None
    since: int | None = None


class Authenticate(Struct):
    """Sign in to an account; exactly one of `password` and `token` is set."""

    name: str
    password: Secret | None = None
    token: Secret | None = None
    device: Secret | None = None
    request: int | None = None
    store: str | None = None
    since: int | None = None


class Register(Struct):
    """Make an account; without a password it is open to a plain presence."""

    name: str
    password: Secret | None = None
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


class AskHistory(Struct):
    """Messages of one conversation, below `before` or above `after`."""

    whom: str
    before: int | None = None
    after: int | None = None
    limit: int | None = None
    request: int | None = None


class AskConversations(Struct):
    """One's conversations by their last message, newest first, below `before`."""

    before: int | None = None
    limit: int | None = None
    request: int | None = None


class AskSearch(Struct):
    """Messages that hold all words of `text`, the newest, below `before`."""

    text: str
    whom: str | None = None
    before: int | None = None
    limit: int | None = None
    request: int | None = None


class HasReceived(Struct):
    """The session's device has every message up to `message_id`."""

    message_id: int
    request: int | None = None


class HasRead(Struct):
    """All of a conversation up to `message_id` is read; `private`: tell nobody else."""

    whom: str
    message_id: int
    private: bool = False
    request: int | None = None


class CreateToken(Struct):
    """Make a token of one's account."""

    request: int | None = None


class ListTokens(Struct):
    """List the tokens of one's account."""

    request: int | None = None


class RevokeToken(Struct):
    """Make a token worthless."""

    token_id: int
    request: int | None = None


class ListDevices(Struct):
    """List the devices of one's account."""

    request: int | None = None


class ForgetDevice(Struct):
    """Sign a device of one's account out, for good."""

    device_id: int
    request: int | None = None


class ChangePassword(Struct):
    """Change one's password."""

    password: Secret
    new_password: Secret
    request: int | None = None


class DeleteAccount(Struct):
    """Give up one's account."""

    password: Secret | None = None
    request: int | None = None


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
    | Authenticate
    | Register
    | Said
    | JoinRoom
    | LeaveRoom
    | ListRooms
    | ListUsers
    | AskHistory
    | AskConversations
    | AskSearch
    | HasReceived
    | HasRead
    | CreateToken
    | ListTokens
    | RevokeToken
    | ListDevices
    | ForgetDevice
    | ChangePassword
    | DeleteAccount
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
    keeps_history: bool = False


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


class CaughtUp(Struct):
    """All that was missed has been said, up to `last_id`; now it goes on live."""

    last_id: int


class Registered(Struct):
    """The account is made; its token is shown this once (none: an open account)."""

    token: Secret | None = None
    token_id: int | None = None
    request: int | None = None


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
    """A row of a list of tokens; times are UNIX seconds."""

    token_id: int
    created: float
    used: float | None
    device_id: int | None


class DeviceEntry(Struct):
    """A row of a list of devices; `here` is the one that asks."""

    device_id: int
    created: float
    seen: float
    online: bool
    here: bool


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
    | MessageList
    | ConversationList
    | TokenList
    | DeviceList
    | Registered
    | Receipt
    | CaughtUp
    | Notice
    | Probing
    | Goodbye
)
