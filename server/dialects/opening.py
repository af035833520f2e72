"""The first bytes of a connection choose its dialect, once and for all.

A verb counts only with the space after it. While what has come may still become one,
more is waited for, so that how the bytes were cut never changes the choice.
"""

from collections.abc import Sequence

from common.limits import Limits
from decorators import log
from server.dialects.base import Dialect
from server.dialects.foreign import ForeignDialect
from server.dialects.jim import JimDialect
from server.events import Event, Outgoing

__all__ = ["Opening", "choose"]

_TLS_HANDSHAKE = 0x16
_HTTP_VERBS = (
    b"GET ",
    b"HEAD ",
    b"POST ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"TRACE ",
    b"CONNECT ",
    b"PRI ",
)
_IRC_VERBS = (b"NICK ", b"USER ", b"CAP ", b"PASS ")
_VERBS = dict.fromkeys(_HTTP_VERBS, "HTTP") | dict.fromkeys(_IRC_VERBS, "IRC")


@log
def choose(data: bytes) -> str | None:
    """Return the protocol that begins with `data`, or None while it may be several."""
    if not data:
        return None
    if data[0] == _TLS_HANDSHAKE:
        return "TLS"
    for verb, protocol in _VERBS.items():
        if data.startswith(verb):
            return protocol
    if any(verb.startswith(data) for verb in _VERBS):
        return None
    return "JIM"


class Opening:
    """The dialect of who has said too little; `chosen` is what follows."""

    __slots__ = (
        "_data",
        "_limits",
        "answers_probes",
        "backlog",
        "chosen",
        "has_unread",
        "next_send_at",
        "written_id",
    )

    @log
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._data = b""
        self.chosen: Dialect | None = None
        self.answers_probes = False
        self.has_unread = False
        self.next_send_at: float | None = None
        self.backlog = 0
        self.written_id = 0

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; once it is enough, return what `chosen` makes of it."""
        self._data += data
        protocol = choose(self._data)
        if protocol is None:
            return ()
        if protocol == "JIM":
            self.chosen = JimDialect(self._limits)
        else:
            self.chosen = ForeignDialect(protocol)
        return self.chosen.receive_data(self._data)

    @log
    def receive_eof(self) -> Sequence[Event]:
        """Return nothing: who leaves before the choice has asked for nothing."""
        return ()

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return a goodbye in JIM, the house's own language."""
        return JimDialect(self._limits).send(events, now, wall)

    @log
    def data_to_send(self, now: float) -> bytes:
        """Return nothing: only goodbyes are said here, and they are said at once."""
        return b""

    @log
    def end_of_object(self, owed: bytes) -> int:
        """Return how much of `owed` is still to be written of the object under way."""
        return owed.find(b"\n") + 1
