"""A room's rules: who may enter, what it is about, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import NoSuchName, NotAllowed
from server.events import (
    Done,
    InviteToRoom,
    RemoveRoom,
    RoomChanged,
    Ruling,
    SetAccess,
    SetTopic,
)
from server.handlers import sanctioning
from server.handlers.conversations import seen_room
from server.handlers.telling import tell_change, tell_ruling
from server.people import Person, Session
from server.permissions import Right, require
from server.rooms import Room
from server.sanctions import refuse_muted

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "end_empty",
    "end_room",
    "invite",
    "let_in",
    "remove",
    "set_access",
    "set_topic",
]


@log
def invite(hub: Hub, session: Session, event: InviteToRoom) -> None:
    """Let somebody into a room that is by invitation; they are told, and may join."""
    person, room = _asked(hub, session, event.room, Right.LET_IN)
    target = hub.people.find(event.name)
    if target is None:
        raise NoSuchName(event.name)
    if hub.sanctions.is_banned(target, room, hub.wall):
        raise NotAllowed(f"{target.name} is banned from {room.name}: end that first")
    if target not in room.members:
        let_in(hub, room, target)
        hub.audit.note("invite", who=person.name, whom=target.name, where=room.name)
        ruling = Ruling("invite", target.name, room.name, person.name)
        tell_ruling(hub, ruling, person, target, room)
    hub.tell(session, Done(event.request))


@log
def let_in(hub: Hub, room: Room, target: Person) -> None:
    """Have somebody among those who may enter, while the room is by invitation."""
    if room.access != "open" and target.number not in room.permits:
        room.permits.add(target.number)
        hub.store.add_permit(room.conversation, target.number)


@log
def set_topic(hub: Hub, session: Session, event: SetTopic) -> None:
    """Say what a room is about."""
    person, room = _asked(hub, session, event.room, Right.SET_TOPIC)
    if person.sanctioned:
        refuse_muted(hub, person, room)
    if event.topic != room.topic:
        room.topic = event.topic
        hub.store.set_topic(room.conversation, event.topic)
        hub.audit.note("topic", who=person.name, where=room.name)
        change = RoomChanged(room.name, person.name, topic=event.topic)
        tell_change(hub, room, change, person)
    hub.tell(session, Done(event.request))


@log
def set_access(hub: Hub, session: Session, event: SetAccess) -> None:
    """Open a room to everybody, or only to who is in it and who is invited."""
    person, room = _asked(hub, session, event.room, Right.SET_ACCESS)
    if event.access != room.access:
        room.access = event.access
        hub.store.set_access(room.conversation, event.access)
        for member in room.members:
            let_in(hub, room, member)
        hub.audit.note("access", who=person.name, where=room.name, how=event.access)
        change = RoomChanged(room.name, person.name, access=event.access)
        tell_change(hub, room, change, person)
    hub.tell(session, Done(event.request))


@log
def remove(hub: Hub, session: Session, event: RemoveRoom) -> None:
    """End a room: everybody is out, and its name is free."""
    person, room = _asked(hub, session, event.room, Right.REMOVE_ROOM)
    hub.audit.note("remove room", who=person.name, where=room.name)
    hub.tell(session, Done(event.request))
    end_room(hub, room, person)


@log
def end_room(hub: Hub, room: Room, by: Person) -> None:
    """Tell a room's members that it ends, and end it."""
    tell_change(hub, room, RoomChanged(room.name, by.name, removed=True), by)
    for member in list(room.members):
        hub.rooms.leave(room, member, hub.now)
    hub.rooms.remove(room)
    end_empty(hub, room)


@log
def end_empty(hub: Hub, room: Room) -> None:
    """Let go of a room that is none of the rooms any more."""
    sanctioning.end(hub, *hub.sanctions.in_room(room))
    hub.store.end_room(room.conversation)
    hub.journal.room_ended(room.name)


@log
def _asked(hub: Hub, session: Session, name: str, right: Right) -> tuple[Person, Room]:
    """Return who asks and the room; raises NoSuchRoom, NotAllowed or NotStored."""
    person = session.person
    assert person is not None
    room = seen_room(hub, person, name)
    require(hub, person, right, room)
    hub.require_store()
    return person, room
