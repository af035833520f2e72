"""What a session tells its owner: small frozen objects, in the order they happened.

`number` is what the session returned for the request that is answered; 0 stands for
requests that the session made by itself. Strings from the server are as they came:
`common.safe_text.visible` belongs between them and a terminal.
"""

from __future__ import annotations

from msgspec import Struct

from client.kinds import Kind
from client.rows import Conversation, KeptMessage, KnownDevice, Person, Room
from common.names import Secret

__all__ = [
    "Away",
    "CaughtUp",
    "Conversation",
    "ConversationsListed",
    "DevicesListed",
    "Event",
    "HistoryListed",
    "KeptMessage",
    "Kind",
    "KnownDevice",
    "MessageFailed",
    "MessageReceived",
    "MessageSent",
    "Movement",
    "Notice",
    "Person",
    "ProtocolBroken",
    "ReceiptReceived",
    "Registered",
    "RequestDone",
    "RequestFailed",
    "Room",
    "RoomsListed",
    "SearchDone",
    "ServerUnknown",
    "SessionEnded",
    "SignInRefused",
    "TokenMade",
    "UsersListed",
    "Welcomed",
]


class Event(Struct, frozen=True):
    """The base of all events."""


class Welcomed(Event, frozen=True):
    """The server knows us now, as `name` (its spelling).

    `restarted` says that it is not the store of the last time: the server has begun
    anew, and rooms and unanswered messages are sent to it again. Where it
    `keeps_history` all that was missed follows, and then CaughtUp. What it
    says of its certificate is the `fingerprint`, which proves nothing.
    """

    name: str
    guest: bool
    restarted: bool
    waiting: int
    keeps_history: bool = False
    fingerprint: str = ""


class CaughtUp(Event, frozen=True):
    """All up to `last_id` has come; `missed` messages of it were said in our absence.

    What follows is said just now.
    """

    last_id: int
    missed: int


class SignInRefused(Event, frozen=True):
    """The server did not take the sign-in; another name may be tried.

    401: the name is an account's, give credentials. 402: they are wrong. 429: too
    many attempts, none is looked at for `retry_after` seconds.
    """

    code: int
    reason: str
    retry_after: float = 0.0


class SessionEnded(Event, frozen=True):
    """The connection is over; what is unacknowledged is kept.

    Sign in again on a new connection unless `final`: then the session is over, and
    with `replaced` it goes on elsewhere. With `signed_out` this device's token is worth
    nothing any more: it was signed out, or the account was deleted; `asked` says that
    we asked for it. With `barred` somebody with a right to it has put us out.
    """

    reason: str
    final: bool = False
    replaced: bool = False
    signed_out: bool = False
    asked: bool = False
    barred: bool = False


class ProtocolBroken(Event, frozen=True):
    """What the peer said is not JIM; the session is over."""

    reason: str


class ServerUnknown(Event, frozen=True):
    """A server is met for the first time, and nothing was said to it yet.

    Somebody may say that the certificate of this `fingerprint` is the right one.
    """

    fingerprint: str
    reason: str


class MessageReceived(Event, frozen=True):
    """A message for us, or for the room `to`; `time` is the server's, UNIX seconds.

    With ourselves as `sender` it was said on another device of ours. `missed` ones
    were said before this sign-in.
    """

    sender: str
    to: str
    text: str
    time: float
    message_id: int | None = None
    missed: bool = False


class ReceiptReceived(Event, frozen=True):
    """`reader` has all of a conversation up to `message_id`, on a device or `read`.

    `whom` is the conversation as `reader` calls it: a direct line by our name.
    """

    read: bool
    reader: str
    whom: str
    message_id: int


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


class UsersListed(Event, frozen=True):
    """The people here, or in `room`: the whole list."""

    number: int
    room: str
    users: list[Person]


class RoomsListed(Event, frozen=True):
    """The rooms: the whole list."""

    number: int
    rooms: list[Room]


class HistoryListed(Event, frozen=True):
    """One page of a conversation, the oldest message first.

    With `more` there are others; those before these are got with this `before`.
    """

    number: int
    whom: str
    messages: list[KeptMessage]
    more: bool = False
    before: int = 0


class ConversationsListed(Event, frozen=True):
    """Our conversations, the latest first: the whole list."""

    number: int
    rows: list[Conversation]


class SearchDone(Event, frozen=True):
    """The newest messages that hold all the words of `text`, the oldest first.

    With `more`, older ones are got with this `before`. `lag` messages could not be
    looked at yet.
    """

    number: int
    text: str
    messages: list[KeptMessage]
    more: bool = False
    before: int = 0
    lag: int = 0
    whom: str = ""


class Registered(Event, frozen=True):
    """The name is an account's now; `token` is empty where it has no password."""

    number: int
    token: Secret
    token_id: int


class TokenMade(Event, frozen=True):
    """A token, which is shown this once."""

    number: int
    token: Secret
    token_id: int


class DevicesListed(Event, frozen=True):
    """The devices of our account: the whole list."""

    number: int
    devices: list[KnownDevice]


class RequestDone(Event, frozen=True):
    """A request is done whose answer says no more than that.

    Of JOIN and LEAVE `room` is the room, perhaps `created`; of READ the conversation.
    """

    number: int
    kind: Kind
    room: str
    created: bool = False


class RequestFailed(Event, frozen=True):
    """A request that is no message was refused.

    `room` is the room or conversation that it was about, if any. With 429 it may be
    asked again after `retry_after` seconds.
    """

    number: int
    kind: Kind
    room: str
    reason: str
    code: int
    retry_after: float = 0.0


class Notice(Event, frozen=True):
    """The server says something to everybody (100, 101), or what is wrong (4xx, 5xx).

    The latter answers no request of ours and is often its last word.
    """

    code: int
    text: str


class Away(Event, frozen=True):
    """The server can't be reached; said by the link once for each absence."""

    reason: str
