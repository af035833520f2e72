"""The rows that a store gives back, and takes. Times are UNIX seconds."""

from typing import Literal

from msgspec import Struct, field

from common.names import Name, RoomName
from common.roles import Role

__all__ = [
    "AccountRow",
    "Contents",
    "DeviceRow",
    "Found",
    "GuestRow",
    "HeadRow",
    "InviteRow",
    "LineRow",
    "MemberRow",
    "MessageRow",
    "PairRow",
    "PermitRow",
    "RoomRow",
    "SanctionRow",
    "TokenRow",
]


class AccountRow(Struct, frozen=True):
    """An account; `is_open` means that it has no password."""

    identity: int
    name: Name
    is_open: bool
    role: Role = Role.MEMBER
    seen: float | None = None
    shows_seen: bool = True
    status: str = ""
    away: bool = False


class GuestRow(Struct, frozen=True):
    """A guest bound to a device; `kept_until` (UNIX seconds) unless it was here."""

    identity: int
    name: Name
    kept_until: float | None
    status: str = ""
    away: bool = False


class RoomRow(Struct, frozen=True):
    """A room; `owner` is the account that made it, None if a guest did.

    `access` is open or invited. What is said in it is kept for `keep_days` and up to
    `keep_bytes`, where None means as long and as much as the server's settings say.
    """

    conversation: int
    name: RoomName
    owner: int | None
    access: str = "open"
    topic: str = ""
    keep_days: float | None = None
    keep_bytes: int | None = None


class MemberRow(Struct, frozen=True):
    """A membership that began behind the message `since`."""

    conversation: int
    identity: int
    since: int


class DeviceRow(Struct, frozen=True):
    """A device: what it has settled, and the last message it has (`received`)."""

    device: int
    identity: int
    digest: str
    settled: int
    refused: list[int]
    received: int
    created: float
    seen: float


class TokenRow(Struct, frozen=True):
    """A token of an account; the token itself is nowhere."""

    token: int
    identity: int
    created: float
    used: float | None
    device: int | None


class InviteRow(Struct, frozen=True):
    """An invitation; the invitation itself is nowhere. `creator` None: the server."""

    invite: int
    digest: str
    role: Role
    room: int | None
    creator: int | None
    created: float
    expires: float
    uses_left: int
    used: int = 0


class SanctionRow(Struct, frozen=True):
    """A ban or a mute, in a room (its `conversation`) or on the whole server (None).

    Of an account it holds for its `identity`; of a guest for the name and, unless it is
    loopback, for the `network` the guest came from. Without `until` it is for good.
    """

    number: int
    kind: Literal["ban", "mute"]
    conversation: int | None
    identity: int | None
    name: Name
    network: str | None
    until: float | None
    creator: int | None
    created: float
    reason: str = ""


class PermitRow(Struct, frozen=True):
    """Somebody may enter a room that is by invitation."""

    conversation: int
    identity: int


class PairRow(Struct, frozen=True):
    """`identity` has blocked `other`, or has `other` among their contacts."""

    identity: int
    other: int


class MessageRow(Struct, frozen=True, gc=False):
    """A stored message; `to` is the room or the other one of a direct line.

    What `is_hidden` was said while who asks had the sender blocked: nobody tells it.
    """

    id: int
    conversation: int
    identity: int
    sender: Name
    to: Name | RoomName
    device: int
    number: int | None
    time: float
    text: str
    is_hidden: bool = False


class LineRow(Struct, frozen=True):
    """A conversation of somebody in a list; `whom` is how that person calls it."""

    conversation: int
    whom: Name | RoomName
    last: MessageRow
    unread: int
    read: int


class Found(Struct, frozen=True):
    """What a search found, by ascending id, and how many rows it could not look at."""

    rows: list[MessageRow]
    more: bool
    lag: int


class Contents(Struct, frozen=True):
    """What a server needs to know at its start."""

    accounts: list[AccountRow] = field(default_factory=list)
    guests: list[GuestRow] = field(default_factory=list)
    rooms: list[RoomRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)
    permits: list[PermitRow] = field(default_factory=list)
    invites: list[InviteRow] = field(default_factory=list)
    sanctions: list[SanctionRow] = field(default_factory=list)
    blocks: list[PairRow] = field(default_factory=list)
    contacts: list[PairRow] = field(default_factory=list)


class HeadRow(Struct, frozen=True):
    """A conversation: its own limits, as in a RoomRow, and when its oldest was said."""

    conversation: int
    is_line: bool
    keep_days: float | None
    keep_bytes: int | None
    time: float | None
