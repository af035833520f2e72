"""What the answer to a request means: the event that its owner gets."""

from __future__ import annotations

from client.events import (
    Event,
    Kind,
    MessageFailed,
    MessageSent,
    RequestDone,
    RequestFailed,
    RoomsListed,
    UsersListed,
)
from client.incoming import read_people, read_rooms
from client.outbox import Pending
from common.messages import Answer
from decorators import log
from errors import ProtocolError

__all__ = ["event_of", "failure", "goes_on", "is_refusal", "reason_of"]

#: Rows of one list, however many pages it comes in: it is held whole in memory.
_MOST_ROWS = 100_000


@log
def is_refusal(answer: Answer) -> bool:
    """Tell whether an answer says no."""
    return answer.response >= 400


@log
def reason_of(answer: Answer) -> str:
    """Return the server's own words, or its code where it gave none."""
    return answer.error or answer.alert or f"the server answered {answer.response}"


@log
def failure(pending: Pending, reason: str, code: int) -> Event:
    """Return the event of a request that came to nothing."""
    number, target = pending.number, pending.target
    if pending.kind is Kind.MESSAGE:
        return MessageFailed(number, target, pending.text, reason, code)
    return RequestFailed(number, pending.kind, target, reason, code)


@log
def goes_on(pending: Pending, answer: Answer) -> bool:
    """Keep one page of a list; tell whether the next must be asked for.

    Raises ProtocolError for a list without an end.
    """
    if is_refusal(answer) or not answer.data_list:
        return False
    pending.rows = [*pending.rows, *answer.data_list]
    if len(pending.rows) > _MOST_ROWS:
        raise ProtocolError("the server's list has no end")
    after = answer.after or ""
    if not answer.more or after == pending.after:
        return False
    pending.after = after
    return True


@log
def event_of(pending: Pending, answer: Answer) -> Event:
    """Return the event of a request that is answered.

    Raises ProtocolError when the answer makes no sense for it.
    """
    if is_refusal(answer):
        return failure(pending, reason_of(answer), answer.response)
    number, target = pending.number, pending.target
    match pending.kind:
        case Kind.MESSAGE:
            message_id = answer.message_id or None
            return MessageSent(
                number, target, pending.text, message_id, answer.response
            )
        case Kind.USERS:
            return UsersListed(number, target, read_people(pending.rows))
        case Kind.ROOMS:
            return RoomsListed(number, read_rooms(pending.rows))
        case Kind.JOIN | Kind.LEAVE:
            created = answer.created is True
            return RequestDone(number, pending.kind, target, created)
