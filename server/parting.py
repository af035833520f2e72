"""How a session ends, and what becomes of its person behind the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import Label
from decorators import log
from server.handlers import contacts, receipts, rooms
from server.people import Device, Person, Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["forget", "leave_everything", "part"]


@log
def part(hub: Hub, session: Session, reason: Label) -> None:
    """Take a session from its person; without one a guest is kept or forgotten."""
    session.ended = True
    if not session.outbox:
        # The loop closes what it finds touched and ended.
        hub.touched.append(session)
    person = session.person
    hub.strangers.discard(session)
    if session in hub.listeners:
        hub.listeners.remove(session)
        hub.journal.left(session.log_label, reason)
        return
    if person is None:
        hub.journal.left_unsigned(session.log_label, reason)
        return
    hub.sessions.discard(session)
    hub.onlookers.discard(session)
    hub.feeder.drop(session)
    if session in person.sessions:
        person.sessions.remove(session)
    hub.journal.left(session.log_label, reason)
    receipts.note_written(hub, session)
    hub.plain.pop(session, None)
    if session.token is not None and hub.settings.token_days:
        hub.store.note_token_seen(session.token, hub.wall)
    if not person.is_here:
        contacts.went(hub, person)
    if person.is_account:
        _drop_device(hub, person, session.device)
    elif not person.is_here:
        _keep_or_forget(hub, person, session.network)


@log
def _drop_device(hub: Hub, person: Person, device: Device | None) -> None:
    """Forget what the store knows as well, when nobody uses the device any more."""
    if device in hub.settled or device in hub.received:
        return
    if all(one.device is not device for one in person.all_sessions()):
        person.devices = {
            key: kept for key, kept in person.devices.items() if kept is not device
        }


@log
def _keep_or_forget(hub: Hub, guest: Person, network: str | None) -> None:
    seconds = hub.people.kept_seconds
    if guest.devices and seconds:
        instead_of = hub.people.keep_from(network, guest, hub.now + seconds)
        hub.store.keep_guest(guest.number, hub.wall + seconds)
        if instead_of is not None:
            forget(hub, instead_of)
    else:
        forget(hub, guest)


@log
def forget(hub: Hub, guest: Person) -> None:
    """Free a guest's name, and take the guest from all rooms."""
    leave_everything(hub, guest)
    hub.store.forget_person(guest.number)
    hub.journal.forgotten(guest.name)


@log
def leave_everything(hub: Hub, person: Person) -> None:
    """Take somebody from all rooms and from the people."""
    for room in list(person.rooms):
        room.permits.discard(person.number)
        rooms.take_from_room(hub, room, person)
    hub.people.forget(person)
