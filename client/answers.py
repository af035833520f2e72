"""What the answer to a request means: the event that its owner gets."""

from __future__ import annotations

from client.answers_rules import RULES_KINDS, RULES_LISTS, rules_event
from client.events import (
    ConversationsListed,
    DevicesListed,
    Event,
    HistoryListed,
    Kind,
    MessageFailed,
    MessageSent,
    Registered,
    RequestDone,
    RequestFailed,
    RoomsListed,
    SearchDone,
    TokenMade,
    UsersListed,
)
from client.incoming import read_rows
from client.outbox import Pending
from client.rows import Conversation, KeptMessage, KnownDevice, Person, Room
from common.messages import Answer
from common.names import Secret
from decorators import log
from errors import ProtocolError

__all__ = ["event_of", "failure", "goes_on", "is_refusal", "reason_of", "wait_of"]

#: Rows of one list, however many pages it comes in: it is held whole in memory.
_MOST_ROWS = 100_000
# Lists that are told whole; of others the owner asks for one page after the other.
_WHOLE = RULES_LISTS | {Kind.USERS, Kind.ROOMS, Kind.CONVERSATIONS}
_LISTS = frozenset(
    {
        Kind.USERS,
        Kind.ROOMS,
        Kind.CONVERSATIONS,
        Kind.DEVICES,
        Kind.HISTORY,
        Kind.SEARCH,
    }
)


@log
def is_refusal(answer: Answer) -> bool:
    """Tell whether an answer says no."""
    return answer.response >= 400


@log
def reason_of(answer: Answer) -> str:
    """Return the server's own words, or its code where it gave none."""
    return answer.error or answer.alert or f"the server answered {answer.response}"


@log
def wait_of(answer: Answer) -> float:
    """Return after how many seconds it may be asked again, as far as is said."""
    return answer.retry_after or 0.0


@log
def failure(pending: Pending, reason: str, code: int, wait: float = 0.0) -> Event:
    """Return the event of a request that came to nothing."""
    number, target = pending.number, pending.target
    if pending.kind is Kind.MESSAGE:
        return MessageFailed(number, target, pending.text, reason, code)
    return RequestFailed(number, pending.kind, target, reason, code, wait)


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
    if not answer.more or pending.kind not in _WHOLE:
        return False
    next_page = answer.before or answer.after or ""
    if next_page == pending.page:
        return False
    pending.page = next_page
    return True


@log
def event_of(pending: Pending, answer: Answer) -> Event:
    """Return the event of a request that is answered.

    Raises ProtocolError when the answer makes no sense for it.
    """
    if is_refusal(answer):
        reason, wait = reason_of(answer), wait_of(answer)
        return failure(pending, reason, answer.response, wait)
    number, target = pending.number, pending.target
    match pending.kind:
        case Kind.MESSAGE:
            message_id = answer.message_id or None
            return MessageSent(
                number, target, pending.text, message_id, answer.response
            )
        case Kind.REGISTER:
            token = answer.token or Secret("")
            return Registered(number, token, answer.token_id or 0)
        case Kind.TOKEN:
            if not answer.token:
                raise ProtocolError("the server has made a token and not said it")
            return TokenMade(number, answer.token, answer.token_id or 0)
        case kind if kind in RULES_KINDS:
            return rules_event(pending, answer)
        case kind if kind in _LISTS:
            return _list_of(pending, answer)
        case kind:
            return RequestDone(number, kind, target, answer.created is True)


@log
def _list_of(pending: Pending, answer: Answer) -> Event:
    """Return a list as its rows."""
    number, target, rows = pending.number, pending.target, pending.rows
    more, before = answer.more is True, answer.before or 0
    match pending.kind:
        case Kind.USERS:
            return UsersListed(number, target, read_rows(rows, Person))
        case Kind.ROOMS:
            return RoomsListed(number, read_rows(rows, Room))
        case Kind.CONVERSATIONS:
            return ConversationsListed(number, read_rows(rows, Conversation))
        case Kind.DEVICES:
            return DevicesListed(number, read_rows(rows, KnownDevice))
        case Kind.HISTORY:
            messages = read_rows(rows, KeptMessage)
            return HistoryListed(number, target, messages, more, before)
    messages = read_rows(rows, KeptMessage)
    lag = answer.lag or 0
    return SearchDone(number, pending.text, messages, more, before, lag, target)
