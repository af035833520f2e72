"""Rooms: entering and leaving them, and who hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import RoomName, check_room
from decorators import log
from errors import NotAllowed, TooMany
from server.events import Done, JoinRoom, LeaveRoom, Movement
from server.handlers.conversations import seen_room
from server.handlers.telling import listeners
from server.people import Person, Session
from server.permissions import Right, may_enter, require
from server.rooms import Room
from server.sanctions import refuse_banned
from server.shares import makers_of

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["enter_room", "join", "leave", "take_from_room"]


@log
def join(hub: Hub, session: Session, event: JoinRoom) -> None:
    """Enter a room, making it if it is unknown."""
    person = session.person
    assert person is not None
    name = check_room(event.room, hub.settings.name_characters)
    hub.require_store()
    room = hub.rooms.find(name)
    created = room is None
    if room is not None and person in room.members:
        hub.tell(session, Done(event.request))
        return
    limit = hub.settings.rooms_per_person
    if limit and len(person.rooms) > limit:
        raise TooMany("rooms that you are in", limit)
    if room is None:
        room = _make(hub, name, person, session.network)
    else:
        _check_entry(hub, person, room)
    hub.tell(session, Done(event.request, created))
    enter_room(hub, room, person)


@log
def _check_entry(hub: Hub, person: Person, room: Room) -> None:
    """Raise NotAllowed unless somebody may become a member."""
    require(hub, person, Right.JOIN, room)
    if person.sanctioned:
        refuse_banned(hub, hub.sanctions.of(person), room)
    if not may_enter(person, room):
        raise NotAllowed(
            f"{room.name} is by invitation: only who was invited may join it; "
            "ask somebody in it"
        )


@log
def enter_room(hub: Hub, room: Room, person: Person) -> None:
    """Make somebody a member, whatever the reason."""
    hub.rooms.enter(room, person)
    hub.store.enter(room.conversation, person.number, hub.last_id)
    hub.journal.moved(person.name, room.name, entered=True)
    _tell_movement(hub, room, person, entered=True)


@log
def _make(hub: Hub, name: RoomName, person: Person, network: str | None) -> Room:
    """Make a room; one that an account makes is its own, and lasts."""
    require(hub, person, Right.MAKE_ROOM)
    hub.rooms.shares.check(person, network)
    owner = person.number if person.is_account else None
    number = hub.store.new_number()
    makers = makers_of(person, network)
    room = Room(name, number, lasts=owner is not None, owner=owner, makers=makers)
    hub.rooms.add(room, hub.now)
    hub.store.add_room(room.conversation, name, owner)
    return room


@log
def leave(hub: Hub, session: Session, event: LeaveRoom) -> None:
    """Leave a room."""
    person = session.person
    assert person is not None
    room = seen_room(hub, person, event.room)
    hub.require_store()
    require(hub, person, Right.LEAVE, room)
    if person not in room.members:
        raise NotAllowed(f"you are not in {room.name}")
    take_from_room(hub, room, person)
    hub.tell(session, Done(event.request))


@log
def take_from_room(hub: Hub, room: Room, person: Person) -> None:
    """End a membership, whatever the reason."""
    hub.rooms.leave(room, person, hub.now)
    hub.store.leave(room.conversation, person.number)
    hub.journal.moved(person.name, room.name, entered=False)
    _tell_movement(hub, room, person, entered=False)


@log
def _tell_movement(hub: Hub, room: Room, person: Person, *, entered: bool) -> None:
    if not room.tells_movements():
        return
    movement = Movement(entered, room.name, person.name)
    others = (member for member in room.members if member is not person)
    hub.tell_all(listeners(others, person), movement)
