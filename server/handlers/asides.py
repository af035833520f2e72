"""What a dialect itself has to answer, handed back to it in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from server.events import Aside
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["tell_aside"]


@log
def tell_aside(hub: Hub, session: Session, event: Aside) -> None:
    """Answer what the dialect has asked for, behind what was answered before."""
    hub.tell(session, event)
