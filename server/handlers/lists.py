"""Lists: who is here, and which rooms there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import Name
from decorators import log
from server.events import (
    ListRooms,
    ListUsers,
    RoomEntry,
    RoomList,
    UserList,
)
from server.handlers.conversations import seen_room
from server.handlers.entries import user_entry
from server.people import Person, Session, page
from server.permissions import may_see
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["list_rooms", "list_users", "page_size"]

_LONGEST_PAGE = 1000


@log
def list_rooms(hub: Hub, session: Session, event: ListRooms) -> None:
    """Answer with the rooms in the order of their names."""
    person = session.person
    assert person is not None
    seen = (room for room in hub.rooms.after(event.after) if may_see(person, room))
    rooms, more = page(seen, page_size(event.limit))
    entries = [_room_entry(hub, person, room) for room in rooms]
    hub.tell(session, RoomList(entries, more, event.request))


@log
def _room_entry(hub: Hub, person: Person, room: Room) -> RoomEntry:
    return RoomEntry(
        room=room.name,
        members=len(room.members),
        joined=person in room.members,
        topic=room.topic,
        access=room.access,
        owner=_host(hub, room),
    )


@log
def _host(hub: Hub, room: Room) -> Name | None:
    host = None if room.owner is None else hub.people.by_number.get(room.owner)
    return None if host is None else host.name


@log
def list_users(hub: Hub, session: Session, event: ListUsers) -> None:
    """Answer with the people in the order of their names."""
    asker = session.person
    assert asker is not None
    persons = hub.people.after(event.after)
    if event.room is not None:
        room = seen_room(hub, asker, event.room)
        if room.access != "open" and asker not in room.members:
            hub.audit.note("read", who=asker.name, where=room.name, how="members")
        persons = (person for person in persons if person in room.members)
    found, more = page(persons, page_size(event.limit))
    entries = [user_entry(person) for person in found]
    hub.tell(session, UserList(entries, more, event.request))


@log
def page_size(asked: int | None) -> int:
    """Return how many rows a page has at most."""
    return _LONGEST_PAGE if asked is None else max(1, min(asked, _LONGEST_PAGE))
