"""The owner's shell reads or replaces what was said: it is noted, and told.

The reading itself is for the process of the shell (`server.admin.keeping`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from common.names import Name, RoomName
from decorators import log
from errors import NoSuchName, NoSuchRoom
from server.events import Delivery
from server.handlers.owner_shell import NAME
from server.people import Person
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["Exported", "Restored", "note_export", "note_restore"]

_EXPORTED_ROOM = "the server's owner has exported what was said in this room"
_EXPORTED_LINE = "the server's owner has exported what was said between you and {name}"
_EXPORTED_FOR = "the server's owner has exported what {name} may read in this room"
_EXPORTED_ALL = "the server's owner has exported everything that was said here"
_EXPORTED_PERSON = "the server's owner has exported all that you may read"


class Exported(Struct, forbid_unknown_fields=True):
    """What was exported: a room, what one person said and was told, or everything."""

    room: str | None = None
    person: str | None = None


class Restored(Struct, forbid_unknown_fields=True):
    """From which file, and what `audit verify` had to say before, if anything."""

    file: str
    problem: str = ""


@log
def note_restore(hub: Hub, event: Restored) -> dict[str, Any]:
    """Note that the database was replaced by a backup, with what it knew of then."""
    found = f"; before it: {event.problem}" if event.problem else ""
    hub.audit.note("restore", who=NAME, how=event.file[:60] + found)
    return {}


@log
def note_export(hub: Hub, event: Exported) -> dict[str, Any]:
    """Note that the owner reads what was said, and tell the people concerned.

    They get a stored message from `server`, so that who is away learns of it as well.
    Nobody is told where everybody may read: in an open room.
    """
    if event.room is not None:
        return _note_room(hub, event.room)
    if event.person is not None:
        return _note_person(hub, event.person)
    hub.audit.note("export", who=NAME, how="everything")
    return _tell_room(hub, hub.rooms.all, _EXPORTED_ALL)


@log
def _note_room(hub: Hub, name: str) -> dict[str, Any]:
    room = hub.rooms.find(name)
    if room is None:
        raise NoSuchRoom(name)
    hub.audit.note("export", who=NAME, where=room.name, how=room.access)
    if room.access == "open":
        return {"told": 0}
    return _tell_room(hub, room, _EXPORTED_ROOM)


@log
def _note_person(hub: Hub, name: str) -> dict[str, Any]:
    person = hub.people.find(name)
    if person is None:
        raise NoSuchName(name)
    hub.audit.note("export", who=NAME, whom=person.name)
    partners = map(hub.people.by_number.get, hub.store.find_partners(person.number))
    others = [one for one in partners if one is not None]
    rooms = [room for room in person.rooms if room.access != "open"]
    sender = _new_sender(hub)
    _tell_person(hub, sender, person, _EXPORTED_PERSON)
    for other in others:
        _tell_person(hub, sender, other, _EXPORTED_LINE.format(name=person.name))
    for room in rooms:
        text = _EXPORTED_FOR.format(name=person.name)
        _tell(hub, sender, room, room.conversation, text)
    hub.store.forget_person(sender)
    members = (member for room in rooms for member in room.members)
    return {"told": len({person, *others, *members})}


@log
def _new_sender(hub: Hub) -> int:
    """Return an identity that speaks as the server, and is forgotten behind it.

    Nobody can take that name, or answer to it.
    """
    number = hub.store.new_number()
    hub.store.add_guest(number, NAME)
    return number


@log
def _tell_room(hub: Hub, room: Room, text: str) -> dict[str, Any]:
    sender = _new_sender(hub)
    _tell(hub, sender, room, room.conversation, text)
    hub.store.forget_person(sender)
    return {"told": len(room.members)}


@log
def _tell_person(hub: Hub, sender: int, person: Person, text: str) -> None:
    line = hub.store.new_number()
    hub.store.add_line(line, sender, person.number)
    _tell(hub, sender, person, line, text)


@log
def _tell(
    hub: Hub, sender: int, target: Person | Room, conversation: int, text: str
) -> None:
    members = target.members if isinstance(target, Room) else (target,)
    name: Name | RoomName = target.name
    delivery = Delivery(NAME, name, [text], hub.next_id, conversation, sender)
    hub.next_id += 1
    hub.batch.append(delivery)
    for member in members:
        # Who is still fed from the store gets it from there.
        hub.tell_all(member.sessions, delivery)
