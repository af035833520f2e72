"""What a server says, read from its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from client.hearing_rules import RuleSaid
from common.messages import Answer, Delivered, Join, Leave, Message, Probe, Read
from common.messages_rules import (
    Ban,
    Invite,
    Kick,
    Mute,
    PresenceOf,
    RoomNews,
    SetRole,
    Unban,
    Unmute,
)
from decorators import log
from errors import ProtocolError

__all__ = ["Incoming", "read_incoming", "read_rows"]

Incoming = Message | Join | Leave | Delivered | Read | RuleSaid | Probe | Answer
Row = TypeVar("Row")


class _Envelope(msgspec.Struct):
    """The two fields that tell what an object is."""

    action: str = ""
    response: int | None = None


_envelope: Final = msgspec.json.Decoder(_Envelope)
_answer: Final = msgspec.json.Decoder(Answer)
_actions: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    str(kind.__struct_config__.tag): msgspec.json.Decoder(kind)
    for kind in (
        Message,
        Join,
        Leave,
        Delivered,
        Read,
        Kick,
        Ban,
        Unban,
        Mute,
        Unmute,
        Invite,
        SetRole,
        RoomNews,
        PresenceOf,
    )
}
# The protocol's own text spells the second one with a Cyrillic о.
_PROBES = frozenset({"probe", "prоbe"})


@log
def read_incoming(raw: bytes) -> Incoming | None:
    """Return what one object says; None for an action that is news to this client.

    Raises ProtocolError when it is not JIM.
    """
    try:
        envelope = _envelope.decode(raw)
        if envelope.response is not None:
            return _answer.decode(raw)
        if envelope.action in _PROBES:
            return Probe()
        decoder = _actions.get(envelope.action)
        if decoder is not None:
            found: Incoming = decoder.decode(raw)
            return found
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError("what the server says is not JIM") from error
    if not envelope.action:
        raise ProtocolError("what the server says is not JIM")
    return None


@log
def read_rows(rows: list[Any], kind: type[Row]) -> list[Row]:
    """Return a list's rows as what they are; raises ProtocolError."""
    try:
        return msgspec.convert(rows, list[kind])  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise ProtocolError("the server's list is not JIM") from error
