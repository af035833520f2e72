"""Lists: who is here, and which rooms there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import NoSuchRoom
from server.events import (
    ListRooms,
    ListUsers,
    RoomEntry,
    RoomList,
    UserEntry,
    UserList,
)
from server.people import Session, page

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["list_rooms", "list_users", "page_size"]

_LONGEST_PAGE = 1000


@log
def list_rooms(hub: Hub, session: Session, event: ListRooms) -> None:
    """Answer with the rooms in the order of their names."""
    rooms, more = page(hub.rooms.after(event.after), page_size(event.limit))
    entries = [
        RoomEntry(room.name, len(room.members), session.person in room.members)
        for room in rooms
    ]
    hub.tell(session, RoomList(entries, more, event.request))


@log
def list_users(hub: Hub, session: Session, event: ListUsers) -> None:
    """Answer with the people in the order of their names."""
    persons = hub.people.after(event.after)
    if event.room is not None:
        room = hub.rooms.find(event.room)
        if room is None:
            raise NoSuchRoom(event.room)
        persons = (person for person in persons if person in room.members)
    found, more = page(persons, page_size(event.limit))
    entries = [
        UserEntry(
            name=person.name,
            status=person.sessions[-1].status if person.sessions else "",
            guest=not person.is_account,
            online=person.is_here,
        )
        for person in found
    ]
    hub.tell(session, UserList(entries, more, event.request))


@log
def page_size(asked: int | None) -> int:
    """Return how many rows a page has at most."""
    return _LONGEST_PAGE if asked is None else max(1, min(asked, _LONGEST_PAGE))
