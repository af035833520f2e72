"""Invitations to the server: made, listed, revoked, taken."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from common.addresses import is_loopback
from common.names import Secret
from common.roles import Role
from decorators import log
from errors import BadRequest, NotAllowed, NotStored, TooMany
from server.events import (
    Done,
    InviteEntry,
    InviteList,
    InviteMade,
    ListInvites,
    MakeInvite,
    Redeem,
    RevokeInvite,
)
from server.handlers.conversations import seen_room
from server.handlers.history import require_history
from server.handlers.roles import give_role
from server.handlers.room_rules import let_in
from server.handlers.rooms import enter_room
from server.handlers.ways import require_private_way
from server.passwords import digest
from server.people import Person, Session
from server.permissions import (
    SHELL,
    Right,
    has,
    require,
    require_password,
    right_to_invite,
)
from server.place import join_lines
from server.rooms import Room
from server.store.base import InviteRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "expire",
    "find_invite",
    "give_room",
    "list_invites",
    "make_invite",
    "new_invite",
    "redeem",
    "revoke_invite",
]

_PREFIX = "inv_"  # so that one that leaks somewhere can be searched for
_BYTES = 16
_DAY_SECONDS = 86400.0
_LONGEST_SECONDS = 366 * _DAY_SECONDS
# Nobody hands out more at a time; each is a row in memory.
_MOST_INVITES = 1000


# ------------------------------------------------------------------------- making


@log
def make_invite(hub: Hub, session: Session, event: MakeInvite) -> None:
    """Make an invitation, and show it this once."""
    person = _person(session)
    role = _role(event.role)
    require(hub, person, right_to_invite(role))
    require_history(hub)
    room = None
    if event.room is not None:
        room = seen_room(hub, person, event.room)
        require(hub, person, Right.LET_IN, room)
    secret, row = new_invite(hub, role, event.uses, event.seconds, room, person)
    place = _place_for(hub, session)
    hub.tell(session, InviteMade(secret, row.invite, row.expires, event.request, place))


@log
def _place_for(hub: Hub, session: Session) -> str | None:
    """Return where others find the server, where its own people can't know it.

    Who came over a network knows an address that works there; what the owner calls the
    server is better still.
    """
    if hub.place is None:
        return None
    if hub.settings.public_address or is_loopback(session.address):
        return join_lines(hub.place)[0]
    return None


@log
def new_invite(
    hub: Hub,
    role: Role,
    uses: int,
    seconds: float | None,
    room: Room | None,
    creator: Person | None,
) -> tuple[Secret, InviteRow]:
    """Return a new invitation and its row, which is stored. Show it only once.

    It ends after `seconds` (None: a day). Without a `creator` it is the owner's shell
    that made it, and it is good also where registration is closed. Raises BadRequest,
    TooMany or NotStored.
    """
    lasts = _DAY_SECONDS if seconds is None else seconds
    if not 0 < lasts <= _LONGEST_SECONDS:
        raise BadRequest("an invitation is good for a year at most")
    if len(hub.invites) >= _MOST_INVITES:
        raise TooMany("invitations that are still good", _MOST_INVITES)
    hub.require_store()
    secret = Secret(_PREFIX + secrets.token_urlsafe(_BYTES))
    by_shell = creator is None or creator.number == SHELL
    row = InviteRow(
        invite=hub.store.new_number(),
        digest=digest(secret),
        role=role,
        room=None if room is None else room.conversation,
        creator=None if creator is None or by_shell else creator.number,
        created=hub.wall,
        expires=hub.wall + lasts,
        uses_left=uses,
    )
    hub.store.add_invite(row)
    # At once: nobody may be shown one that a crash could undo.
    try:
        hub.store.commit((), (), hub.wall)
    except NotStored:
        # It waits to be written, and nobody has it.
        hub.store.revoke_invite(row.invite)
        raise
    hub.invites.add(row)
    hub.audit.note(
        "invitation made",
        who="server" if creator is None else creator.name,
        where="" if room is None else room.name,
        how=f"number {row.invite}, {role.word}, uses: {uses}",
    )
    return secret, row


@log
def list_invites(hub: Hub, session: Session, event: ListInvites) -> None:
    """Answer with the good invitations that the asker could have made."""
    person = _person(session)
    require(hub, person, Right.INVITE)
    entries = []
    for row in _own(hub, person):
        creator = None if row.creator is None else hub.people.by_number.get(row.creator)
        room = _room(hub, row)
        entries.append(
            InviteEntry(
                invite_id=row.invite,
                role=row.role.word,
                created=row.created,
                expires=row.expires,
                uses_left=row.uses_left,
                used=row.used,
                room=None if room is None else room.name,
                creator=None if creator is None else creator.name,
            )
        )
    hub.tell(session, InviteList(entries, event.request))


@log
def revoke_invite(hub: Hub, session: Session, event: RevokeInvite) -> None:
    """Make an invitation worthless."""
    person = _person(session)
    require(hub, person, Right.INVITE)
    if event.invite_id not in {row.invite for row in _own(hub, person)}:
        raise BadRequest("there is no good invitation of this number")
    hub.invites.drop(lambda row: row.invite == event.invite_id)
    hub.store.revoke_invite(event.invite_id)
    # At once: nobody may be told that it is worthless while a crash could undo it.
    hub.store.commit((), (), hub.wall)
    hub.audit.note(
        "invitation revoked", who=person.name, how=f"number {event.invite_id}"
    )
    hub.tell(session, Done(event.request))


@log
def _own(hub: Hub, person: Person) -> list[InviteRow]:
    """Return the good invitations that somebody may deal with."""
    return [
        row
        for row in hub.invites.good(hub.wall)
        if has(hub, person, right_to_invite(row.role))
    ]


@log
def expire(hub: Hub) -> None:
    """Forget the invitations whose time is over."""
    for row in hub.invites.drop(lambda row: row.expires <= hub.wall):
        hub.store.revoke_invite(row.invite)


# ------------------------------------------------------------------------- taking


@log
def redeem(hub: Hub, session: Session, event: Redeem) -> None:
    """Take an invitation with the account that one has."""
    person = _person(session)
    require(hub, person, Right.REDEEM)
    require_private_way(hub, session)
    row = find_invite(hub, session, event.invite)
    require_password(row.role, is_open=person.is_open)
    if row.role <= person.role and not _leads_on(hub, person, row):
        raise NotAllowed("this invitation gives you nothing that you do not have")
    hub.require_store()
    hub.store.use_invite(row.invite)
    hub.invites.take(row)
    if row.role > person.role:
        give_role(hub, person, row.role, person)
    give_room(hub, person, row)
    hub.tell(session, Done(event.request))


@log
def find_invite(
    hub: Hub, session: Session, invite: Secret, *, registers: bool = False
) -> InviteRow:
    """Return a good invitation; guesses at them are held against the address.

    Where one `registers` with it, it must be one that the server still takes. Raises
    NotAllowed, with one answer whatever is wrong with it, or TooSoon.
    """
    attempt = hub.guesses.begin(None, session.address, hub.now)
    row = hub.invites.find(digest(invite), hub.wall)
    ok = row is not None and not (registers and _is_closed_to(hub, row))
    hub.guesses.end(attempt, hub.now, ok=ok)
    if row is None or not ok:
        raise NotAllowed("this invitation is not good (any more): ask for a new one")
    return row


@log
def give_room(hub: Hub, person: Person, row: InviteRow) -> None:
    """Make somebody a member of the room of the invitation that they have taken."""
    hub.audit.note(
        "invitation taken", who=person.name, how=f"number {row.invite}, {row.role.word}"
    )
    room = _room(hub, row)
    if room is None or hub.sanctions.is_banned(person, room, hub.wall):
        return
    let_in(hub, room, person)
    if person not in room.members:
        enter_room(hub, room, person)


@log
def _is_closed_to(hub: Hub, row: InviteRow) -> bool:
    """Tell whether the server takes nobody on such an invitation."""
    return hub.settings.registration == "closed" and row.creator is not None


@log
def _leads_on(hub: Hub, person: Person, row: InviteRow) -> bool:
    room = _room(hub, row)
    return (
        room is not None
        and person not in room.members
        and not hub.sanctions.is_banned(person, room, hub.wall)
    )


@log
def _room(hub: Hub, row: InviteRow) -> Room | None:
    return None if row.room is None else hub.rooms.by_conversation.get(row.room)


@log
def _person(session: Session) -> Person:
    assert session.person is not None
    return session.person


@log
def _role(word: str) -> Role:
    try:
        role = Role.of(word)
    except KeyError:
        role = Role.GUEST
    if role is Role.GUEST:
        raise BadRequest("an invitation is for a member, a moderator or an owner")
    return role
