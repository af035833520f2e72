"""Moderation: kicked, banned and muted, in a room or on the whole server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from common.names import Name
from common.roles import Role
from decorators import log
from errors import BadRequest, Kicked, NoSuchName, NotAllowed, RequestError, TooMany
from server.events import (
    Done,
    Kick,
    ListSanctions,
    Pardon,
    Ruling,
    Sanction,
    SanctionEntry,
    SanctionList,
)
from server.handlers.conversations import seen_room
from server.handlers.rooms import take_from_room
from server.handlers.sanctioning import begin, concerned, end
from server.handlers.telling import tell_ruling
from server.people import Person, Session
from server.permissions import SHELL, Right, require
from server.rooms import Room
from server.sanctions import refusal
from server.store.base import SanctionRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["kick", "list_sanctions", "pardon", "sanction"]

_RIGHTS = {
    ("ban", False): Right.BAN,
    ("ban", True): Right.BAN_FROM_ROOM,
    ("mute", False): Right.MUTE,
    ("mute", True): Right.MUTE_IN_ROOM,
}
# Of one host, in all their rooms.
_MOST_OF_A_HOST = 1000
# Nobody waits for more, and further on no calendar goes.
_FOR_GOOD_SECONDS = 100 * 365 * 86400.0


@log
def kick(hub: Hub, session: Session, event: Kick) -> None:
    """Take somebody out of a room, or end their sessions; they may come back."""
    by, room = _place(hub, session, event.room)
    target = hub.people.find(event.name)
    right = Right.KICK if room is None else Right.KICK_FROM_ROOM
    require(hub, by, right, room, target)
    hub.require_store()
    if target is None:
        raise NoSuchName(event.name)
    if room is None:
        if not target.all_sessions():
            raise NotAllowed(f"{target.name} is not here")
        _end_sessions(hub, target, Kicked(by.name, event.reason))
    elif target in room.members:
        ruling = Ruling("kick", target.name, room.name, by.name, event.reason)
        tell_ruling(hub, ruling, by, target, room)
        _take_out(hub, room, target)
    else:
        raise NotAllowed(f"{target.name} is not in {room.name}")
    _note(hub, "kick", by, target.name, room)
    hub.tell(session, Done(event.request))


@log
def sanction(hub: Hub, session: Session, event: Sanction) -> None:
    """Ban or mute somebody; what there was of that kind and place before ends."""
    by, room = _place(hub, session, event.room)
    target = hub.people.find(event.name)
    require(hub, by, _RIGHTS[event.kind, room is not None], room, target)
    hub.require_store()
    if target is None:
        raise NoSuchName(event.name)
    former = _own(hub, event.kind, target.name, target, room)
    _check_number(hub, by, former)
    if former is not None:
        end(hub, former)
    row = _row(hub, event, by, target, room)
    begin(hub, row)
    how = "for good" if row.until is None else f"for {row.until - hub.wall:.0f} s"
    _note(hub, event.kind, by, target.name, room, how)
    ruling = Ruling(
        event.kind,
        target.name,
        None if room is None else room.name,
        by.name,
        event.reason,
        row.until,
    )
    hub.tell(session, Done(event.request))
    if event.kind == "ban" and room is None:
        _turn_out(hub, row)
        return
    tell_ruling(hub, ruling, by, target, room)
    if event.kind == "ban" and room is not None:
        _take_out(hub, room, target)


@log
def pardon(hub: Hub, session: Session, event: Pardon) -> None:
    """End a ban or a mute; of a guest also when nobody of that name is here."""
    by, room = _place(hub, session, event.room)
    target = hub.people.find(event.name)
    require(hub, by, _RIGHTS[event.kind, room is not None], room, target)
    hub.require_store()
    row = _own(hub, event.kind, event.name, target, room)
    if row is None:
        # A guest's holds on for its network when the name is an account's by now.
        row = _own(hub, event.kind, event.name, None, room)
    if row is None:
        where = "this server" if room is None else room.name
        done = "banned from" if event.kind == "ban" else "muted in"
        raise BadRequest(f"nobody of this name is {done} {where}")
    end(hub, row)
    what = f"un{event.kind}"
    _note(hub, what, by, row.name, room)
    hub.tell(session, Done(event.request))
    ruling = Ruling(what, row.name, None if room is None else room.name, by.name)
    tell_ruling(hub, ruling, by, target, room)


@log
def list_sanctions(hub: Hub, session: Session, event: ListSanctions) -> None:
    """Answer with who is banned or muted in a room; without one, anywhere."""
    by, room = _place(hub, session, event.room)
    right = Right.LIST_SANCTIONS if room is None else Right.LIST_ROOM_SANCTIONS
    require(hub, by, right, room)
    rows = hub.sanctions.all() if room is None else hub.sanctions.in_room(room)
    entries = [_entry(hub, row) for row in rows]
    hub.tell(session, SanctionList(entries, event.request))


# ------------------------------------------------------------------------- parts


@log
def _place(hub: Hub, session: Session, name: str | None) -> tuple[Person, Room | None]:
    """Return who asks, and the room that is meant; raises NoSuchRoom."""
    person = session.person
    assert person is not None
    return person, None if name is None else seen_room(hub, person, name)


@log
def _own(
    hub: Hub, kind: str, name: str, target: Person | None, room: Room | None
) -> SanctionRow | None:
    """Return the one of an account, or of guests of a name: not of their network."""
    if target is not None and target.is_account:
        rows = hub.sanctions.of(target)
    else:
        rows = hub.sanctions.of_guest(name, ())
    return hub.sanctions.find(rows, kind, room, hub.wall)


@log
def _row(
    hub: Hub, event: Sanction, by: Person, target: Person, room: Room | None
) -> SanctionRow:
    seconds = math.inf if event.seconds is None else event.seconds
    sessions = target.all_sessions()
    network = sessions[0].network if sessions else None
    return SanctionRow(
        number=hub.store.new_number(),
        kind=event.kind,
        conversation=None if room is None else room.conversation,
        identity=target.number if target.is_account else None,
        name=target.name,
        network=None if target.is_account else network,
        until=hub.wall + seconds if seconds < _FOR_GOOD_SECONDS else None,
        creator=None if by.number == SHELL else by.number,
        created=hub.wall,
        reason=event.reason,
    )


@log
def _check_number(hub: Hub, by: Person, former: SanctionRow | None) -> None:
    """Raise TooMany where the host of some rooms would fill the memory with them."""
    made = hub.sanctions.made_by[by.number]
    if former is not None and former.creator == by.number:
        made -= 1  # it makes room
    if by.role < Role.MODERATOR and made >= _MOST_OF_A_HOST:
        raise TooMany("bans and mutes of yours", _MOST_OF_A_HOST)


@log
def _take_out(hub: Hub, room: Room, target: Person) -> None:
    """Take somebody from a room, and from those who may enter it."""
    if target.number in room.permits:
        room.permits.discard(target.number)
        hub.store.remove_permit(room.conversation, target.number)
    if target in room.members:
        take_from_room(hub, room, target)


@log
def _turn_out(hub: Hub, row: SanctionRow) -> None:
    """End the sessions of who is banned; of a guest all from that network too.

    But those of accounts: they may come from there. Who has not said a name may read.
    """
    error = refusal(hub, row, None)
    for person in concerned(hub, [row]):
        _end_sessions(hub, person, error)
        if not person.is_account and person.number in hub.people.by_number:
            hub.forget(person)  # nobody waits for a name that can't come back
    if row.network is not None:
        for session in list(hub.strangers):
            if session.network == row.network and not session.is_admin:
                hub.end(session, error)


@log
def _end_sessions(hub: Hub, target: Person, error: RequestError) -> None:
    for session in target.all_sessions():
        hub.end(session, error)


@log
def _note(
    hub: Hub,
    what: str,
    by: Person,
    whom: Name,
    room: Room | None,
    how: str = "",
) -> None:
    where = "" if room is None else room.name
    hub.audit.note(what, who=by.name, whom=whom, where=where, how=how)


@log
def _entry(hub: Hub, row: SanctionRow) -> SanctionEntry:
    creator = None if row.creator is None else hub.people.by_number.get(row.creator)
    room = None
    if row.conversation is not None:
        room = hub.rooms.by_conversation.get(row.conversation)
    return SanctionEntry(
        kind=row.kind,
        name=row.name,
        room=None if room is None else room.name,
        until=row.until,
        creator=None if creator is None else creator.name,
        reason=row.reason,
    )
