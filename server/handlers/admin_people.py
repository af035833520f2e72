"""The owner's shell on people: accounts, their passwords, roles and tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct

from common.names import Name, Secret, check_name
from common.roles import Role
from decorators import log
from errors import BadRequest, NameTaken, NoSuchName, NotAllowed, RequestError
from server.events import SetRole
from server.handlers import roles
from server.handlers.accounts import remove_account
from server.handlers.devices import good_until, sign_out
from server.handlers.history import require_history
from server.handlers.owner_shell import NAME, ask
from server.handlers.signing import enter_all
from server.people import Person, page
from server.permissions import require_other_owner
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "NewPassword",
    "NewRole",
    "NewUser",
    "Page",
    "User",
    "account_of",
    "add",
    "list_users",
    "listed",
    "remove",
    "set_password",
    "set_role",
    "show",
    "tokens_of",
    "who",
]

_HASH_PREFIX = "$argon2id$"
_PAGE_ROWS = 500
RoleWord = Literal["member", "moderator", "owner"]


class Page(Struct, forbid_unknown_fields=True):
    """Which page of a list: from behind the name `after`."""

    after: str | None = None
    limit: Annotated[int, Meta(ge=1, le=_PAGE_ROWS)] = _PAGE_ROWS


class User(Struct, forbid_unknown_fields=True):
    """Somebody."""

    name: str


class NewUser(Struct, forbid_unknown_fields=True):
    """An account to be made; `password` is its hash, None makes an open account."""

    name: str
    password: Secret | None = None
    role: RoleWord = "member"


class NewPassword(Struct, forbid_unknown_fields=True):
    """The hash of somebody's new password."""

    name: str
    password: Secret


class NewRole(Struct, forbid_unknown_fields=True):
    """What somebody is to be."""

    name: str
    role: RoleWord


# -------------------------------------------------------------------- accounts


@log
def add(hub: Hub, event: NewUser) -> dict[str, Any]:
    """Make an account of a free name."""
    require_history(hub)
    name = check_name(event.name, hub.settings.name_characters)
    if hub.people.find(name) is not None:
        raise NameTaken(name)
    if event.password is not None:
        _check_hash(event.password)
    role = Role.of(event.role)
    is_open = event.password is None
    if is_open and role > Role.MEMBER:
        raise NotAllowed(
            f"an account without a password stays a member: as {event.role} whoever "
            "says its name could do everything"
        )
    person = Person(hub.store.new_number(), name, is_account=True, is_open=is_open)
    person.role = role
    hub.people.add(person)
    try:
        hub.store.add_account(
            person.number, name, event.password, was_guest=False, role=role
        )
    except RequestError:
        hub.people.forget(person)
        raise
    enter_all(hub, person)
    hub.journal.registered(person.name)
    hub.audit.note("account made", who=NAME, whom=person.name, how=event.role)
    return {"account_name": person.name, "role": event.role, "open": is_open}


@log
def set_password(hub: Hub, event: NewPassword) -> dict[str, Any]:
    """Give an account another password; its devices and tokens are signed out."""
    person = account_of(hub, event.name)
    _check_hash(event.password)
    hub.store.change_password(person.number, event.password, keep_tokens=False)
    person.is_open = False
    ended = len(person.all_sessions())
    sign_out(hub, person.all_sessions())
    hub.audit.note("password", who=NAME, whom=person.name)
    return {"account_name": person.name, "sessions_ended": ended}


@log
def remove(hub: Hub, event: User) -> dict[str, Any]:
    """Give up an account for somebody: its name is free, what was said stays."""
    person = account_of(hub, event.name)
    require_other_owner(hub, person)
    remove_account(hub, person)
    hub.audit.note("account removed", who=NAME, whom=person.name)
    return {"account_name": person.name}


@log
def set_role(hub: Hub, event: NewRole) -> dict[str, Any]:
    """Make somebody a member, a moderator or an owner."""
    person = account_of(hub, event.name)
    ask(hub, roles.set_role, SetRole(person.name, event.role))
    return {"account_name": person.name, "role": event.role}


@log
def list_users(hub: Hub, event: Page) -> dict[str, Any]:
    """Return accounts in the order of their names."""
    accounts = (one for one in hub.people.after(event.after) if one.is_account)
    found, more = page(accounts, event.limit)
    return listed(found, [_entry(one) for one in found], more=more)


@log
def show(hub: Hub, event: User) -> dict[str, Any]:
    """Return what there is to know of an account or a guest."""
    person = hub.people.find(event.name)
    if person is None:
        raise NoSuchName(event.name)
    devices_of = hub.store.find_devices(person.number) if person.is_account else []
    live = {one.device.row for one in person.all_sessions() if one.device}
    return _entry(person) | {
        "rooms": [room.name for room in person.rooms],
        "addresses": sorted({one.address for one in person.all_sessions()}),
        "devices": [
            {
                "device_id": row.device,
                "created": row.created,
                "seen": row.seen,
                "online": row.device in live,
            }
            for row in devices_of
        ],
        "tokens": tokens_of(hub, person) if person.is_account else [],
    }


@log
def who(hub: Hub, event: Page) -> dict[str, Any]:
    """Return the sessions of who is here, in the order of their names."""
    here = (one for one in hub.people.after(event.after) if one.is_here)
    found, more = page(here, event.limit)
    rows = [row for person in found for row in _sessions(person)]
    return listed(found, rows, more=more)


@log
def listed(
    found: Sequence[Person | Room], rows: list[dict[str, Any]], *, more: bool
) -> dict[str, Any]:
    """Return a page; where there is `more` it goes on behind the name `last`."""
    return {"rows": rows, "more": more, "last": found[-1].name if found else None}


@log
def _sessions(person: Person) -> Iterator[dict[str, Any]]:
    for session in person.all_sessions():
        yield {
            "account_name": person.name,
            "role": person.role.word,
            "address": session.address,
            "private": session.is_private,
            "away": person.away,
            "status": session.status,
        }


@log
def _entry(person: Person) -> dict[str, Any]:
    return {
        "account_name": person.name,
        "role": person.role.word,
        "guest": not person.is_account,
        "open": person.is_account and person.is_open,
        "online": person.is_here,
        "sessions": len(person.all_sessions()),
        "seen": person.seen,
        "sanctioned": person.sanctioned,
    }


# ---------------------------------------------------------------------- shared


@log
def tokens_of(hub: Hub, person: Person) -> list[dict[str, Any]]:
    """Return the rows of somebody's tokens; the tokens themselves are nowhere."""
    return [
        {
            "token_id": row.token,
            "created": row.created,
            "used": row.used,
            "device_id": row.device,
            "until": good_until(hub, row),
        }
        for row in hub.store.find_tokens(person.number)
    ]


@log
def account_of(hub: Hub, name: str) -> Person:
    """Return whose account has a name; raises NoSuchName, or NotAllowed for a guest."""
    person = hub.people.find(name)
    if person is None:
        raise NoSuchName(name)
    if not person.is_account:
        raise NotAllowed(f"{Name(person.name)} is a guest and has no account")
    return person


@log
def _check_hash(password: Secret) -> None:
    """Raise BadRequest for what is no hash: a password itself must not be stored."""
    if not password.startswith(_HASH_PREFIX):
        raise BadRequest("password: expected its argon2id hash")
