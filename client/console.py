"""The terminal: a line that stays whole while messages arrive above it.

prompt_toolkit edits the line; everything shown passes through its `StdoutProxy`, which
prints above the line being typed. Texts are made harmless before they come here.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import DummyHistory
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.patch_stdout import StdoutProxy

from client.chat import Chat
from client.holding import Holding
from client.input_history import open_history
from client.keyboard import Hidden, SteadyInput, bind_keys
from client.line import Line, Tone
from client.looking import Looking
from client.picture import picture
from client.screen import Leave
from client.wrapping import wrapped
from common.cells import most_cells
from common.names import Secret
from decorators import log

__all__ = ["ConsoleScreen"]

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_SECONDS = 0.1
# Messages that come at once are shown at once, with one repainting of the line.
_GATHER_SECONDS = 0.05
_ERASE_LINE = "\r\x1b[K"
_BOLD, _DIM, _RED, _END = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[0m"
_FOCUS_REPORTS, _NO_FOCUS_REPORTS = "\x1b[?1004h", "\x1b[?1004l"
_WHITE_ON_BLACK, _BELL = "\x1b[97;40m", "\a"
_COLOURS = {
    Tone.DATA: "",
    Tone.WHOLE: "",
    Tone.TALK: "",
    Tone.MARK: _DIM,
    Tone.TROUBLE: _RED,
}


class ConsoleScreen:
    """A terminal with somebody before it."""

    interactive = True
    has_terminal = True

    @log
    def __init__(self, history_file: Path, *, colours: bool) -> None:
        """Take the terminal; `close` gives it back.

        Without `colours` our own lines have none; prompt_toolkit obeys NO_COLOR itself.
        """
        self._colours = colours
        self._chat: Chat | None = None
        self._waits = False
        self._holding = Holding(self.show)
        self._looking = Looking()
        self._patch: contextlib.ExitStack | None = None
        self._input = SteadyInput(sys.stdin, self._notice)
        self._output = Vt100_Output.from_pty(sys.stdout, os.environ.get("TERM"))
        # Where the cursor is need not be known, and not every terminal says it.
        self._output.enable_cpr = False
        self._prompt: PromptSession[str] = PromptSession(
            history=open_history(history_file),
            completer=_ChatCompleter(self),
            complete_while_typing=False,
            input=self._input,
            output=self._output,
            key_bindings=bind_keys(self._input, self._report_focus),
        )

    @log
    def show(self, line: Line) -> None:
        """Print a line above the one that is being typed."""
        if self._holding.takes(line):
            return
        if self._waits:
            self._draw("")
        if line.tone is Tone.CLEAR:
            self._prompt.app.renderer.clear()
            self._looking.clear()
            return
        columns = self._columns
        if line.tone is Tone.CODE:
            self._show_code(Secret(line.text), columns)
            return
        if line.tone is Tone.WHOLE:
            print(line.text)  # noqa: T201
            self._looking.show(_rows(wrapped(line.text, columns)))
            return
        head = wrapped(f"{line.head} ", columns) if line.head else ""
        text = wrapped(line.text, columns, most_cells(head.rpartition("\n")[2]))
        shown = self._painted(head, _BOLD) + self._painted(text, _COLOURS[line.tone])
        print(_BELL + shown if line.rings else shown)  # noqa: T201
        self._looking.show(_rows(shown), line.seen)
        if self._looking.focused:
            self._look()

    @log
    def _show_code(self, text: Secret, columns: int) -> None:
        for row in picture(text, columns):
            print(self._painted(row, _WHITE_ON_BLACK))  # noqa: T201
            self._looking.show(1)

    @contextlib.contextmanager
    @log
    def lent(self) -> Iterator[None]:
        """Paint nothing while the block lasts; what is shown meanwhile waits."""
        self._leave_patch()
        with self._holding.held():
            yield

    @log
    async def wait_visibly(self, what: str) -> None:
        """Turn a small wheel until cancelled, and leave no trace of it."""
        self._leave_patch()
        self._waits = True
        try:
            for frame in itertools.cycle(_FRAMES):
                self._draw(f"{frame} {what}")
                await asyncio.sleep(_FRAME_SECONDS)
        finally:
            self._draw("")
            self._waits = False

    @log
    async def ask(self, question: str) -> str | Leave:
        """Ask before the conversation; what is typed goes into no history."""
        self._leave_patch()
        prompt: PromptSession[str] = PromptSession(
            input=self._input, output=self._output
        )
        return await _answer(prompt, f"{question} ")

    @log
    async def ask_secret(self, question: str) -> Secret | Leave:
        """Ask by a prompt of its own, which shows nothing and remembers nothing."""
        prompt: PromptSession[str] = PromptSession(
            history=DummyHistory(),
            input=self._input,
            output=self._output,
            input_processors=[Hidden()],
        )
        answer = await _answer_secretly(prompt, f"{question} ")
        return answer if isinstance(answer, Leave) else Secret(answer.rstrip("\r\n"))

    @log
    async def next_line(self, chat: Chat) -> str | Leave:
        """Let a line be typed, and return it."""
        self._enter_patch()
        self._chat = chat
        answer = await _answer(self._prompt, chat.prompt)
        if isinstance(answer, str):
            # The line that was typed stays on the screen.
            typed = wrapped(f"{chat.prompt}{answer}", self._columns)
            self._looking.show(_rows(typed))
        return answer

    @log
    def close(self) -> None:
        """Show what is still held back."""
        self._leave_patch()

    @log
    def completions(self, before: str) -> list[str]:
        """Return what the last word of `before` may become."""
        return self._chat.completions(before) if self._chat else []

    @property
    @log
    def _columns(self) -> int:
        return self._output.get_size().columns

    @log
    def _notice(self, focused: bool | None) -> None:
        """Follow the terminal's focus, None for a key: somebody looks, or no longer."""
        if focused is not None:
            self._looking.focused = focused
        if focused is not False:
            self._look()

    @log
    def _look(self) -> None:
        """Let the chat know what is on the screen, above the line being typed."""
        if self._chat is None:
            return
        size = self._output.get_size()
        typed = f"{self._chat.prompt}{self._prompt.default_buffer.text}"
        seen = self._looking.look(size.rows - _rows(wrapped(typed, size.columns)))
        if seen:
            self._chat.note_seen(seen)

    @log
    def _report_focus(self, wanted: bool) -> None:
        """Ask the terminal to say when it gets and loses its focus, or no more."""
        self._looking.focused = False
        self._output.write_raw(_FOCUS_REPORTS if wanted else _NO_FOCUS_REPORTS)
        self._output.flush()

    @log
    def _painted(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_END}" if self._colours and colour and text else text

    @log
    def _draw(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{_ERASE_LINE}{text}")
            sys.stderr.flush()

    @log
    def _enter_patch(self) -> None:
        if self._patch is None:
            # As patch_stdout does, which makes what is shown wait for longer.
            proxy = StdoutProxy(sleep_between_writes=_GATHER_SECONDS, raw=True)
            self._patch = contextlib.ExitStack()
            self._patch.enter_context(proxy)
            self._patch.enter_context(contextlib.redirect_stdout(proxy))
            self._report_focus(True)

    @log
    def _leave_patch(self) -> None:
        if self._patch is not None:
            self._patch.close()
            self._patch = None
            self._report_focus(False)


class _ChatCompleter(Completer):
    """Completes commands, names and rooms."""

    @log
    def __init__(self, screen: ConsoleScreen) -> None:
        self._screen = screen

    @log
    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what the word before the cursor may become."""
        before = document.text_before_cursor
        typed = len(before) - (before.rfind(" ") + 1)
        for text in self._screen.completions(before):
            yield Completion(text, start_position=-typed)


@log
def _rows(text: str) -> int:
    """Return how many rows a wrapped text takes."""
    return text.count("\n") + 1


@log
async def _answer(prompt: PromptSession[str], question: str) -> str | Leave:
    """Return a typed line, or how its typist leaves."""
    try:
        return await prompt.prompt_async(question)
    except EOFError:
        return Leave.END
    except KeyboardInterrupt:
        return Leave.INTERRUPT


@log
async def _answer_secretly(prompt: PromptSession[str], question: str) -> Secret | Leave:
    """Do as `_answer`; what comes back is declared so that no log shows it."""
    try:
        return Secret(await prompt.prompt_async(question))
    except EOFError:
        return Leave.END
    except KeyboardInterrupt:
        return Leave.INTERRUPT
