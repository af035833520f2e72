"""Recognize the beginning of HTTP, which no door takes for anything else.

A web page can have a visitor's browser send a form to any address and port, also their
own machine's, with lines of its choice in it (`enctype="text/plain"`): where such lines
are commands, the page writes in the visitor's place. A browser always begins with
a request line (RFC 9112, section 3), so what begins with one is sent away before any of
it is heard. The main port has an answer in HTTP for it (`opening.py`); at all doors
where the server speaks first a `Doorkeeper` looks at what comes.
"""

import re

from common.byte_order_mark import may_become_marked, without_mark
from decorators import log
from errors import BadRequest

__all__ = ["HTTP_VERBS", "Doorkeeper", "begins_like_http"]

#: A verb counts with the space after it, also before its line has ended.
HTTP_VERBS = (
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
_BLANK = b" \t\r\n"
# Behind so much in its first line nobody looks for HTTP: a browser's verb comes first.
_MOST_BYTES = 4096
_TLS_HANDSHAKE = 0x16
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_MAY_FOLLOW = re.compile(_TOKEN + rb"+(?:\Z|[ :])")
_REQUEST = re.compile(_TOKEN + rb"+ +[^ ]+ +HTTP/\d(?:\.\d)?[ \t\r]*\Z", re.IGNORECASE)
# Where the request line was cut off: what every browser sends next.
_FIELD = re.compile(
    rb"(?:host|connection|user-agent|origin|referer|cookie|cache-control|pragma|te"
    rb"|accept(?:-[a-z]+)?|content-[a-z]+|sec-[a-z-]+|upgrade(?:-[a-z-]+)?):",
    re.IGNORECASE,
)


@log
def begins_like_http(data: bytes) -> bool | None:
    """Tell whether the first line that is not empty is HTTP's; None while it may be."""
    if may_become_marked(data):
        return None
    begun = without_mark(data).lstrip(_BLANK)
    if begun.startswith(HTTP_VERBS):
        return True
    line, newline, _ = begun.partition(b"\n")
    if newline or len(line) > _MOST_BYTES:
        return bool(_REQUEST.match(line) or _FIELD.match(line))
    return None if not line or _MAY_FOLLOW.match(line) else False


class Doorkeeper:
    """Looks at the first line of a connection until it is sure what it is."""

    __slots__ = ("_begun", "is_over")

    @log
    def __init__(self) -> None:
        self._begun = b""
        self.is_over = False

    @log
    def receive_data(self, data: bytes) -> BadRequest | None:
        """Take what was read before anybody hears it; return why it must not be.

        What it can't be sure of yet may be heard: no door acts on half a line that
        could still become HTTP.
        """
        self._begun += data
        if self._begun and self._begun[0] == _TLS_HANDSHAKE:
            return BadRequest("this port speaks no TLS")
        is_http = begins_like_http(self._begun)
        if is_http:
            return BadRequest("this port speaks no HTTP")
        if is_http is False:
            self._begun, self.is_over = b"", True
        return None
