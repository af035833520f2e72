"""The owner's shell: JSON lines over the Unix socket that only the owner can open.

`{"command":"who","arguments":{},"id":1}` is answered with
`{"response":200,"id":1,"result":…}` or `{"response":404,"id":1,"error":"…"}`
(docs/administration.md).
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

from common.limits import Limits
from decorators import log
from errors import BadRequest, RequestError, TooLong
from server.dialects.base import BaseDialect
from server.events import (
    Administer,
    Administered,
    Event,
    Faulty,
    Goodbye,
    Outgoing,
    Refused,
)

__all__ = ["AdminDialect"]


class _Command(Struct):
    """A line from the owner's shell."""

    command: str
    arguments: dict[str, Any] = field(default_factory=dict)
    id: int | None = None


_decoder = msgspec.json.Decoder(_Command)
_encoder = msgspec.json.Encoder()


class AdminDialect(BaseDialect):
    """One connection of the owner's shell."""

    __slots__ = ("_buffer", "_limit")

    @log
    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._limit = limits.object_bytes
        self._buffer = b""

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; return the commands whose line is complete."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        events = [_read(line) for line in lines if line.strip()]
        if self._limit and len(self._buffer) > self._limit:
            self._buffer = b""
            events.append(Faulty(TooLong("the command", self._limit), fatal=True))
        return events

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return the answers, a line each; what is for everybody is not for a shell."""
        answers = [_answer(event) for event in events]
        return b"".join(_encoder.encode(one) + b"\n" for one in answers if one)


@log
def _read(line: bytes) -> Event:
    try:
        command = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # What stood there is not quoted: it may hold a password's hash.
        return Faulty(BadRequest('expected {"command":…,"arguments":{…},"id":…}'))
    return Administer(command.command, command.arguments, command.id)


@log
def _answer(event: Outgoing) -> dict[str, Any] | None:
    if isinstance(event, Administered):
        return {"response": 200, "id": event.request, "result": event.result}
    if isinstance(event, Refused):
        return _error(event.error) | {"id": event.request}
    return _error(event.error) if isinstance(event, Goodbye) else None


@log
def _error(error: RequestError) -> dict[str, Any]:
    return {"response": error.code, "error": str(error)}
