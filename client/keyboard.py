"""Read the keys of a terminal, and give those a meaning that type nothing."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from typing import Final, TextIO

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import (
    Processor,
    Transformation,
    TransformationInput,
)

from decorators import log

__all__ = ["Hidden", "SteadyInput", "WordCompleter", "bind_keys"]

# What xterm and those like it say when they get and lose the focus.
_FOCUS: Final = {"\x1b[I": True, "\x1b[O": False}
# prompt_toolkit knows neither, and would take them for three keys each.
ANSI_SEQUENCES.update(dict.fromkeys(_FOCUS, Keys.Ignore))


@log
def bind_keys(
    keyboard: SteadyInput, report_focus: Callable[[bool], None]
) -> KeyBindings:
    """Return what Ctrl-Z, Ctrl-C and Alt-Enter do while a line is typed.

    `report_focus` lets the terminal report its focus or not: a shell wants none of it.
    """
    keys = KeyBindings()

    @log
    def stop() -> None:
        report_focus(False)
        os.kill(0, signal.SIGTSTP)
        report_focus(True)

    @keys.add("c-z")
    @log
    def suspend(event: KeyPressEvent) -> None:
        """Go back to the shell until `fg`; messages wait meanwhile."""
        keyboard.suspending = True
        run_in_terminal(stop)

    @keys.add("c-c")
    @log
    def give_up(event: KeyPressEvent) -> None:
        """Throw the line away; where there is none, leave."""
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    @keys.add("escape", "enter")
    @log
    def begin_row(event: KeyPressEvent) -> None:
        """Begin a new row of the same text."""
        event.current_buffer.insert_text("\n")

    return keys


class SteadyInput(Vt100Input):
    """Keys that stay keys while a line is printed above the one being typed.

    prompt_toolkit gives the terminal back for that moment, and what is typed in it is
    echoed in the wrong place, or lost (Ctrl-D).
    """

    suspending = False

    @log
    def __init__(self, stdin: TextIO, notice: Callable[[bool | None], None]) -> None:
        """Tell `notice` of the terminal's focus, and with None of any key."""
        super().__init__(stdin)
        self._notice = notice

    @log
    def read_keys(self) -> list[KeyPress]:
        """Return the keys that were pressed; reports of the focus are none."""
        pressed = super().read_keys()
        for one in pressed:
            self._notice(_FOCUS.get(one.data))
        return [one for one in pressed if one.data not in _FOCUS]

    @log
    def cooked_mode(self) -> contextlib.AbstractContextManager[None]:
        """Give the terminal back for a shell alone."""
        if self.suspending:
            self.suspending = False
            return super().cooked_mode()
        return contextlib.nullcontext()


class Hidden(Processor):
    """Draws nothing of what is typed, not even how much it is."""

    @log
    def apply_transformation(
        self, transformation_input: TransformationInput
    ) -> Transformation:
        """Return an empty line, with the cursor where it begins."""
        return Transformation(
            [], source_to_display=lambda _: 0, display_to_source=lambda _: 0
        )


class WordCompleter(Completer):
    """Completes the last word by what `completions` says of the line up to there."""

    @log
    def __init__(self, completions: Callable[[str], list[str]]) -> None:
        self._completions = completions

    @log
    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Yield what the word before the cursor may become."""
        before = document.text_before_cursor
        typed = len(before) - (before.rfind(" ") + 1)
        for text in self._completions(before):
            yield Completion(text, start_position=-typed)
