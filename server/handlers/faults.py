"""What is no request: answered, counted, and at some point enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import BadRequest, TooMany
from server.events import Faulty, Foreign, Refused
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["take_fault", "turn_away"]


@log
def take_fault(hub: Hub, session: Session, event: Faulty) -> None:
    """Answer what is no request; past the limit, or if nothing can follow, end."""
    hub.journal.refused(session.log_label, "bytes", event.error)
    if event.fatal:
        hub.end(session, event.error)
        return
    if event.number is not None:
        hub.settle_refused(session, event.number)
    hub.tell(session, Refused(event.error, event.request))
    session.faults += 1
    limit = hub.settings.broken_objects
    if limit and session.faults >= limit:
        hub.end(session, TooMany("broken objects in a row", limit))


@log
def turn_away(hub: Hub, session: Session, event: Foreign) -> None:
    """Say no to a protocol that has no door here."""
    hub.end(session, BadRequest(f"this port speaks JIM, not {event.protocol}"))
