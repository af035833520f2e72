"""Accounts: signed in to by password or token, changed and given up.

Hashing is for a worker; meanwhile the session waits. What was true before is looked at
again behind it: others were served in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.names import Secret, fold
from decorators import log
from errors import BadRequest, NotStored, WrongPassword
from server.events import (
    Authenticate,
    ChangePassword,
    DeleteAccount,
    Done,
)
from server.handlers import sanctioning
from server.handlers.devices import good_until, own_account, sign_out
from server.handlers.hashing import hash_on_worker
from server.handlers.history import require_history
from server.handlers.signing import enter
from server.handlers.ways import require_private_way
from server.parting import leave_everything
from server.passwords import (
    NO_PASSWORD,
    Verdict,
    check_new_password,
    check_password,
    digest,
    hash_password,
    verify,
)
from server.people import Person, Session
from server.permissions import require_other_owner
from server.store.base import TokenRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "authenticate",
    "change_password",
    "delete_account",
    "remove_account",
]


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
    require_private_way(hub, session)
    row = _good_token(hub, token)  # first: an attempt begun must be ended
    attempt = hub.guesses.begin(None, session.address, hub.now)
    # The doors that know nobody's name before its token give none.
    known = None if row is None else hub.people.by_number.get(row.identity)
    person = known if not event.name else _account_of(hub, event.name)
    ok = row is not None and person is not None and row.identity == person.number
    hub.guesses.end(attempt, hub.now, ok=ok)
    if row is None or person is None or not ok:
        raise WrongPassword
    enter(hub, session, person, event)
    assert session.device is not None
    hub.store.note_token(row.token, hub.wall, session.device.row or None)
    session.token = row.token


@log
def _good_token(hub: Hub, token: Secret) -> TokenRow | None:
    row = hub.store.find_token(digest(token))
    until = None if row is None else good_until(hub, row)
    # By a clock that nothing explains no token ends.
    return None if until is not None and until <= hub.clock.sure else row


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
    require_private_way(hub, session)
    # Counted apart from strangers' guesses at the name (no name has a space): these
    # keep nobody from changing a password.
    name = f"{person.name} within" if session.person and person else name_given
    folded = fold(name[: hub.settings.name_characters + len(" within")])
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

    hash_on_worker(hub, session, event, lambda: verify(known, password), go_on, judge)


@log
def _has_password(hub: Hub, person: Person) -> bool:
    return not person.is_open and hub.reader.password(person.number) != NO_PASSWORD


@log
def _exists(hub: Hub, person: Person) -> bool:
    return hub.people.by_number.get(person.number) is person and person.is_account


# ------------------------------------------------------- changing, giving up


@log
def change_password(hub: Hub, session: Session, event: ChangePassword) -> None:
    """Change one's password; all other devices are signed out.

    One without any gets its first one, from who is signed in.
    """
    person = own_account(hub, session)
    new = event.new_password
    check_new_password(new)

    def change(hashed: Secret) -> None:
        if not _exists(hub, person):
            raise WrongPassword
        hub.store.change_password(person.number, hashed, keep_tokens=False)
        person.is_open = False
        others = [one for one in person.all_sessions() if one is not session]
        sign_out(hub, others)
        hub.audit.note("password", who=person.name, where=session.address)
        hub.tell(session, Done(event.request))

    def hash_new(_: Person) -> None:
        hash_on_worker(hub, session, event, lambda: hash_password(new), change)

    if not _has_password(hub, person):
        require_private_way(hub, session)
        hash_new(person)
    else:
        _check_hash(hub, session, event, person, event.password, hash_new)


@log
def delete_account(hub: Hub, session: Session, event: DeleteAccount) -> None:
    """Give up one's account: its name is free, what was said stays."""
    person = own_account(hub, session)
    require_other_owner(hub, person)

    def delete(person: Person) -> None:
        require_other_owner(hub, person)
        remove_account(hub, person, lambda: hub.tell(session, Done(event.request)))
        hub.audit.note("account deleted", who=person.name, whom=person.name)

    if not _has_password(hub, person):
        delete(person)
    elif event.password is None:
        raise WrongPassword
    else:
        _check_hash(hub, session, event, person, event.password, delete)


@log
def remove_account(
    hub: Hub, person: Person, tell: Callable[[], None] | None = None
) -> None:
    """Take an account away: its name is free, what was said stays.

    Bans and mutes go on holding for the name, and the network that it was used from.
    `tell` is called once it is stored and before its sessions end. Raises NotStored.
    """
    left = sanctioning.leave_behind(hub, person)
    try:
        hub.store.delete_account(person.number)
    except NotStored:
        sanctioning.end(hub, *left)
        raise
    if tell is not None:
        tell()
    sign_out(hub, person.all_sessions())
    leave_everything(hub, person)
    for room in hub.rooms.after(None):
        if room.owner == person.number:
            room.owner = None  # moderators run it from now on
    hub.invites.drop(lambda row: row.creator == person.number)
    for row in list(hub.sanctions.of(person)):
        hub.sanctions.remove(row)
    hub.journal.deleted(person.name)
