"""What other doors than JIM's ask: to hear of everybody, to read along, to take a name.

Who reads along has not signed in: a listener is nobody, and in no list.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from common.names import Name, check_name
from decorators import log
from errors import BadRequest, NameRefused, NameTaken, RequestError, TooMany
from server.events import Authenticate, HearEverybody, Listen, TakeName
from server.handlers.devices import make_token
from server.handlers.history import require_history
from server.handlers.registering import check_pace, require_open_registration
from server.handlers.sanctioning import carry_over
from server.handlers.signing import enter
from server.handlers.ways import require_private_way
from server.passwords import NO_PASSWORD
from server.people import Person, Session
from server.sanctions import refuse_banned

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["hear_everybody", "listen", "take_name"]

# Each try costs a look at names that look alike: behind these few it is chance.
_COUNTED = range(2, 100)
_TRIES_BY_CHANCE = 100
_LARGEST_NUMBER = 1_000_000


@log
def hear_everybody(hub: Hub, session: Session, event: HearEverybody) -> None:
    """Tell a session of everybody's coming and going; nobody, if they are nobody.

    It stands behind a sign-in, and where that was refused it has its answer already.
    """
    if session.person is not None:
        hub.onlookers.add(session)


@log
def listen(hub: Hub, session: Session, event: Listen) -> None:
    """Let somebody read `#all`, or send them away: there is nothing else they do here.

    A network that is banned is banned from reading, too. Twice is as good as once.
    """
    if session in hub.listeners:
        return
    most = hub.settings.minechat_readers
    try:
        if most and len(hub.listeners) >= most:
            raise TooMany("readers", most)
        refuse_banned(hub, hub.sanctions.of_guest("", [session.address]), None)
    except RequestError as error:
        hub.end(session, error)
        return
    hub.listeners.add(session)
    hub.journal.listens(session.log_label)


@log
def take_name(hub: Hub, session: Session, event: TakeName) -> None:
    """Make an account that a token alone opens, and sign in to it."""
    require_history(hub)
    if session.person is not None:
        raise BadRequest(f"you are signed in as {session.person.name}; quit first")
    require_private_way(hub, session)
    wanted = check_name(event.name, hub.settings.name_characters)
    require_open_registration(hub, session, wanted)
    hub.require_store()
    check_pace(hub, session)
    person = _newcomer(hub, wanted)
    try:
        hub.store.add_account(person.number, person.name, NO_PASSWORD, was_guest=False)
    except RequestError:
        hub.people.forget(person)
        raise
    carry_over(hub, person, hub.sanctions.of_guest(person.name, [session.address]))
    hub.audit.note(
        "registered", who=person.name, where=session.address, how=person.role.word
    )
    hub.journal.registered(person.name)
    registered = make_token(hub, person, event.request)
    registered.name = person.name
    hub.tell(session, registered)
    enter(hub, session, person, Authenticate(person.name, token=registered.token))


@log
def _newcomer(hub: Hub, wanted: Name) -> Person:
    """Return somebody of this name, or of the first free one that is made from it."""
    number = hub.store.new_number()
    for name in _names(wanted, hub.settings.name_characters):
        person = Person(number, name, is_account=True, is_open=False)
        try:
            hub.people.add(person)
        except NameTaken:
            continue
        return person
    raise NameTaken(wanted)


@log
def _names(wanted: Name, longest: int) -> Iterator[Name]:
    yield wanted
    by_chance = (secrets.randbelow(_LARGEST_NUMBER) for _ in range(_TRIES_BY_CHANCE))
    for number in (*_COUNTED, *by_chance):
        name = f"{wanted[: longest - len(str(number))]}{number}"
        # Cut behind a joiner it is none.
        with contextlib.suppress(NameRefused):
            yield check_name(name, longest)
