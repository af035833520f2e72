"""What was refused: answered, settled where it had a number, and noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import RequestError
from server.commands import COMMANDS
from server.events import Event, Refused, Said
from server.handlers import messages
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["refuse", "settle"]


@log
def refuse(hub: Hub, session: Session, event: Event, error: RequestError) -> None:
    """Answer a refused request; each message of a stretch has its own answer."""
    hub.journal.refused(session.log_label, type(event).__name__, error)
    if COMMANDS[type(event)].audited:
        _note(hub, session, event, error)
    if not isinstance(event, Said):
        hub.tell(session, Refused(error, getattr(event, "request", None)))
        return
    for number in messages.numbers_of(event):
        if number is not None:
            settle(hub, session, number)
        hub.tell(session, Refused(error, number))


@log
def _note(hub: Hub, session: Session, event: Event, error: RequestError) -> None:
    """Note who was refused what; the sentence may quote what a stranger typed."""
    person = session.person
    if person is None and not COMMANDS[type(event)].signed_in:
        # Only of somebody there is: it may be a password that was typed as a name.
        person = hub.people.find(getattr(event, "name", ""))
    hub.audit.note(
        "refused",
        who="" if person is None else person.name,
        where=session.address,
        how=f"{type(event).__name__}: {error.code} {type(error).__name__}",
    )


@log
def settle(hub: Hub, session: Session, number: int) -> None:
    """Note that a numbered message was refused, for good."""
    device = session.device
    if device is not None:
        device.refuse(number)
        if device.row:
            hub.settled.add(device)
