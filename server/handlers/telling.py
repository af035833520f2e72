"""Who is told of what others do: those it concerns, unless they blocked who did it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from decorators import log
from server.events import RoomChanged, Ruling
from server.people import Person, Session
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["listeners", "tell_change", "tell_ruling"]


@log
def listeners(persons: Iterable[Person], *whose: Person) -> list[Session]:
    """Return the sessions of those who hear of what these do."""
    return [
        session
        for person in persons
        if not any(person in one.blocked_by for one in whose)
        for session in person.sessions
    ]


@log
def tell_ruling(
    hub: Hub, ruling: Ruling, by: Person, target: Person | None, room: Room | None
) -> None:
    """Tell whom a ruling concerns, and the room's members unless it is a large one."""
    whose = [by] if target is None else [by, target]
    # Of whom one has blocked one hears what they do to one where one is, and no more:
    # not that they invite one, or ban one from a room of theirs.
    if target is not None and (
        target not in by.blocked_by or room is None or target in room.members
    ):
        own = ruling
        if by in target.blocks:  # what is done to one, without their words
            own = replace(ruling, reason="", forms={})
        # Also who is still being fed what they missed: nobody tells them later.
        hub.tell_all(target.all_sessions(), own)
    if room is not None and room.tells_movements():
        others = (one for one in room.members if one not in (by, target))
        hub.tell_all(listeners(others, *whose), ruling)


@log
def tell_change(hub: Hub, room: Room, change: RoomChanged, by: Person) -> None:
    """Tell a room's members that it is another now.

    A topic is somebody's words: it is not told to who has blocked them.
    """
    whose = () if change.topic is None else (by,)
    hub.tell_all(listeners(room.members, *whose), change)
