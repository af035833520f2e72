"""Lines of text out of a stream of bytes, as netcat and telnet send them."""

import enum

from decorators import log

__all__ = ["LineCutter"]

# Telnet's commands (RFC 854). A negotiation in the middle of lines is for nobody here.
_IAC, _SB, _SE = 255, 250, 240
_WITH_OPTION = range(251, 255)  # WILL, WONT, DO, DONT: one byte follows
_NEWLINE = 10


class _Telnet(enum.Enum):
    """Where in a telnet command the stream is."""

    OUTSIDE = enum.auto()
    COMMAND = enum.auto()
    OPTION = enum.auto()
    NEGOTIATION = enum.auto()
    NEGOTIATION_COMMAND = enum.auto()


class LineCutter:
    r"""Feed `receive_data`, take lines; `\r` and telnet's option bytes are dropped.

    A line longer than `limit` bytes (0: any) is reported as None as soon as it is, and
    skipped to its end without being kept. `has_more`: there are lines to be taken,
    `has_rest`: a line has begun.
    """

    __slots__ = ("_buffer", "_limit", "_skips", "_telnet", "has_more")

    @log
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = b""
        self._skips = False
        self._telnet = _Telnet.OUTSIDE
        self.has_more = False

    @log
    def receive_data(self, data: bytes) -> None:
        """Take what was read."""
        if self._telnet is not _Telnet.OUTSIDE or _IAC in data:
            data = self._without_options(data)
        self._buffer += data.replace(b"\r", b"")

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

    @log
    def _without_options(self, data: bytes) -> bytes:
        text = bytearray()
        state = self._telnet
        for byte in data:
            if state is _Telnet.OUTSIDE:
                if byte == _IAC:
                    state = _Telnet.COMMAND
                else:
                    text.append(byte)
            elif state is _Telnet.COMMAND:
                if byte in _WITH_OPTION:
                    state = _Telnet.OPTION
                else:
                    negotiates = byte == _SB
                    state = _Telnet.NEGOTIATION if negotiates else _Telnet.OUTSIDE
            elif byte == _NEWLINE and state is not _Telnet.OPTION:
                # It was no negotiation: whoever sent this is not to fall silent.
                text.append(byte)
                state = _Telnet.OUTSIDE
            elif state is _Telnet.NEGOTIATION:
                if byte == _IAC:
                    state = _Telnet.NEGOTIATION_COMMAND
            elif state is _Telnet.OPTION or byte == _SE:
                state = _Telnet.OUTSIDE
            else:
                state = _Telnet.NEGOTIATION
        self._telnet = state
        return bytes(text)
