"""What a server says, read from its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from client.events import Person, Room
from common.messages import Answer, Join, Leave, Message, Probe
from decorators import log
from errors import ProtocolError

__all__ = ["Incoming", "read_incoming", "read_people", "read_rooms"]

Incoming = Message | Join | Leave | Probe | Answer


class _Envelope(msgspec.Struct):
    """The two fields that tell what an object is."""

    action: str = ""
    response: int | None = None


_envelope: Final = msgspec.json.Decoder(_Envelope)
_answer: Final = msgspec.json.Decoder(Answer)
_actions: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    "msg": msgspec.json.Decoder(Message),
    "join": msgspec.json.Decoder(Join),
    "leave": msgspec.json.Decoder(Leave),
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
    if not envelope.action or envelope.action == "presence":
        # An echo: presence is what clients say.
        raise ProtocolError("what the server says is not JIM")
    return None


@log
def read_people(rows: list[Any]) -> list[Person]:
    """Return a list's rows as people; raises ProtocolError."""
    try:
        return msgspec.convert(rows, list[Person])
    except msgspec.ValidationError as error:
        raise ProtocolError("the server's list of people is not JIM") from error


@log
def read_rooms(rows: list[Any]) -> list[Room]:
    """Return a list's rows as rooms; raises ProtocolError."""
    try:
        return msgspec.convert(rows, list[Room])
    except msgspec.ValidationError as error:
        raise ProtocolError("the server's list of rooms is not JIM") from error
