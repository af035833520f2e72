"""The first bytes of a connection choose its dialect, once and for all.

What begins like HTTP is told so; an IRC verb counts only with the space after it. While
what has come may still become one of them, more is waited for, so that how the bytes
were cut never changes the choice. What begins with neither and no `{` is a person with
netcat.
"""

from collections.abc import Sequence

from common.byte_order_mark import without_mark
from common.limits import Limits
from decorators import log
from errors import NotAllowed
from server.dialects.base import BaseDialect, Dialect
from server.dialects.course_words import LastWords
from server.dialects.foreign import ForeignDialect
from server.dialects.jim import JimDialect
from server.dialects.text import TextDialect
from server.dialects.web import begins_like_http
from server.events import Event, Faulty, Outgoing

__all__ = ["Opening", "choose"]

_TLS_HANDSHAKE = 0x16
_IRC_VERBS = (b"NICK ", b"USER ", b"CAP ", b"PASS ")
_NEEDS_TLS = "this server speaks only TLS: connect again with TLS"
_SPACE = b" \t\r\n"
# White space in front of JIM's first brace; behind so much of it nobody looks for one.
_MOST_BYTES = 4096


@log
def choose(data: bytes) -> str | None:
    """Return the protocol that begins with `data`, or None while it may be several."""
    if not data:
        return None
    if data[0] == _TLS_HANDSHAKE:
        return "TLS"
    begun = without_mark(data)[:_MOST_BYTES]
    if begun.startswith(_IRC_VERBS):
        return "IRC"
    if begun.lstrip(_SPACE).startswith(b"{"):
        return "JIM"
    is_http = begins_like_http(data)
    if is_http:
        return "HTTP"
    return None if is_http is None and len(begun) < _MOST_BYTES else "text"


class Opening(BaseDialect):
    """The dialect of who has said too little; `chosen` is what follows.

    With `takes_tls` a TLS hello chooses nothing: it is kept in `hello`, and another
    opening follows inside. Without `takes_plain` it is the only way in. With
    `text_menu` netcat is offered the choice of whom to write to at once. `words` are
    those of the course clients here.
    """

    __slots__ = (
        "_data",
        "_limits",
        "_menu",
        "_takes_plain",
        "_takes_tls",
        "_words",
        "chosen",
        "hello",
    )

    @log
    def __init__(
        self,
        limits: Limits,
        *,
        takes_tls: bool = False,
        takes_plain: bool = True,
        text_menu: bool = False,
        words: LastWords | None = None,
    ) -> None:
        super().__init__()
        self._limits = limits
        self._words = words
        self._menu = text_menu
        self._takes_tls = takes_tls
        self._takes_plain = takes_plain
        self._data = b""
        self.hello = b""
        self.chosen: Dialect | None = None

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; once it is enough, return what `chosen` makes of it."""
        self._data += data
        protocol = choose(self._data)
        if protocol is None:
            return ()
        if protocol == "TLS" and self._takes_tls:
            self.hello = self._data
            return ()
        if protocol == "JIM":
            self.chosen = JimDialect(self._limits, self._words)
        elif protocol == "text":
            self.chosen = TextDialect(self._limits, menu=self._menu, speaks_first=False)
        else:
            self.chosen = ForeignDialect(protocol, needs_tls=not self._takes_plain)
        if not self._takes_plain:
            return (Faulty(NotAllowed(_NEEDS_TLS), fatal=True),)
        # The text door drops a mark itself, as it does on a port of its own.
        data = without_mark(self._data) if protocol == "JIM" else self._data
        return self.chosen.receive_data(data)

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return a goodbye in JIM, the house's own language."""
        return JimDialect(self._limits).send(events, now, wall)
