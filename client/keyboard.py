"""Read the keys of a terminal, and give those a meaning that type nothing."""

from __future__ import annotations

import contextlib

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout.processors import (
    Processor,
    Transformation,
    TransformationInput,
)

from decorators import log

__all__ = ["Hidden", "SteadyInput", "bind_keys"]


@log
def bind_keys(keyboard: SteadyInput) -> KeyBindings:
    """Return what Ctrl-Z, Ctrl-C and Alt-Enter do while a line is typed."""
    keys = KeyBindings()

    @keys.add("c-z")
    @log
    def suspend(event: KeyPressEvent) -> None:
        """Go back to the shell until `fg`; messages wait meanwhile."""
        keyboard.suspending = True
        event.app.suspend_to_background()

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
