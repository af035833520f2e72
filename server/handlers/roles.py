"""Roles: who makes whom a member, a moderator or an owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.roles import Role
from decorators import log
from errors import BadRequest, NoSuchName, NotAllowed
from server.events import Done, Ruling, SetRole
from server.handlers.telling import tell_ruling
from server.people import Person, Session
from server.permissions import (
    Right,
    has,
    require,
    require_other_owner,
    require_password,
    right_to_invite,
)

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["give_role", "set_role"]


@log
def set_role(hub: Hub, session: Session, event: SetRole) -> None:
    """Give somebody another role; who has one may step down."""
    person, target = session.person, hub.people.find(event.name)
    assert person is not None
    own = target is person
    require(hub, person, Right.SET_ROLE, target=None if own else target)
    hub.require_store()
    if target is None:
        raise NoSuchName(event.name)
    try:
        role = Role.of(event.role)
    except KeyError:
        raise BadRequest("a role is member, moderator or owner") from None
    if not target.is_account or role is Role.GUEST:
        raise NotAllowed("only accounts have roles: a guest registers first")
    require_password(role, is_open=target.is_open)
    if role < target.role:
        require_other_owner(hub, target)
    if role is not target.role:
        give_role(hub, target, role, person)
    hub.tell(session, Done(event.request))


@log
def give_role(hub: Hub, target: Person, role: Role, by: Person) -> None:
    """Give an account a role, and tell it."""
    target.role = role
    _take_invites(hub, target)
    hub.store.set_role(target.number, role)
    hub.audit.note("role", who=by.name, whom=target.name, how=role.word)
    ruling = Ruling("role", target.name, None, by.name, role=role.word)
    tell_ruling(hub, ruling, by, target, None)


@log
def _take_invites(hub: Hub, target: Person) -> None:
    """Make worthless what somebody could not hand out any more."""
    for row in hub.invites.drop(
        lambda row: (
            row.creator == target.number
            and not has(hub, target, right_to_invite(row.role))
        )
    ):
        hub.store.revoke_invite(row.invite)
