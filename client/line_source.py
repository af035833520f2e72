"""Lines from standard input, whatever it is, without ever blocking the loop.

Strategy: a thread of its own, because files can't be waited for, and a terminal or
pipe made non-blocking would be so for all who share it. It reads the descriptor itself:
a thread that holds the lock of `sys.stdin` can't be left behind at the end. It reads
only while a line is waited for: what is typed into an editor is not ours, and a fast
file must not be read into memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque

from common.byte_order_mark import without_mark
from common.names import Secret
from decorators import log
from errors import NotUtf8, RequestError, TooLong

__all__ = ["LineSource", "LineSplitter"]

#: A line without an end must not fill the memory; no server takes a longer text.
_LONGEST_LINE_BYTES = 1024 * 1024
_READ_BYTES = 64 * 1024


class LineSplitter:
    """Cut bytes into lines. One past the limit is a TooLong, one of no text a NotUtf8.

    To put something else in the place of what can't be read would be to send what
    nobody has written. A byte order mark in front of everything is dropped.
    """

    @log
    def __init__(self, longest_bytes: int = _LONGEST_LINE_BYTES) -> None:
        self._longest = longest_bytes
        self._rest = bytearray()
        self._overlong = False
        self._begins = True

    @log
    def receive_data(self, data: bytes) -> list[str | RequestError]:
        """Return the lines that `data` completes, without their ends."""
        *ended, rest = data.split(b"\n")
        lines: list[str | RequestError] = []
        for piece in ended:
            self._add(piece)
            self._end(lines)
        self._add(rest)
        return lines

    @log
    def receive_eof(self) -> list[str | RequestError]:
        """Return the last line if it had no end."""
        lines: list[str | RequestError] = []
        if self._rest or self._overlong:
            self._end(lines)
        return lines

    @log
    def _add(self, piece: bytes) -> None:
        if len(self._rest) + len(piece) > self._longest:
            self._overlong = True
            self._rest.clear()
        elif not self._overlong:
            self._rest += piece

    @log
    def _end(self, lines: list[str | RequestError]) -> None:
        """Append the line that ends here; returned, it would stand in the log."""
        line, overlong = bytes(self._rest), self._overlong
        self._rest.clear()
        self._overlong = False
        if self._begins:
            line, self._begins = without_mark(line), False
        if overlong:
            lines.append(TooLong("the line", self._longest))
            return
        try:
            lines.append(line.decode().removesuffix("\r"))
        except UnicodeDecodeError:
            lines.append(NotUtf8("the line"))


class LineSource:
    """The lines of one descriptor, for one loop."""

    @log
    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._lines: deque[str | RequestError | None] = deque()
        self._arrived = asyncio.Event()
        self._is_wanted = False
        self._wanted = threading.Semaphore(0)
        self._loop: asyncio.AbstractEventLoop | None = None

    @log
    async def next_line(self) -> str | RequestError | None:
        """Return the next line; None at the end, and for ever after."""
        await self._wait_for_line()
        line = self._lines[0]
        self._drop_line()
        return line

    @log
    async def next_secret(self) -> Secret | RequestError | None:
        """Return the next line as `next_line` does, unseen by any log."""
        await self._wait_for_line()
        line = self._lines[0]
        self._drop_line()
        return Secret(line) if isinstance(line, str) else line

    @log
    async def _wait_for_line(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            threading.Thread(target=self._read_all, daemon=True).start()
        while not self._lines:
            if not self._is_wanted:
                self._is_wanted = True
                self._wanted.release()
            self._arrived.clear()
            await self._arrived.wait()

    @log
    def _drop_line(self) -> None:
        """Forget the first line; the end stays the end."""
        if self._lines[0] is not None:
            self._lines.popleft()

    @log
    def _read_all(self) -> None:
        splitter = LineSplitter()
        data = b"-"
        while data:
            self._wanted.acquire()
            lines: list[str | RequestError | None] = []
            while data and not lines:
                try:
                    data = os.read(self._descriptor, _READ_BYTES)
                except OSError:
                    data = b""
                lines += splitter.receive_data(data)
            if not data:
                lines += [*splitter.receive_eof(), None]
            self._hand_over(lines)

    @log
    def _hand_over(self, lines: list[str | RequestError | None]) -> None:
        if self._loop is None:
            return
        # The loop is closed when the client has left without waiting for input.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take_over, lines)

    @log
    def _take_over(self, lines: list[str | RequestError | None]) -> None:
        self._lines.extend(lines)
        self._is_wanted = False
        self._arrived.set()
