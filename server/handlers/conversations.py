"""Which conversation somebody means by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import is_room
from decorators import log
from errors import NoSuchName, NoSuchRoom, NotAllowed
from server.people import Person
from server.permissions import may_enter, may_see
from server.rooms import Room
from server.sanctions import refuse_banned

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["conversation_of", "room_of", "seen_room"]


@log
def seen_room(hub: Hub, person: Person, name: str) -> Room:
    """Return a room that somebody may know of; raise NoSuchRoom."""
    room = hub.rooms.find(name)
    if room is None or not may_see(person, room):
        raise NoSuchRoom(name)
    return room


@log
def room_of(hub: Hub, person: Person, name: str) -> Room:
    """Return a room that somebody is in; raise NoSuchRoom or NotAllowed.

    What to do about it is said only where it can be done.
    """
    room = seen_room(hub, person, name)
    if person not in room.members:
        if person.sanctioned:
            refuse_banned(hub, hub.sanctions.of(person), room)
        if may_enter(person, room):
            raise NotAllowed(f"you are not in {room.name}; join it first")
        raise NotAllowed(f"you are not in {room.name}, which is by invitation")
    return room


@log
def conversation_of(
    hub: Hub, person: Person, name: str
) -> tuple[int | None, Room | Person | None]:
    """Return the number of a conversation, and the room or who is at its other end.

    The number is None where the two have never talked. Somebody who is gone for good
    is found (without a person) by those who talked with them, unless the name is
    somebody else's now. Raises NoSuchName, NoSuchRoom or NotAllowed.
    """
    if is_room(name):
        room = room_of(hub, person, name)
        return room.conversation, room
    other = hub.people.find(name)
    if other is None:
        former = hub.store.find_former_line(person.number, name)
        if former is None:
            raise NoSuchName(name)
        return former, None
    line = person.lines.get(other) or hub.store.find_line(person.number, other.number)
    return line, other
