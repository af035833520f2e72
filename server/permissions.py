"""Who may do what: one table, and the one place that asks it.

Beside the table stand the rules that it can't hold: nobody acts on themselves or on
somebody who is not below them, nothing shuts `#all`, and a room by invitation is its
members' own.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from common.names import ALL
from common.roles import Role
from decorators import log
from errors import NotAllowed
from server.people import Person
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "SHELL",
    "TABLE",
    "Right",
    "Standing",
    "has",
    "may_enter",
    "may_see",
    "require",
    "require_other_owner",
    "require_password",
    "right_to_invite",
    "standing_of",
]


#: The number of whoever acts from the owner's shell: above all, and in no list.
SHELL = 0


class Standing(enum.Enum):
    """What somebody is where they want to do something, as the rules call them."""

    GUEST = "guests"
    MEMBER = "members"
    HOST = "the room's host"
    MODERATOR = "moderators"
    OWNER = "owners"


class Right(enum.Enum):
    """What somebody wants to do, as the refusal calls it."""

    TALK = "write messages"
    JOIN = "join a room"
    LEAVE = "leave a room"
    MAKE_ROOM = "make a room"
    KEEP_CONTACTS = "keep contacts"
    BLOCK = "block somebody"
    SHOW_SEEN = "show or hide when they were here last"
    HAVE_ACCOUNT = "have tokens, devices and a password"
    REDEEM = "take an invitation"
    INVITE = "invite members to this server"
    INVITE_STAFF = "invite moderators and owners"
    SET_ROLE = "give roles"
    KICK = "end somebody's sessions"
    BAN = "ban somebody from this server"
    MUTE = "mute somebody on this server"
    LIST_SANCTIONS = "see who is banned or muted here"
    LET_IN = "invite somebody into a room"
    SET_TOPIC = "set a room's topic"
    SET_ACCESS = "open or close a room"
    REMOVE_ROOM = "remove a room"
    KICK_FROM_ROOM = "take somebody out of a room"
    BAN_FROM_ROOM = "ban somebody from a room"
    MUTE_IN_ROOM = "mute somebody in a room"
    LIST_ROOM_SANCTIONS = "see who is banned or muted in a room"


_EVERYBODY = frozenset(Standing)
_ACCOUNTS = _EVERYBODY - {Standing.GUEST}
_STAFF = frozenset({Standing.MODERATOR, Standing.OWNER})
_OWNERS = frozenset({Standing.OWNER})
_ROOM_STAFF = _STAFF | {Standing.HOST}

#: `docs/permissions.md` shows it to people.
TABLE: dict[Right, frozenset[Standing]] = {
    # Everybody's, and so never asked: it is the hottest place of the hub.
    Right.TALK: _EVERYBODY,
    Right.JOIN: _EVERYBODY,
    Right.LEAVE: _EVERYBODY,
    Right.MAKE_ROOM: _EVERYBODY,
    Right.KEEP_CONTACTS: _EVERYBODY,
    Right.BLOCK: _EVERYBODY,
    Right.SHOW_SEEN: _ACCOUNTS,
    Right.HAVE_ACCOUNT: _ACCOUNTS,
    Right.REDEEM: _ACCOUNTS,
    Right.INVITE: _STAFF,
    Right.INVITE_STAFF: _OWNERS,
    Right.SET_ROLE: _OWNERS,
    Right.KICK: _STAFF,
    Right.BAN: _STAFF,
    Right.MUTE: _STAFF,
    Right.LIST_SANCTIONS: _STAFF,
    Right.LET_IN: _ROOM_STAFF,
    Right.SET_TOPIC: _ROOM_STAFF,
    Right.SET_ACCESS: _ROOM_STAFF,
    Right.REMOVE_ROOM: _ROOM_STAFF,
    Right.KICK_FROM_ROOM: _ROOM_STAFF,
    Right.BAN_FROM_ROOM: _ROOM_STAFF,
    Right.MUTE_IN_ROOM: _ROOM_STAFF,
    Right.LIST_ROOM_SANCTIONS: _ROOM_STAFF,
}

# Everybody is in #all, so that whoever has just come is heard by somebody.
_NEVER_IN_ALL = {
    Right.LEAVE: "it can't be left",
    Right.LET_IN: "nobody can be invited into it",
    Right.SET_ACCESS: "it stays open",
    Right.REMOVE_ROOM: "it can't be removed",
    Right.KICK_FROM_ROOM: "nobody can be taken out of it",
    Right.BAN_FROM_ROOM: "nobody can be banned from it",
}
# Who runs the server may end a room by invitation, but neither looks nor lets anybody
# look into it from outside.
_FROM_INSIDE = frozenset({Right.LET_IN, Right.SET_ACCESS})


@log
def require(
    hub: Hub,
    person: Person,
    right: Right,
    room: Room | None = None,
    target: Person | None = None,
) -> None:
    """Raise NotAllowed, which names the rule, unless `person` may do this.

    In `room` where it is given, else on the server; to `target` where it is done to
    somebody.
    """
    standing = standing_of(hub, person, room)
    if room is not None and room is hub.rooms.all and right in _NEVER_IN_ALL:
        raise NotAllowed(f"{ALL} is where everybody is: {_NEVER_IN_ALL[right]}")
    if standing not in TABLE[right]:
        raise NotAllowed(_rule(right))
    if room is not None and right in _FROM_INSIDE:
        _require_inside(person, right, room)
    if target is not None:
        _require_above(person, standing, right, target)


@log
def has(hub: Hub, person: Person, right: Right, room: Room | None = None) -> bool:
    """Tell whether the table gives somebody a right."""
    return standing_of(hub, person, room) in TABLE[right]


@log
def standing_of(hub: Hub, person: Person, room: Room | None = None) -> Standing:
    """Return what somebody is in a room, or on the server."""
    if person.role is Role.OWNER:
        return Standing.OWNER
    if person.role is Role.MODERATOR:
        return Standing.MODERATOR
    is_host = room is not None and person.is_account and room.owner == person.number
    # Who was banned from their own room does not run it.
    if is_host and not hub.sanctions.is_banned(person, room, hub.wall):
        return Standing.HOST
    return Standing.MEMBER if person.is_account else Standing.GUEST


@log
def may_enter(person: Person, room: Room) -> bool:
    """Tell whether a room is open to somebody, or they were invited into it."""
    return (
        room.access == "open"
        or person.number in room.permits
        or room.owner == person.number
    )


@log
def may_see(person: Person, room: Room) -> bool:
    """Tell whether somebody is told that a room is there."""
    return (
        person in room.members
        or may_enter(person, room)
        or person.role >= Role.MODERATOR
    )


@log
def right_to_invite(role: Role) -> Right:
    """Return the right to make an invitation that gives this role."""
    return Right.INVITE if role is Role.MEMBER else Right.INVITE_STAFF


@log
def require_password(role: Role, *, is_open: bool) -> None:
    """Raise NotAllowed where anybody could sign in as a moderator or an owner."""
    if is_open and role > Role.MEMBER:
        raise NotAllowed(
            f"an account without a password can't be {_with_article(role)}: anybody "
            "could sign in to it; set a password first"
        )


@log
def require_other_owner(hub: Hub, owner: Person) -> None:
    """Raise NotAllowed where the server's last owner would be one no more."""
    if owner.role is Role.OWNER and not any(
        one.role is Role.OWNER and one is not owner
        for one in hub.people.by_number.values()
    ):
        raise NotAllowed(
            f"{owner.name} is the last owner: make somebody else an owner first"
        )


@log
def _rule(right: Right) -> str:
    allowed = TABLE[right]
    if allowed == _ACCOUNTS:
        return f"guests may not {right.value}: register an account for this first"
    *others, last = [one.value for one in Standing if one in allowed]
    who = f"{', '.join(others)} and {last}" if others else last
    return f"only {who} may {right.value}"


@log
def _require_inside(person: Person, right: Right, room: Room) -> None:
    inside = person in room.members or person.number in (room.owner, SHELL)
    if room.access != "open" and not inside:
        raise NotAllowed(
            f"{room.name} is by invitation: only who is in it may {right.value} like it"
        )


@log
def _require_above(
    person: Person, standing: Standing, right: Right, target: Person
) -> None:
    if person.number == SHELL:
        return
    if target is person:
        raise NotAllowed("nobody may do this to themselves")
    # In their own room a host is above guests and members.
    rank = Role.MODERATOR if standing is Standing.HOST else person.role
    if target.role >= rank:
        raise NotAllowed(
            f"{target.name} is {_with_article(target.role)}: to {right.value} one must "
            "be of a higher role"
        )


@log
def _with_article(role: Role) -> str:
    return f"an {role.word}" if role is Role.OWNER else f"a {role.word}"
