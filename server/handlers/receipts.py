"""Receipts: who has got and who has read a message, and whom that concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import Name
from decorators import log
from errors import BadRequest
from server.events import Done, HasRead, HasReceived, Receipt
from server.handlers.conversations import conversation_of
from server.people import Person, Session
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["note_read", "note_received", "note_written", "write_down"]


@log
def note_received(hub: Hub, session: Session, event: HasReceived) -> None:
    """Take note of what a device has, and tell those who wrote it."""
    person, device = session.person, hub.plain.get(session, session.device)
    assert person is not None and device is not None
    _check_id(hub, event.message_id)
    if event.message_id > device.received:
        device.received = event.message_id
        if device.row:
            hub.received.add(device)
    for writer, owed in list(person.owed_receipts.items()):
        first, last = owed
        if first > event.message_id:
            continue
        if last <= event.message_id:
            del person.owed_receipts[writer]
        else:
            owed[0] = event.message_id + 1
        upto = min(last, event.message_id)
        if not _apart(person, writer):
            receipt = Receipt(False, person.name, writer.name, upto)
            hub.tell_all(writer.sessions, receipt)
    if event.request is not None:
        hub.tell(session, Done(event.request))


@log
def note_read(hub: Hub, session: Session, event: HasRead) -> None:
    """Take note of what somebody has read; tell their other devices, and the others."""
    person = session.person
    assert person is not None
    _check_id(hub, event.message_id)
    conversation, other = conversation_of(hub, person, event.whom)
    if conversation is not None and event.message_id > hub.store.read_position(
        conversation, person.number
    ):
        hub.store.note_read(conversation, person.number, event.message_id)
        hub.read[person.number, conversation] = event.message_id
        _tell_read(hub, session, person, other, event)
    if event.request is not None:
        hub.tell(session, Done(event.request))


@log
def _tell_read(
    hub: Hub,
    session: Session,
    person: Person,
    other: Room | Person | None,
    event: HasRead,
) -> None:
    whom = other.name if other is not None else Name(event.whom)
    receipt = Receipt(True, person.name, whom, event.message_id)
    told = [one for one in person.sessions if one is not session]
    if other is None:
        others: list[Person] = []  # gone for good: only one's own devices are told
    elif isinstance(other, Person):
        others = [other] if other is not person else []
    else:
        others = [one for one in other.members if one is not person]
    tells = not isinstance(other, Room) or other.tells_movements()
    if tells and not event.private:
        told += [
            reader
            for one in others
            if not _apart(person, one)
            for reader in one.sessions
        ]
    hub.tell_all(told, receipt)


@log
def _apart(one: Person, other: Person) -> bool:
    """Tell whether one of the two has blocked the other: neither hears of reading."""
    return other in one.blocked_by or one in other.blocked_by


@log
def _check_id(hub: Hub, message_id: int) -> None:
    if message_id > hub.last_id:
        raise BadRequest("there is no message of this id yet")


@log
def note_written(hub: Hub, session: Session) -> None:
    """Take note of what the socket of a session without receipts has taken.

    That is how an open account's plain presence, which never says what it has, gets
    the rest at its next sign-in.
    """
    device = hub.plain.get(session)
    if device is None:
        return
    written = session.connection.written()
    if written > device.received:
        device.received = written
        hub.received.add(device)


@log
def write_down(hub: Hub) -> None:
    """Hand what devices have received to the store: once a second is often enough."""
    for session in hub.plain:
        note_written(hub, session)
    if hub.received or hub.read:
        hub.journal.note_receipts(hub.wall, hub.received, hub.read)
        hub.read.clear()
    for device in hub.received:
        # One that was signed out meanwhile has no row any more.
        if device.row:
            hub.store.note_received(device.row, device.received)
    hub.received.clear()
