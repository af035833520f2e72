"""What others see of somebody: status, away, when they were here last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import NoSuchName
from server.events import AskPerson, Done, SetProfile, UserList
from server.handlers.contacts import set_away, tell_presence
from server.handlers.entries import shown_status, user_entry
from server.people import Person, Session
from server.permissions import Right, require

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["ask_person", "set_profile"]


@log
def set_profile(hub: Hub, session: Session, event: SetProfile) -> None:
    """Change what others see; those who watch are told of what has changed."""
    person = session.person
    assert person is not None
    if event.shows_seen is not None:
        _show_seen(hub, person, shows_seen=event.shows_seen)
    before = (shown_status(person), person.away)
    if event.status is not None:
        person.status = event.status
        for own in person.all_sessions():
            own.status = event.status
    away = person.away if event.away is None else event.away
    if event.status is not None or away is not person.away:
        set_away(hub, person, away=away)
    if (shown_status(person), person.away) != before:
        tell_presence(hub, person)
    hub.tell(session, Done(event.request))


@log
def _show_seen(hub: Hub, person: Person, *, shows_seen: bool) -> None:
    """Let others see when one was here last, or not; raises for guests and no disk."""
    require(hub, person, Right.SHOW_SEEN)
    hub.require_store()
    if shows_seen is not person.shows_seen:
        person.shows_seen = shows_seen
        hub.store.set_shows_seen(person.number, shows_seen)


@log
def ask_person(hub: Hub, session: Session, event: AskPerson) -> None:
    """Answer with a list of one."""
    person = hub.people.find(event.name)
    if person is None:
        raise NoSuchName(event.name)
    entries = [user_entry(person)]
    hub.tell(session, UserList(entries, False, event.request, is_chosen=True))
