"""An account's devices and tokens: listed, made, signed out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from decorators import log
from errors import BadRequest, NotAllowed, SignedOut, TokenRevoked
from server.events import (
    CreateToken,
    DeviceEntry,
    DeviceList,
    Done,
    ForgetDevice,
    ListDevices,
    ListTokens,
    Registered,
    RevokeToken,
    TokenEntry,
    TokenList,
)
from server.passwords import digest, new_token
from server.people import Person, Session
from server.permissions import Right, require
from server.store.base import TokenRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "create_token",
    "end_token",
    "forget_device",
    "good_until",
    "list_devices",
    "list_tokens",
    "make_token",
    "own_account",
    "revoke_token",
    "sign_out",
]


@log
def own_account(hub: Hub, session: Session) -> Person:
    """Return who has signed in to an account; raises NotAllowed for a guest."""
    person = session.person
    assert person is not None
    require(hub, person, Right.HAVE_ACCOUNT)
    return person


@log
def make_token(hub: Hub, person: Person, request: int | None) -> Registered:
    """Return the answer that shows a new token, this once. Raises NotStored."""
    token, number = new_token(), hub.store.new_number()
    hub.store.add_token(number, person.number, digest(token), hub.wall)
    return Registered(token, number, request)


@log
def create_token(hub: Hub, session: Session, event: CreateToken) -> None:
    """Make a token of one's account."""
    person = own_account(hub, session)
    if person.is_open:
        raise NotAllowed("an account without a password needs no token")
    hub.tell(session, make_token(hub, person, event.request))


@log
def list_tokens(hub: Hub, session: Session, event: ListTokens) -> None:
    """Answer with the tokens of one's account."""
    rows = hub.store.find_tokens(own_account(hub, session).number)
    entries = [
        TokenEntry(row.token, row.created, row.used, row.device, good_until(hub, row))
        for row in rows
    ]
    hub.tell(session, TokenList(entries, event.request))


@log
def revoke_token(hub: Hub, session: Session, event: RevokeToken) -> None:
    """Make a token of one's account worthless."""
    person = own_account(hub, session)
    rows = hub.store.find_tokens(person.number)
    if event.token_id not in {row.token for row in rows}:
        raise BadRequest("you have no token of this number")
    hub.store.revoke_token(event.token_id)
    # At once: nobody may be told that it is worthless while a crash could undo it.
    hub.store.commit((), (), hub.wall)
    hub.tell(session, Done(event.request))
    end_token(hub, person, event.token_id)


@log
def end_token(
    hub: Hub, person: Person, token: int, spared: Session | None = None
) -> int:
    """End the sessions that a token has opened, which is gone; return how many."""
    opened = [
        one for one in person.all_sessions() if one.token == token and one is not spared
    ]
    for session in opened:
        hub.end(session, TokenRevoked())
    return len(opened)


@log
def good_until(hub: Hub, row: TokenRow) -> float | None:
    """Return when a token ends that nobody uses (UNIX seconds), None for never."""
    days = hub.settings.token_days
    if not days:
        return None
    used = row.created if row.used is None else row.used
    return used + days * 86400.0


@log
def list_devices(hub: Hub, session: Session, event: ListDevices) -> None:
    """Answer with the devices of one's account."""
    person = own_account(hub, session)
    live = {one.device.row for one in person.all_sessions() if one.device}
    own = session.device.row if session.device else 0
    tokens = {row.device: row for row in hub.store.find_tokens(person.number)}
    entries = []
    for row in hub.store.find_devices(person.number):
        token = tokens.get(row.device)
        entries.append(
            DeviceEntry(
                row.device,
                row.created,
                row.seen,
                row.device in live,
                row.device == own,
                token is not None,
                None if token is None else good_until(hub, token),
            )
        )
    hub.tell(session, DeviceList(entries, event.request))


@log
def forget_device(hub: Hub, session: Session, event: ForgetDevice) -> None:
    """Sign a device of one's account out, for good."""
    person = own_account(hub, session)
    rows = hub.store.find_devices(person.number)
    row = next((one for one in rows if one.device == event.device_id), None)
    if row is None:
        raise BadRequest("you have no device of this number")
    tokens = hub.store.find_tokens(person.number)
    hub.store.forget_device(row.device)
    hub.store.commit((), (), hub.wall)  # at once, as a token is revoked
    gone = person.devices.pop(row.digest, None)
    hub.tell(session, Done(event.request))
    sign_out(
        hub,
        [
            one
            for one in person.all_sessions()
            if one.device is not None and one.device.row == row.device
        ],
    )
    for token in tokens:
        if token.device == row.device:
            # Wherever else it was used; who asks goes on, as with a new password.
            end_token(hub, person, token.token, spared=session)
    if gone is not None:
        gone.row = 0  # its sessions' last words are nobody's


@log
def sign_out(hub: Hub, sessions: Iterable[Session]) -> None:
    """End sessions whose device is none of the account's any more."""
    for session in list(sessions):
        hub.end(session, SignedOut())
