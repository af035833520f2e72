"""A turn that the disk could not take: nobody receives it, and senders are told why.

What the turn would have told is corrected before anybody sees it: deliveries are taken
out, acknowledgements become refusals, and no id is told that is not stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from decorators import log
from errors import NotStored
from server.events import (
    Accepted,
    Administered,
    CaughtUp,
    Delivery,
    Done,
    Duplicate,
    Outgoing,
    Refused,
    Welcome,
)
from server.people import Session

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["take_back"]


@log
def take_back(hub: Hub, batch: Sequence[Delivery], error: NotStored) -> None:
    """Correct what this turn has for everybody; ids that were given are left out."""
    stored = hub.store.last_id
    hub.journal.not_stored(error)
    for delivery in batch:
        sender = hub.people.by_number.get(delivery.identity)
        target = hub.people.by_spelling.get(delivery.to)
        if sender is not None and target is not None:
            target.owed_receipts.pop(sender, None)
    for session in hub.touched:
        numbers = [
            number
            for event in session.outbox
            if isinstance(event, Accepted) and event.first_id > stored
            for number in event.numbers or ()
        ]
        if numbers and session.device is not None:
            # It is among the hub's settled ones, and stays there.
            session.device.take_back(numbers)
    for session in hub.touched:
        session.outbox = list(_corrected(session, stored, error))


@log
def _corrected(session: Session, stored: int, error: NotStored) -> Iterator[Outgoing]:
    for event in session.outbox:
        if isinstance(event, Delivery) and event.first_id > stored:
            continue
        if isinstance(event, Accepted) and event.first_id > stored:
            numbers: Iterable[int | None] = event.numbers or [None] * event.count
            for number in numbers:
                yield Refused(error, number)
        elif isinstance(event, Duplicate) and (event.message_id or 0) > stored:
            yield Refused(error, event.number)
        elif isinstance(event, Done) or (
            isinstance(event, Administered) and event.changes
        ):
            # Who is where is not written yet, and a crash would forget it.
            yield Refused(error, event.request)
        else:
            if isinstance(event, Welcome | CaughtUp):
                event.last_id = min(event.last_id, stored)
            if isinstance(event, Welcome) and session.device is not None:
                event.device_seq = session.device.settled
                event.refused = session.device.refused()
            yield event
