"""A command of the owner's shell, over the socket that only the owner can open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import NotAllowed
from server.events import Administer, Administered
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["administer"]


@log
def administer(hub: Hub, session: Session, event: Administer) -> None:
    """Carry out a command of the owner's shell, and answer it."""
    if not session.is_admin:
        raise NotAllowed("this is for the owner's shell")
    # Imported late: most servers end without such a command.
    from server.handlers.admin_table import COMMANDS, carry_out

    result = carry_out(hub, event.command, event.arguments)
    changes = COMMANDS[event.command].changes
    hub.tell(session, Administered(result, event.request, changes))
