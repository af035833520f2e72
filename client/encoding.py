"""Requests as bytes: one JSON object a line, in the form of common.messages."""

from __future__ import annotations

import msgspec

from client.events import Kind
from client.outbox import Pending
from common.messages import (
    UNSET,
    GetUsers,
    Join,
    Leave,
    Message,
    Presence,
    Quit,
    Request,
    Rooms,
    User,
)
from common.names import Name
from decorators import log
from errors import BadRequest

__all__ = ["encode_pending", "encode_presence", "encode_quit"]

_encode = msgspec.json.Encoder().encode


@log
def encode_presence(
    name: Name | str,
    time: float,
    wire_id: int | None = None,
    device: str = "",
    store: str = "",
) -> bytes:
    """Return a presence; without a `wire_id` it is the answer to a probe."""
    presence = Presence(
        time=time,
        type="status",
        user=User(account_name=name, status="here"),
        device=device or UNSET,
        store=store or UNSET,
        id=UNSET if wire_id is None else wire_id,
    )
    return _line(presence)


@log
def encode_quit(time: float) -> bytes:
    """Return the goodbye."""
    return _line(Quit(time=time))


@log
def encode_pending(pending: Pending, sender: Name | str) -> bytes:
    """Return a request with its id; raises BadRequest if it is not Unicode."""
    return _line(_request(pending, sender))


@log
def _line(request: Request) -> bytes:
    try:
        return _encode(request) + b"\n"
    except UnicodeEncodeError as error:
        # Half of a surrogate pair, from bytes that were no UTF-8.
        raise BadRequest("the text holds something that is no character") from error


@log
def _request(pending: Pending, sender: Name | str) -> Request:
    time, wire_id, target = pending.time, pending.wire_id, pending.target
    match pending.kind:
        case Kind.MESSAGE:
            return Message(time, target, sender, "utf-8", pending.text, wire_id)
        case Kind.JOIN:
            return Join(time=time, id=wire_id, room=target)
        case Kind.LEAVE:
            return Leave(time=time, id=wire_id, room=target)
        case Kind.USERS:
            after, room = pending.after or UNSET, target or UNSET
            return GetUsers(time=time, id=wire_id, room=room, after=after)
        case Kind.ROOMS:
            return Rooms(time=time, id=wire_id, after=pending.after or UNSET)
