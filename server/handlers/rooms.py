"""Rooms: entering and leaving them, and who hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import ALL, RoomName, check_room
from decorators import log
from errors import NoSuchRoom, NotAllowed, TooMany
from server.events import Done, JoinRoom, LeaveRoom, Movement
from server.people import Person, Session
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["join", "leave", "take_from_room"]


@log
def join(hub: Hub, session: Session, event: JoinRoom) -> None:
    """Enter a room, making it if it is unknown."""
    person = session.person
    assert person is not None
    check_room(event.room, hub.settings.name_characters)
    hub.require_store()
    room = hub.rooms.find(event.room)
    created = room is None
    if room is not None and person in room.members:
        hub.tell(session, Done(event.request))
        return
    limit = hub.settings.rooms_per_person
    if limit and len(person.rooms) > limit:
        raise TooMany("rooms that you are in", limit)
    if room is None:
        room = _make(hub, RoomName(event.room), person)
    hub.rooms.enter(room, person)
    hub.store.enter(room.conversation, person.number, hub.last_id)
    hub.journal.moved(person.name, room.name, entered=True)
    hub.tell(session, Done(event.request, created))
    _tell_movement(hub, room, person, entered=True)


@log
def _make(hub: Hub, name: RoomName, person: Person) -> Room:
    """Make a room; one that an account makes is its own, and lasts."""
    hub.rooms.check_room_for_one()
    room = Room(name, hub.store.new_number(), lasts=person.is_account)
    hub.rooms.add(room, hub.now)
    owner = person.number if person.is_account else None
    hub.store.add_room(room.conversation, name, owner)
    return room


@log
def leave(hub: Hub, session: Session, event: LeaveRoom) -> None:
    """Leave a room."""
    person = session.person
    assert person is not None
    room = hub.rooms.find(event.room)
    hub.require_store()
    if room is None:
        raise NoSuchRoom(event.room)
    if room is hub.rooms.all:
        raise NotAllowed(f"{ALL} is where everybody is; it can't be left")
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
    hub.tell_all(
        [
            reader
            for member in room.members
            if member is not person
            for reader in member.sessions
        ],
        movement,
    )
