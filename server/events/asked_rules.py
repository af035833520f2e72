"""What peers ask about who may do what: invitations, roles, rooms' rules, people.

Names and rooms are as the peer spelled them. A `room` of None means the whole server.
"""

from typing import Any, Literal

from msgspec import Struct

from common.names import Secret

__all__ = [
    "AddContact",
    "Administer",
    "AskPerson",
    "Block",
    "InviteToRoom",
    "Kick",
    "ListBlocked",
    "ListContacts",
    "ListInvites",
    "ListSanctions",
    "MakeInvite",
    "Pardon",
    "Redeem",
    "RemoveContact",
    "RemoveRoom",
    "RevokeInvite",
    "Sanction",
    "SetAccess",
    "SetProfile",
    "SetRole",
    "SetTopic",
    "Unblock",
]


class MakeInvite(Struct):
    """Make an invitation to the server, for `uses` new accounts of this role.

    It ends after `seconds` (None: a day). Who takes it also becomes a member of `room`.
    """

    role: str = "member"
    uses: int = 1
    seconds: float | None = None
    room: str | None = None
    request: int | None = None


class ListInvites(Struct):
    """List the invitations that are still good."""

    request: int | None = None


class RevokeInvite(Struct):
    """Make an invitation worthless, by its number in the list."""

    invite_id: int
    request: int | None = None


class Redeem(Struct):
    """Take an invitation with the account that one has: role, if higher, and room."""

    invite: Secret
    request: int | None = None


class InviteToRoom(Struct):
    """Let somebody into a room that is by invitation."""

    room: str
    name: str
    request: int | None = None


class Kick(Struct):
    """Take somebody out of a room, or end all their sessions; they may come back."""

    name: str
    room: str | None = None
    reason: str = ""
    request: int | None = None


class Sanction(Struct):
    """Ban or mute somebody, for `seconds` or for good."""

    kind: Literal["ban", "mute"]
    name: str
    room: str | None = None
    seconds: float | None = None
    reason: str = ""
    request: int | None = None


class Pardon(Struct):
    """End a ban or a mute."""

    kind: Literal["ban", "mute"]
    name: str
    room: str | None = None
    request: int | None = None


class ListSanctions(Struct):
    """List who is banned or muted, in a room or on the server."""

    room: str | None = None
    request: int | None = None


class SetTopic(Struct):
    """Say what a room is about."""

    room: str
    topic: str
    request: int | None = None


class SetAccess(Struct):
    """Open a room to everybody, or to those only who are invited."""

    room: str
    access: Literal["open", "invited"]
    request: int | None = None


class RemoveRoom(Struct):
    """End a room: everybody is out and its name is free."""

    room: str
    request: int | None = None


class SetRole(Struct):
    """Make somebody a member, a moderator or an owner."""

    name: str
    role: str
    request: int | None = None


class Block(Struct):
    """Hear nothing more of somebody; they are not told."""

    name: str
    request: int | None = None


class Unblock(Struct):
    """Hear somebody again."""

    name: str
    request: int | None = None


class ListBlocked(Struct):
    """List whom one has blocked, from behind `after`."""

    request: int | None = None
    after: str | None = None


class AddContact(Struct):
    """Take somebody into one's contacts."""

    name: str
    request: int | None = None


class RemoveContact(Struct):
    """Take somebody out of one's contacts."""

    name: str
    request: int | None = None


class ListContacts(Struct):
    """List one's contacts, from behind `after`."""

    request: int | None = None
    after: str | None = None


class SetProfile(Struct):
    """Change what others see; None leaves a field as it is."""

    status: str | None = None
    away: bool | None = None
    shows_seen: bool | None = None
    request: int | None = None


class AskPerson(Struct):
    """Ask about one person."""

    name: str
    request: int | None = None


class Administer(Struct):
    """A command of the owner's shell, over the socket that only they can open."""

    command: str
    arguments: dict[str, Any]
    request: int | None = None
