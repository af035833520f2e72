"""Protocols that have no door here yet: each is told so in its own form, once."""

from collections.abc import Sequence

from decorators import log
from server.dialects.base import BaseDialect
from server.events import Event, Foreign, Goodbye, Outgoing

__all__ = ["ForeignDialect"]

_SENTENCE = (
    "This port speaks JIM (JSON over TCP) and no {protocol}; "
    "talk to it with my_client.py."
)
_NEEDS_TLS = "This port speaks only TLS; connect to it again with TLS."


class ForeignDialect(BaseDialect):
    """Says no, in the form of `protocol`: TLS, HTTP or IRC.

    Where it `needs_tls` it says so first: inside TLS the peer will hear the rest.
    """

    __slots__ = ("_needs_tls", "_protocol")

    @log
    def __init__(self, protocol: str, *, needs_tls: bool = False) -> None:
        super().__init__()
        self._protocol = protocol
        self._needs_tls = needs_tls

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Return the one event there is: the peer is at the wrong door."""
        return (Foreign(self._protocol),)

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return the refusal when it is time to say goodbye."""
        if any(isinstance(event, Goodbye) for event in events):
            return (_FORMS_OF_TLS if self._needs_tls else _FORMS)[self._protocol]
        return b""

    @log
    def end_of_object(self, owed: bytes) -> int:
        """Return the whole: a refusal is one object."""
        return len(owed)


@log
def _http(status: bytes, sentence: str) -> bytes:
    body = f"{sentence}\n".encode()
    return (
        b"HTTP/1.1 %b\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: %d\r\n"
        b"Connection: close\r\n\r\n%b" % (status, len(body), body)
    )


# An alert record of TLS 1.0, which every version reads: fatal handshake_failure
# (RFC 8446, sections 5.1 and 6).
_ALERT = b"\x15\x03\x01\x00\x02\x02\x28"
_FORMS = {
    "TLS": _ALERT,
    "HTTP": _http(b"501 Not Implemented", _SENTENCE.format(protocol="HTTP")),
    "IRC": f"ERROR :{_SENTENCE.format(protocol='IRC')}\r\n".encode(),
}
_FORMS_OF_TLS = {
    "TLS": _ALERT,
    # An answer of 426 names what to upgrade to (RFC 9110, section 15.5.22).
    "HTTP": _http(
        b"426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1", _NEEDS_TLS
    ).replace(b"Connection: close", b"Connection: Upgrade, close"),
    "IRC": f"ERROR :{_NEEDS_TLS}\r\n".encode(),
}
