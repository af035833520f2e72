"""What peers ask for and say: the events from a dialect to the hub."""

from msgspec import Struct

from common.names import Secret
from errors import RequestError

__all__ = [
    "AskConversations",
    "AskHistory",
    "AskSearch",
    "Authenticate",
    "ChangePassword",
    "CreateToken",
    "DeleteAccount",
    "Faulty",
    "Foreign",
    "ForgetDevice",
    "HasRead",
    "HasReceived",
    "JoinRoom",
    "LeaveRoom",
    "ListDevices",
    "ListRooms",
    "ListTokens",
    "ListUsers",
    "Quitting",
    "Register",
    "RevokeToken",
    "Said",
    "SignIn",
]


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
    """Sign in to an account; exactly one of `password` and `token` is set.

    With a token the name may be left empty: it is that of the token's owner.
    """

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
    invite: Secret | None = None


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
