"""The canonical lists: what their rows look like, and where a long one ends."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from common.messages import Answer
from decorators import log
from server.events import (
    ConversationEntry,
    ConversationList,
    DeviceEntry,
    DeviceList,
    InviteEntry,
    InviteList,
    KeptMessage,
    MessageList,
    RoomEntry,
    RoomList,
    SanctionEntry,
    SanctionList,
    TokenEntry,
    TokenList,
    UserEntry,
    UserList,
)

__all__ = ["ListEvent", "list_answer"]

_Pageless = TokenList | DeviceList | InviteList | SanctionList
ListEvent = RoomList | UserList | MessageList | ConversationList | _Pageless
_Entry = (
    RoomEntry
    | UserEntry
    | KeptMessage
    | ConversationEntry
    | TokenEntry
    | DeviceEntry
    | InviteEntry
    | SanctionEntry
)

_LIST_BYTES = 48 * 1024

_encode = msgspec.json.Encoder().encode


class _MessageRow(
    Struct, rename={"sender": "from", "text": "message"}, omit_defaults=True, gc=False
):
    message_id: int
    time: float
    sender: str
    to: str
    text: str
    id: int | UnsetType = UNSET


@log
def list_answer(event: ListEvent, wall: float) -> Answer:
    """Return a list that ends at 48 KiB, and then says where to go on.

    A single entry goes also where it is longer than that: else there were no way on.
    """
    answer = Answer(202, wall, UNSET if event.request is None else event.request)
    entries: Sequence[_Entry] = event.entries
    from_newest = isinstance(event, MessageList) and event.newest_kept
    if from_newest:
        entries = entries[::-1]
    rows = _fitting(entries)
    more = len(rows) < len(entries)
    if not isinstance(event, _Pageless):
        more = more or event.more
    if more:
        answer.more = True
        if rows:
            _go_on(answer, entries[len(rows) - 1], below=from_newest)
    if isinstance(event, MessageList) and event.lag:
        answer.lag = event.lag
    answer.data_list = rows[::-1] if from_newest else rows
    return answer


@log
def _fitting(entries: Sequence[_Entry]) -> list[msgspec.Raw]:
    rows: list[msgspec.Raw] = []
    room = _LIST_BYTES
    for entry in entries:
        encoded = _encode(_row(entry))
        room -= len(encoded) + 1
        if room < 0 and rows:
            break
        rows.append(msgspec.Raw(encoded))
    return rows


@log
def _row(entry: _Entry) -> object:
    match entry:
        case KeptMessage():
            return _message_row(entry)
        case ConversationEntry():
            return {
                "with": entry.whom,
                "unread": entry.unread,
                "read": entry.read,
                "last": _message_row(entry.last),
            }
        case UserEntry():
            return _user_row(entry)
        case RoomEntry():
            return _room_row(entry)
        case TokenEntry():
            row = {"token_id": entry.token_id, "created": entry.created}
            known = _known(used=entry.used, device_id=entry.device_id)
            return row | known | _known(until=entry.until)
        case DeviceEntry():
            return _device_row(entry)
        case SanctionEntry():
            return _sanction_row(entry)
        case InviteEntry():
            return _known(**msgspec.structs.asdict(entry))


@log
def _device_row(entry: DeviceEntry) -> dict[str, Any]:
    row = msgspec.structs.asdict(entry)
    token, until = row.pop("token"), row.pop("token_until")
    return row | _known(token=token or None, token_until=until)


@log
def _user_row(entry: UserEntry) -> dict[str, Any]:
    row = {
        "account_name": entry.name,
        "status": entry.status,
        "guest": entry.guest,
        "online": entry.online,
        "role": entry.role,
    }
    return row | _known(away=entry.away or None, seen=entry.seen)


@log
def _room_row(entry: RoomEntry) -> dict[str, Any]:
    row = {"room": entry.room, "members": entry.members, "joined": entry.joined}
    return row | _known(
        topic=entry.topic or None,
        access=None if entry.access == "open" else entry.access,
        owner=entry.owner,
    )


@log
def _sanction_row(entry: SanctionEntry) -> dict[str, Any]:
    row = {"kind": entry.kind, "account_name": entry.name}
    return row | _known(
        **{"from": entry.creator},
        room=entry.room,
        until=entry.until,
        reason=entry.reason or None,
    )


@log
def _known(**fields: Any) -> dict[str, Any]:
    """Return the fields that are known: what is absent is not said."""
    return {name: value for name, value in fields.items() if value is not None}


@log
def _message_row(entry: KeptMessage) -> _MessageRow:
    number = UNSET if entry.number is None else entry.number
    return _MessageRow(
        entry.message_id, entry.time, entry.sender, entry.to, entry.text, number
    )


@log
def _go_on(answer: Answer, last: _Entry, *, below: bool) -> None:
    """Say behind which entry the list goes on; not every list has pages."""
    match last:
        case RoomEntry():
            answer.after = last.room
        case UserEntry():
            answer.after = last.name
        case ConversationEntry():
            answer.before = last.last.message_id
        case KeptMessage() if below:
            answer.before = last.message_id
        case KeptMessage():
            answer.after = last.message_id
