"""Signing in and leaving: a presence becomes a session of somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.fingerprints import shown
from common.names import Label, Name, Secret, check_name
from decorators import log
from errors import (
    BadRequest,
    GuestsRefused,
    NameRegistered,
    NameTaken,
    Replaced,
    RequestError,
)
from server.events import Authenticate, CaughtUp, Quitting, SignIn, Welcome
from server.handlers import contacts
from server.handlers.entries import shown_status
from server.handlers.ways import is_private_way
from server.passwords import digest
from server.people import Device, Person, Session
from server.sanctions import refuse_banned

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["enter", "enter_all", "leave", "sign_in"]

_LONGEST_STATUS = 100  # it stands in lists, once for each person
# The device of an open account's sessions that name none: what was not yet written to
# one of them is sent at the next.
_PLAIN = "plain"


@log
def sign_in(hub: Hub, session: Session, event: SignIn) -> None:
    """Take a presence: a new session of somebody, or a sign of life."""
    if session.person is not None:
        _sign_in_again(hub, session, session.person, event)
        return
    name = check_name(event.name, hub.settings.name_characters)
    _check_status(event.status)
    person = hub.people.find(name)
    is_new = person is None
    if not (hub.settings.guests or (person is not None and person.is_account)):
        raise GuestsRefused
    if person is None:
        refuse_banned(hub, hub.sanctions.of_guest(name, [session.address]), None)
        person = _new_guest(hub, name)
    elif person.is_account and not person.is_open:
        takes_password = is_private_way(hub, session)
        raise NameRegistered(name, takes_password=takes_password)
    elif not (person.is_account or _is_theirs(hub, person, event.device)):
        raise NameTaken(name)
    session.status = event.status
    try:
        enter(hub, session, person, event)
    except RequestError:
        # The disk's trouble: nobody could come back as a guest who never was here.
        if is_new:
            hub.forget(person)
        raise


@log
def enter(
    hub: Hub, session: Session, person: Person, event: SignIn | Authenticate
) -> None:
    """Make a session one of `person`, who has shown to be who they say.

    Raises Sanctioned for who is banned.
    """
    _check_ban(hub, session, person)
    was_here = person.is_here
    key = _key(hub, person, event.device)
    device = _device(hub, person, key)
    if key == _PLAIN:
        # What they have got is kept for all of them, but each numbers its own.
        hub.plain[session] = device
        device = Device(device.row, received=device.received)
    replaced = _replaced(person, device, key)
    session.person, session.device = person, device
    session.log_label = Label(f"{session.log_label} {person.name}")
    hub.strangers.discard(session)
    hub.sessions.add(session)
    if not person.is_account and key is not None:
        hub.people.let_go(person)
        hub.store.keep_guest(person.number, None)
    enter_all(hub, person)
    hub.journal.signed_in(session.log_label)
    hub.audit.note(
        "sign-in", who=person.name, where=session.address, how=_way(person, event)
    )
    hub.tell(session, _welcome(hub, session, person, event.request))
    since = _since(hub, session, event)
    if since is not None:
        hub.feeder.take(session, since)
    else:
        person.sessions.append(session)
        hub.tell(session, CaughtUp(hub.last_id))
    if not was_here:
        contacts.came(hub, person)
    # Only now: a guest whose last session ends would be put aside or forgotten.
    for other in replaced:
        hub.end(other, Replaced())


@log
def _check_ban(hub: Hub, session: Session, person: Person) -> None:
    if person.is_account:
        rows = hub.sanctions.of(person) if person.sanctioned else []
    else:
        # The network may be another one than at the last time.
        rows = hub.sanctions.of_guest(person.name, [session.address])
        person.sanctioned = bool(rows)
    if rows:
        refuse_banned(hub, rows, None)


@log
def _way(person: Person, event: SignIn | Authenticate) -> str:
    if not person.is_account:
        return "guest"
    if isinstance(event, SignIn):
        return "open account"
    return "password" if event.token is None else "token"


@log
def enter_all(hub: Hub, person: Person) -> None:
    """Make somebody a member of `#all`, where everybody is, if they are new."""
    room = hub.rooms.all
    if room not in person.rooms:
        hub.rooms.enter(room, person)
        hub.store.enter(room.conversation, person.number, hub.last_id)


@log
def _replaced(person: Person, device: Device, key: str | None) -> list[Session]:
    """Return the sessions that end when this device signs in."""
    if not person.is_account:
        return person.all_sessions()
    if key == _PLAIN:
        return []
    return [one for one in person.all_sessions() if one.device is device]


@log
def _is_theirs(hub: Hub, guest: Person, secret: Secret | None) -> bool:
    """Tell whether a device is the one that a guest's name belongs to."""
    if secret is None:
        return False
    return _known_device(hub, guest, digest(secret)) is not None


@log
def _new_guest(hub: Hub, name: Name) -> Person:
    hub.require_store()
    person = Person(hub.store.new_number(), name)
    hub.people.add(person)
    hub.store.add_guest(person.number, name)
    return person


@log
def _key(hub: Hub, person: Person, secret: Secret | None) -> str | None:
    """Return under what a device is kept; None for one of this connection only."""
    if secret is not None:
        return digest(secret)
    keeps = person.is_account and person.is_open and hub.store.keeps_history
    return _PLAIN if keeps else None


@log
def _known_device(hub: Hub, person: Person, key: str) -> Device | None:
    """Return a device of somebody that was here before."""
    known = person.devices.get(key)
    if known is None:
        row = hub.store.find_device(person.number, key)
        if row is None:
            return None
        known = Device(row.device, row.settled, row.refused, row.received)
        person.devices[key] = known
    return known


@log
def _device(hub: Hub, person: Person, key: str | None) -> Device:
    """Return the device of a session, a new one if it was never here."""
    if key is None:
        return Device()
    known = _known_device(hub, person, key)
    if known is not None:
        hub.store.note_device(known.row, hub.wall)
        return known
    device = person.devices[key] = Device(hub.store.new_number())
    hub.store.add_device(device.row, person.number, key, hub.wall)
    return device


@log
def _since(hub: Hub, session: Session, event: SignIn | Authenticate) -> int | None:
    """Return the message to be fed from; None if nothing is replayed."""
    assert session.device is not None
    if not hub.store.keeps_history:
        return None
    if event.since is not None and event.store == hub.store.store_id:
        return event.since
    if session in hub.plain:
        return session.device.received
    return None


@log
def _sign_in_again(hub: Hub, session: Session, person: Person, event: SignIn) -> None:
    """Take a presence of who is signed in: a sign of life, perhaps a new status."""
    if hub.people.find(event.name) is not person:
        raise BadRequest(f"you are signed in as {person.name}; quit first")
    _check_status(event.status)
    before = shown_status(person)
    session.status = event.status
    if shown_status(person) != before:
        contacts.tell_presence(hub, person)
    else:
        hub.signs_of_life += 1
    hub.tell(session, _welcome(hub, session, person, event.request))


@log
def _welcome(
    hub: Hub, session: Session, person: Person, request: int | None
) -> Welcome:
    assert session.device is not None
    fingerprint = hub.place.fingerprint if hub.place else None
    return Welcome(
        name=person.name,
        guest=not person.is_account,
        store=hub.store.store_id,
        last_id=hub.last_id,
        device_seq=session.device.settled,
        refused=session.device.refused(),
        limits=hub.settings,
        request=request,
        keeps_history=hub.store.keeps_history,
        role=person.role.word,
        fingerprint=shown(fingerprint) if fingerprint else None,
    )


@log
def leave(hub: Hub, session: Session, event: Quitting) -> None:
    """Take a goodbye: there is no answer."""
    hub.part(session, Label("said goodbye"))


@log
def _check_status(status: str) -> None:
    if len(status) > _LONGEST_STATUS:
        raise BadRequest(f"a status has at most {_LONGEST_STATUS} characters")
