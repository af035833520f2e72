"""Contacts: whom somebody watches, and who is told of coming and going.

The contacts of an account are stored; those of a guest live as long as the guest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import NotAllowed, TooMany
from server.events import (
    AddContact,
    Done,
    ListContacts,
    PresenceTold,
    RemoveContact,
)
from server.handlers.entries import shown_seen, shown_status
from server.handlers.others import list_chosen, other_one
from server.handlers.telling import listeners
from server.people import Person, Session
from server.permissions import Right, require
from server.ties import unwatch, watch

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "add",
    "came",
    "keep",
    "list_contacts",
    "remove",
    "tell_presence",
    "went",
]


@log
def add(hub: Hub, session: Session, event: AddContact) -> None:
    """Take somebody into one's contacts; twice is as good as once."""
    person, other = other_one(hub, session, event.name)
    require(hub, person, Right.KEEP_CONTACTS)
    hub.require_store()
    if other not in person.contacts:
        limit = hub.settings.contacts_per_person
        if limit and len(person.contacts) >= limit:
            raise TooMany("contacts", limit)
        watch(person, other)
        if person.is_account:
            hub.store.add_contact(person.number, other.number)
    hub.tell(session, Done(event.request))


@log
def remove(hub: Hub, session: Session, event: RemoveContact) -> None:
    """Take somebody out of one's contacts."""
    person, other = other_one(hub, session, event.name)
    require(hub, person, Right.KEEP_CONTACTS)
    hub.require_store()
    if other not in person.contacts:
        raise NotAllowed(f"{other.name} is not among your contacts")
    unwatch(person, other)
    if person.is_account:
        hub.store.remove_contact(person.number, other.number)
    hub.tell(session, Done(event.request))


@log
def list_contacts(hub: Hub, session: Session, event: ListContacts) -> None:
    """Answer with one's contacts in the order of their names."""
    assert session.person is not None
    hub.tell(session, list_chosen(session.person.contacts, event.after, event.request))


@log
def keep(hub: Hub, person: Person) -> None:
    """Store the contacts of a guest who has become an account."""
    for other in person.contacts:
        hub.store.add_contact(person.number, other.number)


@log
def came(hub: Hub, person: Person) -> None:
    """Take note of somebody's first session.

    Who was away when the server ended still is, if they are back soon.
    """
    if person.away and hub.now > hub.began + hub.people.kept_seconds:
        set_away(hub, person, away=False)
    _note_seen(hub, person)
    tell_presence(hub, person, has_moved=True)


@log
def went(hub: Hub, person: Person) -> None:
    """Take note that somebody has no session any more; they are not away but gone.

    Unless it is the server that goes.
    """
    if person.away and not hub.is_ending:
        set_away(hub, person, away=False)
    _note_seen(hub, person)
    tell_presence(hub, person, has_moved=True)


@log
def set_away(hub: Hub, person: Person, *, away: bool) -> None:
    """Let somebody be away, or not, and keep it with their status."""
    person.away = away
    hub.store.note_status(person.number, person.status, away)


@log
def tell_presence(hub: Hub, person: Person, *, has_moved: bool = False) -> None:
    """Tell those who watch somebody what is to be seen of them now.

    Of coming and going, where it `has_moved`, the hub's onlookers hear as well.
    """
    if not (person.watchers or (has_moved and hub.onlookers)):
        return
    told = PresenceTold(
        name=person.name,
        status=shown_status(person),
        online=person.is_here,
        away=person.away and person.is_here,
        seen=shown_seen(person),
        has_moved=has_moved,
    )
    watching = listeners(person.watchers, person)
    if has_moved and hub.onlookers:
        watching = [one for one in watching if one not in hub.onlookers]
        watching += _onlookers(hub, person)
    hub.tell_all(watching, told)


@log
def _onlookers(hub: Hub, person: Person) -> list[Session]:
    """Return those who hear of everybody, but of whom they have blocked."""
    return [
        one
        for one in hub.onlookers
        if one.person is not person and one.person not in person.blocked_by
    ]


@log
def _note_seen(hub: Hub, person: Person) -> None:
    if person.is_account:
        person.seen = hub.wall
        hub.store.note_seen(person.number, hub.wall)
