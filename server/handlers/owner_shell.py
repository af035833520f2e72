"""Who acts where the owner's shell acts: an owner whom nobody can sign in as."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from common.names import Label, Name
from common.roles import Role
from decorators import log
from server.events import Outgoing
from server.people import Person, Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["NAME", "ask"]

#: As the people concerned and the audit log know it.
NAME = Name("server")


@log
def ask(
    hub: Hub, handle: Callable[[Hub, Session, Any], None], event: Any
) -> list[Outgoing]:
    """Have a handler carry out an event as if an owner asked; return its answers.

    Raises what the handler raises. Its person has the number 0, which nobody else has,
    and is nowhere among the people.
    """
    session = hub.open(None, Label("the owner's shell"), Label("127.0.0.1"))
    session.person = Person(0, NAME, is_account=True)
    session.person.role = Role.OWNER
    session.is_admin = True
    handle(hub, session, event)
    if session in hub.touched:
        hub.touched.remove(session)
    return session.outbox
