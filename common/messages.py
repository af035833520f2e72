"""JIM objects as both sides speak them: requests of clients, answers of servers.

Canonical forms only; `docs/protocol.md` specifies them. Python names differ from the
wire where the wire's are keywords or too vague: `sender` is `from`, `text` is
`message`. Absent optional fields are UNSET and are not encoded.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from common.names import Secret

__all__ = [
    "UNSET",
    "Action",
    "Answer",
    "Authenticate",
    "ChangePassword",
    "Conversations",
    "CreateToken",
    "DeleteAccount",
    "Delivered",
    "Devices",
    "ForgetDevice",
    "GetUsers",
    "History",
    "Join",
    "Leave",
    "Message",
    "Presence",
    "Probe",
    "Quit",
    "Read",
    "Received",
    "Register",
    "Request",
    "RevokeToken",
    "Rooms",
    "Search",
    "SessionInfo",
    "Stored",
    "Tokens",
    "User",
]


class User(Struct, omit_defaults=True, kw_only=True):
    """The person of a request: a name, and what course clients add to it."""

    account_name: str
    status: str | UnsetType = UNSET
    pubkey: Any = UNSET
    password: Secret | UnsetType = UNSET
    token: Secret | UnsetType = UNSET


class Action(Struct, tag_field="action", omit_defaults=True, kw_only=True):
    """What every action has: `time` in UNIX seconds, and the request's own number."""

    time: float | UnsetType = UNSET
    id: int | UnsetType = UNSET


class Presence(Action, tag="presence"):
    """Sign in, or say again that one is here; the answer to a probe too."""

    user: User
    type: str | UnsetType = UNSET
    device: Secret | UnsetType = UNSET
    store: str | UnsetType = UNSET
    since: int | UnsetType = UNSET


class Authenticate(Action, tag="authenticate"):
    """Sign in to an account by password or token; answered as a presence is."""

    user: User
    device: Secret | UnsetType = UNSET
    store: str | UnsetType = UNSET
    since: int | UnsetType = UNSET


class Register(Action, tag="register"):
    """Make an account of a name: 201 with a token, or without a password none.

    Without a password the account is open: a plain presence signs in to it. Where the
    server asks for an invitation, `invite` is one.
    """

    user: User
    invite: Secret | UnsetType = UNSET


class Message(
    Struct,
    tag="msg",
    tag_field="action",
    rename={"sender": "from", "text": "message"},
    omit_defaults=True,
    gc=False,
):
    """A text for a person or a #room, as sent and as delivered.

    `sender` is filled by the server in what it delivers; what a client claims there is
    ignored. `message_id` stands only in what is delivered.
    """

    time: float
    to: str
    sender: str
    encoding: str
    text: str
    id: int | UnsetType = UNSET
    message_id: int | UnsetType = UNSET


class Join(Action, tag="join"):
    """Enter a room, making it if it is unknown; from the server: `user` entered."""

    room: str
    user: User | UnsetType = UNSET


class Leave(Action, tag="leave"):
    """Leave a room; from the server: `user` left."""

    room: str
    user: User | UnsetType = UNSET


class Rooms(Action, tag="rooms"):
    """List the rooms, from behind the name `after`, at most `limit`."""

    after: str | UnsetType = UNSET
    limit: int | UnsetType = UNSET


class GetUsers(Action, tag="get_users"):
    """List the people here, or in `room`."""

    room: str | UnsetType = UNSET
    after: str | UnsetType = UNSET
    limit: int | UnsetType = UNSET


class Probe(Action, tag="probe"):
    """The server asks whether the client still lives."""


class Quit(Action, tag="quit"):
    """Leave; there is no answer."""


class History(Action, tag="history", rename={"whom": "with"}):
    """Messages of one conversation, below `before` or above `after`."""

    whom: str
    before: int | UnsetType = UNSET
    after: int | UnsetType = UNSET
    limit: int | UnsetType = UNSET


class Conversations(Action, tag="conversations"):
    """One's conversations by their last message, the newest first; below `before`."""

    before: int | UnsetType = UNSET
    limit: int | UnsetType = UNSET


class Search(Action, tag="search", rename={"whom": "with"}):
    """Messages that hold all the words of `text`, the newest; below `before`."""

    text: str
    whom: str | UnsetType = UNSET
    before: int | UnsetType = UNSET
    limit: int | UnsetType = UNSET


class Received(Action, tag="received"):
    """This device has every message up to `message_id`; answered if it has an `id`."""

    message_id: int


class Read(Action, tag="read", rename={"whom": "with", "reader": "from"}):
    """All up to `message_id` has been read; answered if it has an `id`.

    With `private` only one's own devices are told. From the server: `reader` has read.
    """

    whom: str
    message_id: int
    private: bool | UnsetType = UNSET
    reader: str | UnsetType = UNSET


class Delivered(Action, tag="delivered", rename={"whom": "with", "reader": "from"}):
    """From the server: a device of `reader` has all up to `message_id`."""

    reader: str
    whom: str
    message_id: int


class CreateToken(Action, tag="create_token"):
    """Ask for a token of one's account: 201, and it is shown this once."""


class Tokens(Action, tag="tokens"):
    """List the tokens of one's account."""


class RevokeToken(Action, tag="revoke_token"):
    """Make a token worthless, by its number in the list."""

    token_id: int


class Devices(Action, tag="devices"):
    """List the devices of one's account."""


class ForgetDevice(Action, tag="forget_device"):
    """Sign a device out, by its number in the list, and revoke its tokens."""

    device_id: int


class ChangePassword(Action, tag="change_password"):
    """Change one's password; all other devices are signed out."""

    password: Secret
    new_password: Secret


class DeleteAccount(Action, tag="delete_account"):
    """Give up one's account: the name is free, what was said stays."""

    password: Secret | UnsetType = UNSET


Request = (
    Presence
    | Authenticate
    | Register
    | Message
    | Join
    | Leave
    | Rooms
    | GetUsers
    | History
    | Conversations
    | Search
    | Received
    | Read
    | CreateToken
    | Tokens
    | RevokeToken
    | Devices
    | ForgetDevice
    | ChangePassword
    | DeleteAccount
    | Probe
    | Quit
)


class SessionInfo(Struct, kw_only=True):
    """What a client learns when it has signed in."""

    name: str
    guest: bool
    store: str
    last_id: int
    role: str = "guest"
    keeps_history: bool = False
    device_seq: int = 0
    refused: list[int] = msgspec.field(default_factory=list)
    limits: dict[str, float] = msgspec.field(default_factory=dict)
    fingerprint: str | UnsetType = UNSET


class Stored(Struct, omit_defaults=True, gc=False):
    """The answer to a message that is stored: the commonest answer, so a small one."""

    response: int
    time: float
    message_id: int
    id: int | UnsetType = UNSET


class Answer(Struct, omit_defaults=True):
    """An answer or a notice of the server; `response` is its code."""

    response: int
    time: float | UnsetType = UNSET
    id: int | UnsetType = UNSET
    message_id: int | UnsetType = UNSET
    alert: str | UnsetType = UNSET
    error: str | UnsetType = UNSET
    session: SessionInfo | UnsetType = UNSET
    data_list: list[Any] | UnsetType = UNSET
    last_id: int | UnsetType = UNSET
    token: Secret | UnsetType = UNSET
    token_id: int | UnsetType = UNSET
    lag: int | UnsetType = UNSET
    invite: Secret | UnsetType = UNSET
    invite_id: int | UnsetType = UNSET
    expires: float | UnsetType = UNSET
    place: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET
    created: bool | UnsetType = UNSET
    duplicate: bool | UnsetType = UNSET
    replaced: bool | UnsetType = UNSET
    settled: str | UnsetType = UNSET
    more: bool | UnsetType = UNSET
    after: str | int | UnsetType = UNSET
    before: int | UnsetType = UNSET
    limit: int | UnsetType = UNSET
