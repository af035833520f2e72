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
from collections.abc import Callable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import DummyHistory
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.patch_stdout import StdoutProxy

from client.chat import Chat
from client.holding import Holding
from client.input_history import open_history
from client.keyboard import Hidden, SteadyInput, WordCompleter, bind_keys
from client.line import Line, Seen, Tone
from client.live_rows import LiveRows
from client.looking import Looking
from client.painting import WHITE_ON_BLACK, Painting, rows_of
from client.picture import picture
from client.screen import Leave
from client.wrapping import wrapped
from common.names import Secret
from common.safe_text import visible
from decorators import log

__all__ = ["ConsoleScreen"]

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_SECONDS = 0.1
# Messages that come at once are shown at once, with one repainting of the line.
_GATHER_SECONDS = 0.05
_ERASE_LINE = "\r\x1b[K"
_FOCUS_REPORTS, _NO_FOCUS_REPORTS = "\x1b[?1004h", "\x1b[?1004l"
_BELL = "\a"


class ConsoleScreen:
    """A terminal with somebody before it."""

    interactive = True
    has_terminal = True

    @log
    def __init__(self, history_file: Path, *, colours: bool) -> None:
        """Take the terminal; `close` gives it back.

        Without `colours` our own lines have none; prompt_toolkit obeys NO_COLOR itself.
        """
        self._chat: Chat | None = None
        self._waits = False
        self._holding = Holding(self.show)
        self._looking = Looking()
        self._live = LiveRows()
        self._painting = Painting(colours=colours)
        self._echo = ""
        self._patch: contextlib.ExitStack | None = None
        self._input = SteadyInput(sys.stdin, self._notice)
        self._output = Vt100_Output.from_pty(sys.stdout, os.environ.get("TERM"))
        # Where the cursor is need not be known, and not every terminal says it.
        self._output.enable_cpr = False
        self._prompt: PromptSession[str] = PromptSession(
            history=open_history(history_file),
            completer=WordCompleter(self.completions),
            complete_while_typing=False,
            input=self._input,
            output=self._output,
            erase_when_done=True,
            key_bindings=bind_keys(self._input, self._report_focus),
        )

    @log
    def show(self, line: Line) -> None:
        """Print a line above the one that is being typed; ours may change yet."""
        if self._holding.takes(line):
            return
        if line.tone is Tone.OWN:
            self._show_own(line)
            return
        if self._waits:
            self._draw("")
        self._settle()
        if line.tone is Tone.CLEAR:
            self._prompt.app.renderer.clear()
            self._looking.clear()
        elif line.tone is Tone.CODE:
            self._show_code(Secret(line.text), self._columns)
        elif line.tone is Tone.WHOLE:
            self._print(line.text, rows_of(wrapped(line.text, self._columns)))
        else:
            shown = self._laid_out(line)
            rows = rows_of(shown)
            self._print(_BELL + shown if line.rings else shown, rows, line.seen)

    @log
    def _show_own(self, line: Line) -> None:
        """Paint a row of ours above the prompt; say of an older one what is new."""
        if line.new:
            # The row says what was typed.
            self._echo = ""
        if line.new and not self._painting.fits(line, self._columns):
            # An address that the terminal has to break, so that it is copied whole.
            self._settle()
            self._print_row(line)
        elif self._live.takes(line):
            for row in self._live.take_oldest():
                self._print_row(row)
            self._prompt.app.invalidate()
        elif line.later:
            self.show(Line(Tone.MARK, line.later))

    @log
    def _settle(self) -> None:
        """Print what was typed and our own rows for good, before something else is."""
        echo, self._echo = self._echo, ""
        for row in self._live.take_all():
            self._print_row(row)
        if echo:
            self._print(echo, rows_of(echo))

    @log
    def _print_row(self, line: Line) -> None:
        shown = self._laid_out(line)
        self._print(shown, rows_of(shown))

    @log
    def _print(self, shown: str, rows: int, seen: Seen | None = None) -> None:
        print(shown)  # noqa: T201
        self._looking.show(rows, seen)
        if self._looking.focused:
            self._look()

    @log
    def _laid_out(self, line: Line) -> str:
        return self._painting.laid_out(line, self._columns)

    @log
    def _message(self) -> ANSI:
        """Return what stands before the cursor: our live rows, and the prompt."""
        rows = [self._laid_out(row) for row in self._live.rows]
        prompt = self._chat.prompt if self._chat is not None else ""
        return ANSI("\n".join([*rows, prompt]))

    @log
    def _show_code(self, text: Secret, columns: int) -> None:
        for row in picture(text, columns):
            print(self._painting.painted(row, WHITE_ON_BLACK))  # noqa: T201
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
        self._settle()
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
        if self._echo or chat is not self._chat:
            self._settle()
        self._chat = chat
        answer = await _answer(self._prompt, self._message)
        if isinstance(answer, str) and answer.strip():
            # The prompt, which may be another by now, is erased with what was typed;
            # unless that becomes a row of ours it stays.
            self._echo = wrapped(f"{chat.prompt}{visible(answer)}", self._columns)
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
        used = rows_of(wrapped(typed, size.columns))
        used += sum(rows_of(self._laid_out(row)) for row in self._live.rows)
        seen = self._looking.look(size.rows - used)
        if seen:
            self._chat.note_seen(seen)

    @log
    def _report_focus(self, wanted: bool) -> None:
        """Ask the terminal to say when it gets and loses its focus, or no more."""
        self._looking.focused = False
        self._output.write_raw(_FOCUS_REPORTS if wanted else _NO_FOCUS_REPORTS)
        self._output.flush()

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
            self._settle()
            self._patch.close()
            self._patch = None
            self._report_focus(False)


@log
async def _answer(
    prompt: PromptSession[str], question: str | Callable[[], ANSI]
) -> str | Leave:
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
