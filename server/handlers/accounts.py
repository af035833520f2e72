"""Accounts: made, signed in to by password or token, changed and given up.

Hashing is for a worker; meanwhile the session waits. What was true before is looked at
again behind it: others were served in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from common.addresses import is_loopback
from common.names import Name, Secret, check_name, fold
from decorators import log
from errors import BadRequest, NameTaken, NotAllowed, RequestError, WrongPassword
from server.events import (
    Authenticate,
    ChangePassword,
    DeleteAccount,
    Done,
    Event,
    Register,
    Registered,
)
from server.handlers.devices import make_token, own_account, sign_out
from server.handlers.history import require_history
from server.handlers.signing import enter, enter_all
from server.passwords import (
    Verdict,
    check_new_password,
    check_password,
    digest,
    hash_password,
    verify,
)
from server.people import Person, Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["authenticate", "change_password", "delete_account", "register"]


# ------------------------------------------------------------------ making one


@log
def register(hub: Hub, session: Session, event: Register) -> None:
    """Make an account of a free name, or of the guest who asks."""
    require_history(hub)
    name = check_name(event.name, hub.settings.name_characters)
    _check_free(hub, session, name)
    _check_pace(hub, session)
    if event.password is None:
        _register(hub, session, event, None)
        return
    _check_way(hub, session)
    password = event.password
    check_new_password(password)
    _hash(
        hub,
        session,
        event,
        lambda: hash_password(password),
        lambda hashed: _register(hub, session, event, hashed),
    )


@log
def _check_pace(hub: Hub, session: Session) -> None:
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
    person = hub.people.find(name)
    is_open = hashed is None
    if person is None:
        person = Person(hub.store.new_number(), name, is_account=True, is_open=is_open)
        hub.people.add(person)
        try:
            hub.store.add_account(person.number, name, hashed, was_guest=False)
        except RequestError:
            hub.people.forget(person)
            raise
        enter_all(hub, person)
    else:
        hub.store.add_account(person.number, person.name, hashed, was_guest=True)
        person.is_account, person.is_open = True, is_open
    hub.journal.registered(person.name)
    if is_open:
        hub.tell(session, Registered(None, None, event.request))
    else:
        hub.tell(session, make_token(hub, person, event.request))


# ------------------------------------------------------------------ signing in


@log
def authenticate(hub: Hub, session: Session, event: Authenticate) -> None:
    """Sign in to an account."""
    require_history(hub)
    if session.person is not None:
        raise BadRequest(f"you are signed in as {session.person.name}; quit first")
    if event.token is not None:
        _sign_in_by_token(hub, session, event, event.token)
        return
    assert event.password is not None
    _check_hash(
        hub,
        session,
        event,
        _account_of(hub, event.name),
        event.password,
        lambda person: enter(hub, session, person, event),
        event.name,
    )


@log
def _account_of(hub: Hub, name: str) -> Person | None:
    person = hub.people.find(name)
    return person if person is not None and person.is_account else None


@log
def _sign_in_by_token(
    hub: Hub, session: Session, event: Authenticate, token: Secret
) -> None:
    _check_way(hub, session)
    row = hub.store.find_token(digest(token))  # first: an attempt begun must be ended
    attempt = hub.guesses.begin(None, session.address, hub.now)
    person = _account_of(hub, event.name)
    ok = row is not None and person is not None and row.identity == person.number
    hub.guesses.end(attempt, hub.now, ok=ok)
    if row is None or person is None or not ok:
        raise WrongPassword
    enter(hub, session, person, event)
    assert session.device is not None
    hub.store.note_token(row.token, hub.wall, session.device.row or None)


@log
def _check_hash(
    hub: Hub,
    session: Session,
    event: Authenticate | ChangePassword | DeleteAccount,
    person: Person | None,
    password: Secret,
    then: Callable[[Person], None],
    name_given: str = "",
) -> None:
    """Have a worker compare; go on with `then` if it is the password of `person`.

    Nobody of the name that was given takes the same way: nothing tells the two apart.
    """
    check_password(password)
    _check_way(hub, session)
    name = event.name if isinstance(event, Authenticate) else session.log_label
    folded = fold(name[: hub.settings.name_characters])
    stored = hub.reader.password(person.number) if person is not None else None
    attempt = hub.guesses.begin(folded, session.address, hub.now)
    known = None if stored is None else Secret(stored)

    def judge(result: Verdict | Exception) -> None:
        # Also of who has gone: a guess is a guess.
        if isinstance(result, Verdict):
            hub.guesses.end(attempt, hub.now, ok=result.ok)
        else:
            hub.guesses.abandon(attempt, hub.now)

    def go_on(verdict: Verdict) -> None:
        if person is None or not verdict.ok:
            raise WrongPassword
        # In the meantime the account may have been given up, or its password changed.
        if hub.reader.password(person.number) != stored:
            raise WrongPassword
        if verdict.rehashed is not None:
            hub.store.change_password(person.number, verdict.rehashed)
        then(person)

    _hash(hub, session, event, lambda: verify(known, password), go_on, judge)


@log
def _exists(hub: Hub, person: Person) -> bool:
    return hub.people.by_number.get(person.number) is person and person.is_account


@log
def _hash(
    hub: Hub,
    session: Session,
    event: Event,
    work: Callable[[], Any],
    then: Callable[[Any], None],
    judge: Callable[[Any], None] | None = None,
) -> None:
    hashing = hub.crew.hashing
    hub.work(
        session,
        event,
        lambda finish: hashing.submit(lambda _: work(), finish),
        then,
        judge,
    )


@log
def _check_way(hub: Hub, session: Session) -> None:
    """Refuse a secret that the network can read."""
    if not (hub.settings.plain_passwords or is_loopback(session.address)):
        raise NotAllowed(
            "a password would cross the network for all to read: sign in on the "
            "server's own machine, or have its owner allow it (plain_passwords)"
        )


# ------------------------------------------------------- changing, giving up


@log
def change_password(hub: Hub, session: Session, event: ChangePassword) -> None:
    """Change one's password; all other devices are signed out.

    An open account gets its first one, from who is signed in.
    """
    person = own_account(session)
    new = event.new_password
    check_new_password(new)

    def change(hashed: Secret) -> None:
        if not _exists(hub, person):
            raise WrongPassword
        hub.store.change_password(person.number, hashed, keep_tokens=False)
        person.is_open = False
        others = [one for one in person.all_sessions() if one is not session]
        sign_out(hub, others)
        hub.tell(session, Done(event.request))

    def hash_new(_: Person) -> None:
        _hash(hub, session, event, lambda: hash_password(new), change)

    if person.is_open:
        _check_way(hub, session)
        hash_new(person)
    else:
        _check_hash(hub, session, event, person, event.password, hash_new)


@log
def delete_account(hub: Hub, session: Session, event: DeleteAccount) -> None:
    """Give up one's account: its name is free, what was said stays."""
    person = own_account(session)

    def delete(person: Person) -> None:
        hub.store.delete_account(person.number)
        hub.tell(session, Done(event.request))
        sign_out(hub, person.all_sessions())
        hub.leave_everything(person)
        hub.journal.deleted(person.name)

    if person.is_open:
        delete(person)
    elif event.password is None:
        raise WrongPassword
    else:
        _check_hash(hub, session, event, person, event.password, delete)
