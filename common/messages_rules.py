"""JIM objects about who may do what: invitations, roles, rooms' rules, people.

Requests of clients, and what the server tells those whom it concerns. A `room` that is
absent means the whole server. `docs/protocol.md` specifies them.
"""

from msgspec import UNSET, UnsetType

from common.messages import Action, User
from common.names import Secret

__all__ = [
    "Add",
    "Ban",
    "Bans",
    "Block",
    "Blocked",
    "CreateInvite",
    "GetContacts",
    "Invite",
    "Invites",
    "Kick",
    "Mute",
    "PresenceOf",
    "Profile",
    "Redeem",
    "Remove",
    "RemoveRoom",
    "RevokeInvite",
    "RoomNews",
    "RulesRequest",
    "SetAccess",
    "SetRole",
    "SetTopic",
    "Unban",
    "Unblock",
    "Unmute",
    "Whois",
]


class CreateInvite(Action, tag="create_invite"):
    """Make an invitation to the server: 201, and it is shown this once.

    It is for `uses` accounts (1), ends after `seconds` (a day), gives them the role
    `role` (member) and makes them members of `room`.
    """

    role: str | UnsetType = UNSET
    uses: int | UnsetType = UNSET
    seconds: float | UnsetType = UNSET
    room: str | UnsetType = UNSET


class Invites(Action, tag="invites"):
    """List the invitations that are still good."""


class RevokeInvite(Action, tag="revoke_invite"):
    """Make an invitation worthless, by its number in the list."""

    invite_id: int


class Redeem(Action, tag="redeem"):
    """Take an invitation with the account that one has."""

    invite: Secret


class _OfPerson(Action, kw_only=True, rename={"by": "from"}):
    """Something done to `user`, in `room` or here; from the server: done by `by`."""

    user: User
    room: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    by: str | UnsetType = UNSET


class Invite(_OfPerson, tag="invite"):
    """Let somebody into a room that is by invitation."""


class Kick(_OfPerson, tag="kick"):
    """Take somebody out of a room, or end their sessions."""


class Ban(_OfPerson, tag="ban"):
    """Keep somebody out, for `seconds` or for good; from the server: `until`."""

    seconds: float | UnsetType = UNSET
    until: float | UnsetType = UNSET


class Mute(_OfPerson, tag="mute"):
    """Let somebody say nothing, for `seconds` or for good; from the server: `until`."""

    seconds: float | UnsetType = UNSET
    until: float | UnsetType = UNSET


class Unban(_OfPerson, tag="unban"):
    """End a ban."""


class Unmute(_OfPerson, tag="unmute"):
    """End a mute."""


class SetRole(_OfPerson, tag="role"):
    """Make somebody a member, a moderator or an owner."""

    role: str


class Bans(Action, tag="bans"):
    """List who is banned or muted."""

    room: str | UnsetType = UNSET


class SetTopic(Action, tag="topic"):
    """Say what a room is about."""

    room: str
    topic: str


class SetAccess(Action, tag="access"):
    """Open a room to everybody ("open"), or only to who is "invited"."""

    room: str
    access: str


class RemoveRoom(Action, tag="remove_room"):
    """End a room."""

    room: str


class RoomNews(Action, tag="room", rename={"by": "from"}):
    """From the server: a room has another topic or access, or was removed."""

    room: str
    by: str
    topic: str | UnsetType = UNSET
    access: str | UnsetType = UNSET
    removed: bool | UnsetType = UNSET


class Block(Action, tag="block"):
    """Hear nothing more of somebody."""

    user: User


class Unblock(Action, tag="unblock"):
    """Hear somebody again."""

    user: User


class Blocked(Action, tag="blocked"):
    """List whom one has blocked, from behind the name `after`."""

    after: str | UnsetType = UNSET


class Add(Action, tag="add"):
    """Take somebody into one's contacts; the course has forms of its own for it."""

    user: User


class Remove(Action, tag="remove"):
    """Take somebody out of one's contacts."""

    user: User


class GetContacts(Action, tag="get_contacts"):
    """List one's contacts, from behind the name `after`."""

    after: str | UnsetType = UNSET


class Profile(Action, tag="profile"):
    """Change what others see of us; what is absent stays as it is."""

    status: str | UnsetType = UNSET
    away: bool | UnsetType = UNSET
    show_seen: bool | UnsetType = UNSET


class Whois(Action, tag="whois"):
    """Ask about one person: a list with one row."""

    user: User


class PresenceOf(Action, tag="presence"):
    """From the server: a contact came, went, or has another status."""

    user: User
    online: bool
    away: bool | UnsetType = UNSET
    seen: float | UnsetType = UNSET


RulesRequest = (
    CreateInvite
    | Invites
    | RevokeInvite
    | Redeem
    | Invite
    | Kick
    | Ban
    | Mute
    | Unban
    | Unmute
    | SetRole
    | Bans
    | SetTopic
    | SetAccess
    | RemoveRoom
    | Block
    | Unblock
    | Blocked
    | Add
    | Remove
    | GetContacts
    | Profile
    | Whois
)
