"""The canonical JIM object of each event."""

from typing import Any

import msgspec

from common.messages import (
    UNSET,
    Answer,
    Join,
    Leave,
    Probe,
    SessionInfo,
    User,
)
from decorators import log
from errors import AlreadySettled, Replaced, TooLong, TooMany
from server.events import (
    Done,
    Duplicate,
    Goodbye,
    Movement,
    Notice,
    Outgoing,
    Probing,
    Refused,
    RoomEntry,
    RoomList,
    UserEntry,
    UserList,
    Welcome,
)

__all__ = ["encode_event"]

_LIST_BYTES = 48 * 1024

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
        case RoomList() | UserList():
            return _list(event, wall)
        case Notice():
            return Answer(event.code, wall, alert=event.text)
        case Probing():
            return Probe(time=wall)
    raise TypeError(f"no canonical form for {type(event).__name__}")


@log
def _session(event: Welcome) -> SessionInfo:
    return SessionInfo(
        name=event.name,
        guest=event.guest,
        store=event.store,
        last_id=event.last_id,
        device_seq=event.device_seq,
        refused=event.refused,
        limits=event.limits.told(),
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
    return answer


@log
def _list(event: RoomList | UserList, wall: float) -> Answer:
    """Return a list that ends at 48 KiB, and then says where to go on."""
    rows: list[msgspec.Raw] = []
    room = _LIST_BYTES
    last = None
    for entry in event.entries:
        row, name = _row(entry)
        encoded = _encode(row)
        room -= len(encoded) + 1
        if room < 0:
            break
        rows.append(msgspec.Raw(encoded))
        last = name
    answer = Answer(202, wall, _set(event.request), data_list=rows)
    if event.more or len(rows) < len(event.entries):
        answer.more = True
        answer.after = _set(last)
    return answer


@log
def _row(entry: RoomEntry | UserEntry) -> tuple[object, str]:
    """Return an entry as it is sent, and the name to go on behind."""
    if isinstance(entry, RoomEntry):
        return entry, entry.room
    row = {
        "account_name": entry.name,
        "status": entry.status,
        "guest": entry.guest,
        "online": entry.online,
    }
    return row, entry.name


@log
def _set(value: Any) -> Any:
    return UNSET if value is None else value
