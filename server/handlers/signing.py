"""Signing in and leaving: a presence becomes a session of somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import Label, check_name
from decorators import log
from errors import BadRequest, Replaced
from server.events import Quitting, SignIn, Welcome
from server.people import Person, Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["leave", "sign_in"]

_LONGEST_STATUS = 100  # it stands in lists, once for each person


@log
def sign_in(hub: Hub, session: Session, event: SignIn) -> None:
    """Take a presence: a new session of somebody, or a sign of life."""
    if session.person is not None:
        _sign_in_again(hub, session, session.person, event)
        return
    name = check_name(event.name, hub.limits.name_characters)
    _check_status(event.status)
    person = hub.people.claim(name, event.device)
    replaced = person.sessions[:]
    if hub.rooms.all not in person.rooms:
        hub.rooms.enter(hub.rooms.all, person)
    session.person, session.device = person, person.device
    session.status = event.status
    session.log_label = Label(f"{session.log_label} {person.name}")
    person.sessions.append(session)
    hub.sessions.add(session)
    # Only now: a guest whose last session ends would be put aside or forgotten.
    for other in replaced:
        hub.end(other, Replaced())
    hub.journal.signed_in(session.log_label)
    hub.tell(session, _welcome(hub, person, event.request))


@log
def _sign_in_again(hub: Hub, session: Session, person: Person, event: SignIn) -> None:
    """Take a presence of who is signed in: a sign of life, perhaps a new status."""
    if hub.people.find(event.name) is not person:
        raise BadRequest(f"you are signed in as {person.name}; quit first")
    _check_status(event.status)
    session.status = event.status
    hub.tell(session, _welcome(hub, person, event.request))


@log
def _welcome(hub: Hub, person: Person, request: int | None) -> Welcome:
    return Welcome(
        name=person.name,
        guest=True,
        store=hub.store.store_id,
        last_id=hub.next_id - 1,
        device_seq=person.device.settled,
        refused=person.device.refused(),
        limits=hub.limits,
        request=request,
    )


@log
def leave(hub: Hub, session: Session, event: Quitting) -> None:
    """Take a goodbye: there is no answer."""
    hub.part(session, Label("said goodbye"))


@log
def _check_status(status: str) -> None:
    if len(status) > _LONGEST_STATUS:
        raise BadRequest(f"a status has at most {_LONGEST_STATUS} characters")
