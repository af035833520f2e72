"""The canonical JIM object of each event."""

from typing import Any

import msgspec

from common.messages import (
    UNSET,
    Answer,
    Delivered,
    Join,
    Leave,
    Probe,
    Read,
    SessionInfo,
    User,
)
from decorators import log
from errors import AlreadySettled, Replaced, TooLong, TooMany, TooSoon
from server.dialects.canonical_rules import RulesEvent, rules_object
from server.dialects.lists import ListEvent, list_answer
from server.events import (
    CaughtUp,
    Done,
    Duplicate,
    Goodbye,
    Movement,
    Notice,
    Outgoing,
    Probing,
    Receipt,
    Refused,
    Registered,
    Welcome,
)

__all__ = ["encode_event"]

_encode = msgspec.json.Encoder().encode


@log
def encode_event(event: Outgoing, wall: float) -> bytes:
    """Return the line of an event; messages and their acknowledgements excepted.

    Those two come in stretches and are most of the work: `jim.py` encodes them itself.
    """
    return _encode(_object(event, wall)) + b"\n"


@log
def _object(event: Outgoing, wall: float) -> Any:
    match event:
        case Welcome():
            session = _session(event)
            return Answer(200, wall, _set(event.request), session=session)
        case Refused() | Goodbye():
            return _refusal(event, wall)
        case Done():
            created = True if event.created else UNSET
            return Answer(200, wall, _set(event.request), created=created)
        case Duplicate():
            known = _set(event.message_id)
            return Answer(200, wall, event.number, known, duplicate=True)
        case Movement():
            kind = Join if event.entered else Leave
            return kind(room=event.room, user=User(account_name=event.name), time=wall)
        case Receipt():
            return _receipt(event, wall)
        case Notice():
            return Answer(event.code, wall, alert=event.text)
        case CaughtUp():
            return Answer(100, wall, alert="caught up", last_id=event.last_id)
        case Registered():
            return _registered(event, wall)
        case Probing():
            return Probe(time=wall)
    if isinstance(event, ListEvent):
        return list_answer(event, wall)
    if isinstance(event, RulesEvent):
        return rules_object(event, wall)
    raise TypeError(f"no canonical form for {type(event).__name__}")


@log
def _session(event: Welcome) -> SessionInfo:
    return SessionInfo(
        name=event.name,
        guest=event.guest,
        store=event.store,
        last_id=event.last_id,
        role=event.role,
        keeps_history=event.keeps_history,
        device_seq=event.device_seq,
        refused=event.refused,
        limits=event.limits.told(),
        fingerprint=_set(event.fingerprint),
    )


@log
def _refusal(event: Refused | Goodbye, wall: float) -> Answer:
    error = event.error
    answer = Answer(error.code, wall, error=str(error))
    if isinstance(event, Refused):
        answer.id = _set(event.request)
    if isinstance(error, Replaced):
        answer.replaced = True
    if isinstance(error, AlreadySettled):
        answer.settled = "refused"
    if isinstance(error, TooLong | TooMany):
        answer.limit = error.limit
    if isinstance(error, TooSoon):
        answer.retry_after = error.seconds
    return answer


@log
def _registered(event: Registered, wall: float) -> Answer:
    answer = Answer(201, wall, _set(event.request))
    answer.token_id = _set(event.token_id)
    if event.token is not None:  # not by way of `_set`, where the log might show it
        answer.token = event.token
    return answer


@log
def _receipt(event: Receipt, wall: float) -> Read | Delivered:
    kind = Read if event.read else Delivered
    return kind(
        time=wall, reader=event.reader, whom=event.whom, message_id=event.message_id
    )


@log
def _set(value: Any) -> Any:
    return UNSET if value is None else value
