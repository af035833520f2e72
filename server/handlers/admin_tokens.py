"""The owner's shell on tokens, which sign in without the password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from decorators import log
from errors import BadRequest, NotAllowed
from server.handlers import devices
from server.handlers.admin_people import User, account_of, tokens_of
from server.handlers.owner_shell import NAME

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["Token", "list_tokens", "make_token", "revoke_token"]


class Token(Struct, forbid_unknown_fields=True):
    """A token of somebody, by its number."""

    name: str
    token_id: int


@log
def make_token(hub: Hub, event: User) -> dict[str, Any]:
    """Make a token for somebody; it is shown this once."""
    person = account_of(hub, event.name)
    if person.is_open:
        raise NotAllowed(
            f"{person.name} has no password and so needs no token: whoever says the "
            "name is let in"
        )
    made = devices.make_token(hub, person, None)
    hub.audit.note("token made", who=NAME, whom=person.name, how=str(made.token_id))
    return {
        "account_name": person.name,
        "token": made.token,
        "token_id": made.token_id,
    }


@log
def list_tokens(hub: Hub, event: User) -> dict[str, Any]:
    """Return the tokens of an account."""
    return {"rows": tokens_of(hub, account_of(hub, event.name)), "more": False}


@log
def revoke_token(hub: Hub, event: Token) -> dict[str, Any]:
    """Make a token worthless; the sessions that it has opened end."""
    person = account_of(hub, event.name)
    rows = hub.store.find_tokens(person.number)
    if event.token_id not in {row.token for row in rows}:
        raise BadRequest(f"{person.name} has no token of this number")
    hub.store.revoke_token(event.token_id)
    ended = devices.end_token(hub, person, event.token_id)
    how = str(event.token_id)
    hub.audit.note("token revoked", who=NAME, whom=person.name, how=how)
    return {
        "account_name": person.name,
        "token_id": event.token_id,
        "sessions_ended": ended,
    }
