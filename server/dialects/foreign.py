"""Protocols that have no door here yet: each is told so in its own form, once."""

from collections.abc import Sequence

from decorators import log
from server.events import Event, Foreign, Goodbye, Outgoing

__all__ = ["ForeignDialect"]

_SENTENCE = (
    "This port speaks JIM (JSON over TCP) and no {protocol}; "
    "talk to it with my_client.py."
)


class ForeignDialect:
    """Says no, in the form of `protocol`: TLS, HTTP or IRC."""

    __slots__ = (
        "_protocol",
        "answers_probes",
        "backlog",
        "has_unread",
        "next_send_at",
        "written_id",
    )

    @log
    def __init__(self, protocol: str) -> None:
        self._protocol = protocol
        self.answers_probes = False
        self.has_unread = False
        self.next_send_at: float | None = None
        self.backlog = 0
        self.written_id = 0

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Return the one event there is: the peer is at the wrong door."""
        return (Foreign(self._protocol),)

    @log
    def receive_eof(self) -> Sequence[Event]:
        """Return nothing: there is nobody to answer."""
        return ()

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return the refusal when it is time to say goodbye."""
        if any(isinstance(event, Goodbye) for event in events):
            return _FORMS[self._protocol]
        return b""

    @log
    def data_to_send(self, now: float) -> bytes:
        """Return nothing: all was said at once."""
        return b""

    @log
    def end_of_object(self, owed: bytes) -> int:
        """Return the whole: a refusal is one object."""
        return len(owed)


@log
def _http() -> bytes:
    body = f"{_SENTENCE.format(protocol='HTTP')}\n".encode()
    return (
        b"HTTP/1.1 501 Not Implemented\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: %d\r\n"
        b"Connection: close\r\n\r\n%b" % (len(body), body)
    )


_FORMS = {
    # An alert record of TLS 1.0, which every version reads: fatal handshake_failure
    # (RFC 8446, sections 5.1 and 6).
    "TLS": b"\x15\x03\x01\x00\x02\x02\x28",
    "HTTP": _http(),
    "IRC": f"ERROR :{_SENTENCE.format(protocol='IRC')}\r\n".encode(),
}
