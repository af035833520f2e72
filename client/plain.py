"""Plain lines: for pipes and files, and for people whose screen is read aloud.

Data goes to standard output, one line each, and talk to standard error. Nothing is
ever moved, erased or coloured.
"""

from __future__ import annotations

import contextlib
import os
import sys
import termios
from collections.abc import Iterator

from client.chat import Chat
from client.holding import Holding
from client.line import Line, Seen, Tone
from client.line_source import LineSource
from client.screen import Leave
from common.names import Secret
from common.safe_text import visible
from decorators import log
from errors import RequestError

__all__ = ["PlainScreen"]

# Where the modes of echoing stand in what termios returns.
_LOCAL_MODES = 3
_BELL = "\a"


class PlainScreen:
    """Standard input, output and error, as they are."""

    @log
    def __init__(self, *, interactive: bool) -> None:
        """Ask questions only where `interactive`: somebody types the input."""
        self.interactive = interactive
        self.has_terminal = interactive and os.isatty(1) and os.isatty(2)
        self._source = LineSource()
        # A screen that is read aloud has no rows: all is heard before one answers.
        self._seen: list[Seen] = []
        self._holding = Holding(self.show)

    @log
    def show(self, line: Line) -> None:
        """Print a line; raises BrokenPipeError when nobody reads the data."""
        if line.tone in (Tone.CODE, Tone.CLEAR) or self._holding.takes(line):
            return
        if line.rings and self.has_terminal:
            self._talk(_BELL, end="")
        text = visible(f"{line.head} {line.text}" if line.head else line.text)
        if line.tone is Tone.OWN:
            # Whoever typed it has it on the screen; what became of it is news.
            text = line.later
            if not text:
                return
        if line.seen is not None and self.interactive:
            self._seen.append(line.seen)
        if line.tone in (Tone.DATA, Tone.WHOLE):
            print(text, flush=True)  # noqa: T201
        else:
            self._talk(text)

    @log
    def lent(self) -> contextlib.AbstractContextManager[None]:
        """Read and show nothing while the block lasts."""
        return self._holding.held()

    @log
    async def wait_visibly(self, what: str) -> None:
        """Say once, to somebody, what is waited for."""
        if self.interactive:
            self._talk(f"{what}…")

    @log
    async def ask(self, question: str) -> str | Leave:
        """Ask on a line of its own."""
        self._talk(question)
        while isinstance(line := await self._source.next_line(), RequestError):
            self._talk(str(line))
        return Leave.END if line is None else line

    @log
    async def ask_secret(self, question: str) -> Secret | Leave:
        """Ask on a line of its own; the terminal shows nothing of the answer.

        Without a terminal the next line is the answer, and nothing is asked.
        """
        with _without_echo() if self.interactive else contextlib.nullcontext():
            if self.interactive:
                self._talk(question)
            while isinstance(line := await self._source.next_secret(), RequestError):
                self._talk(str(line))
        return Leave.END if line is None else line

    @log
    async def next_line(self, chat: Chat) -> str | Leave:
        """Return the next line; lines that can't be sent are complained about."""
        if self.interactive and chat.asks:
            self._talk(chat.prompt)
        while True:
            line = await self._source.next_line()
            if line is None:
                return Leave.END
            chat.note_seen(self._seen)
            self._seen.clear()
            if isinstance(line, str):
                return line
            chat.complain(str(line))

    @log
    def close(self) -> None:
        """Nothing was changed."""

    @log
    def _talk(self, text: str, end: str = "\n") -> None:
        # Who closes standard error does not want to hear it.
        with contextlib.suppress(OSError):
            print(text, end=end, file=sys.stderr, flush=True)  # noqa: T201


@contextlib.contextmanager
@log
def _without_echo() -> Iterator[None]:
    """Let the terminal show nothing that is typed, but the end of the line."""
    before = termios.tcgetattr(sys.stdin)
    hidden = [*before]
    hidden[_LOCAL_MODES] = before[_LOCAL_MODES] & ~termios.ECHO | termios.ECHONL
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
