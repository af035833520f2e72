"""Registering: who may make an account, of a free name or of the guest they are.

Hashing is for a worker; meanwhile the session waits. What was true before is looked at
again behind it: others were served in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.addresses import is_loopback
from common.names import Name, Secret, check_name
from common.roles import Role
from decorators import log
from errors import NameTaken, NotAllowed, RequestError
from server.events import Register, Registered
from server.handlers import contacts
from server.handlers.devices import make_token
from server.handlers.hashing import hash_on_worker
from server.handlers.history import require_history
from server.handlers.invites import find_invite, give_room
from server.handlers.sanctioning import carry_over
from server.handlers.signing import enter_all
from server.handlers.ways import require_private_way
from server.passwords import check_new_password, hash_password
from server.people import Person, Session
from server.permissions import require_password
from server.sanctions import refuse_banned
from server.store.base import InviteRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["check_pace", "register", "require_open_registration"]


@log
def register(hub: Hub, session: Session, event: Register) -> None:
    """Make an account of a free name, or of the guest who asks."""
    require_history(hub)
    name = check_name(event.name, hub.settings.name_characters)
    _check_free(hub, session, name)
    check_pace(hub, session)
    row = _check_invited(hub, session, event)
    require_password(
        Role.MEMBER if row is None else row.role, is_open=event.password is None
    )
    if event.password is None:
        _register(hub, session, event, None)
        return
    require_private_way(hub, session)
    password = event.password
    check_new_password(password)
    hash_on_worker(
        hub,
        session,
        event,
        lambda: hash_password(password),
        lambda hashed: _register(hub, session, event, hashed),
    )


@log
def _check_invited(hub: Hub, session: Session, event: Register) -> InviteRow | None:
    """Return the invitation that somebody comes with; raise NotAllowed without one.

    Where registration is open none is needed, unless guests from there are banned.
    """
    if event.invite is not None:
        require_private_way(hub, session)
        return find_invite(hub, session, event.invite, registers=True)
    require_open_registration(hub, session, event.name)
    return None


@log
def require_open_registration(hub: Hub, session: Session, name: str) -> None:
    """Raise NotAllowed where who has no invitation, or is banned, can't register."""
    if hub.settings.registration != "open":
        raise NotAllowed(
            "one registers here with an invitation only: ask the server's owner for one"
        )
    refuse_banned(hub, hub.sanctions.of_guest(name, [session.address]), None)


@log
def check_pace(hub: Hub, session: Session) -> None:
    """Let nobody on the network take names by the hundred; raises TooSoon."""
    if not is_loopback(session.address):
        attempt = hub.registrations.begin(None, session.address, hub.now)
        # Each counts as a wrong guess would: some are free, then the pauses grow.
        hub.registrations.end(attempt, hub.now, ok=False)


@log
def _check_free(hub: Hub, session: Session, name: Name) -> None:
    owner = hub.people.find(name)
    if owner is not None and (owner is not session.person or owner.is_account):
        raise NameTaken(name)


@log
def _register(
    hub: Hub, session: Session, event: Register, hashed: Secret | None
) -> None:
    name = check_name(event.name, hub.settings.name_characters)
    _check_free(hub, session, name)
    # Again: it may have been the last use that another took in the meantime.
    row = None
    if event.invite is not None:
        row = find_invite(hub, session, event.invite, registers=True)
    role = Role.MEMBER if row is None else row.role
    invite = None if row is None else row.invite
    person = hub.people.find(name)
    is_open = hashed is None
    if person is None:
        person = Person(hub.store.new_number(), name, is_account=True, is_open=is_open)
        hub.people.add(person)
        try:
            hub.store.add_account(
                person.number, name, hashed, was_guest=False, role=role, invite=invite
            )
        except RequestError:
            hub.people.forget(person)
            raise
        enter_all(hub, person)
        if row is None:
            # Who is muted or kept out of a room here is so under a new name, too.
            rows = hub.sanctions.of_guest(name, [session.address])
            carry_over(hub, person, rows)
    else:
        hub.store.add_account(
            person.number, person.name, hashed, was_guest=True, role=role, invite=invite
        )
        _promote(hub, person, is_open=is_open)
    person.role = role
    hub.audit.note("registered", who=person.name, where=session.address, how=role.word)
    if row is not None:
        hub.invites.take(row)
        give_room(hub, person, row)
    hub.journal.registered(person.name)
    if is_open:
        hub.tell(session, Registered(None, None, event.request))
    else:
        hub.tell(session, make_token(hub, person, event.request))


@log
def _promote(hub: Hub, guest: Person, *, is_open: bool) -> None:
    """Make an account of a guest, with all that is theirs."""
    rows = hub.sanctions.of(guest) if guest.sanctioned else []
    guest.is_account, guest.is_open = True, is_open
    contacts.keep(hub, guest)
    carry_over(hub, guest, rows)
    hub.sanctions.mark([guest])
