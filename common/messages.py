"""JIM objects as both sides speak them: requests of clients, answers of servers.

Canonical forms only; `docs/protocol.md` specifies them. Python names differ from the
wire where the wire's are keywords or too vague: `sender` is `from`, `text` is
`message`. Absent optional fields are UNSET and are not encoded.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

__all__ = [
    "UNSET",
    "Answer",
    "GetUsers",
    "Join",
    "Leave",
    "Message",
    "Presence",
    "Probe",
    "Quit",
    "Request",
    "Rooms",
    "SessionInfo",
    "Stored",
    "User",
]


class User(Struct, omit_defaults=True, kw_only=True):
    """The person of a request: a name, and what course clients add to it."""

    account_name: str
    status: str | UnsetType = UNSET
    pubkey: Any = UNSET


class Action(Struct, tag_field="action", omit_defaults=True, kw_only=True):
    """What every action has: `time` in UNIX seconds, and the request's own number."""

    time: float | UnsetType = UNSET
    id: int | UnsetType = UNSET


class Presence(Action, tag="presence"):
    """Sign in, or say again that one is here; the answer to a probe too."""

    user: User
    type: str | UnsetType = UNSET
    device: str | UnsetType = UNSET
    store: str | UnsetType = UNSET
    since: int | UnsetType = UNSET


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


Request = Presence | Message | Join | Leave | Rooms | GetUsers | Probe | Quit


class SessionInfo(Struct, kw_only=True):
    """What a client learns when it has signed in."""

    name: str
    guest: bool
    store: str
    last_id: int
    device_seq: int = 0
    refused: list[int] = msgspec.field(default_factory=list)
    limits: dict[str, float] = msgspec.field(default_factory=dict)


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
    created: bool | UnsetType = UNSET
    duplicate: bool | UnsetType = UNSET
    replaced: bool | UnsetType = UNSET
    settled: str | UnsetType = UNSET
    more: bool | UnsetType = UNSET
    after: str | UnsetType = UNSET
    limit: int | UnsetType = UNSET
