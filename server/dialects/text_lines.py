"""Lines of text out of a stream of bytes, as netcat and telnet send them."""

from common.byte_order_mark import may_become_marked, without_mark
from decorators import log
from server.dialects.telnet import Telnet

__all__ = ["LineCutter"]


class LineCutter:
    r"""Feed `receive_data`, take lines; `\r` and a byte order mark are dropped.

    A line longer than `limit` bytes (0: any) is reported as None as soon as it is, and
    skipped to its end without being kept. `has_more`: there are lines to be taken,
    `has_rest`: a line has begun. What `telnet` has to answer is to be asked for after
    each read.
    """

    __slots__ = ("_begins", "_buffer", "_limit", "_skips", "has_more", "telnet")

    @log
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = b""
        self._skips = False
        self._begins = True  # a mark may still come
        self.telnet = Telnet()
        self.has_more = False

    @log
    def receive_data(self, data: bytes) -> None:
        """Take what was read."""
        self._buffer += self.telnet.receive_data(data).replace(b"\r", b"")
        if self._begins and not may_become_marked(self._buffer):
            self._buffer = without_mark(self._buffer)
            self._begins = False

    @log
    def take(self, most: int) -> list[bytes | None]:
        """Return up to `most` lines without their ends; call it after each read."""
        *whole, rest = self._buffer.split(b"\n", most)
        lines: list[bytes | None] = [*whole]
        if self._skips:
            if lines:
                del lines[0]  # the end of the one that was too long
                self._skips = False
            else:
                rest = b""
        limit = self._limit
        if limit:
            lines = [None if line and len(line) > limit else line for line in lines]
        self.has_more = b"\n" in rest
        if limit and len(rest) > limit and not self.has_more:
            lines.append(None)
            self._skips = True
            rest = b""
        self._buffer = rest
        return lines

    @property
    @log
    def has_rest(self) -> bool:
        """Tell whether a line has begun that has no end yet."""
        return self._skips or bool(self._buffer)

    @log
    def take_rest(self) -> bytes | None:
        """Return what has come of a line, as a whole one; None if there is nothing."""
        rest, self._buffer, self._skips = self._buffer, b"", False
        return rest or None
