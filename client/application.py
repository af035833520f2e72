"""The client as a program: chooses the screen, asks for a name, visits the server."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import platformdirs

from client.events import SignInRefused
from client.plain import PlainScreen
from client.screen import Leave, Screen
from client.visit import Visit
from client.wording import Line, Tone
from common.client_settings import ClientSettings
from common.names import Name
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProgramError, Refused
from log_config.program import silence_output

__all__ = ["run"]


@log
def run(settings: ClientSettings) -> ExitCode:
    """Be the client until it ends; return its exit code or raise ProgramError."""
    folder = platformdirs.user_state_path("messenger")
    try:
        return asyncio.run(_main(settings, folder))
    except (KeyboardInterrupt, asyncio.CancelledError):
        # Ctrl-C, or another signal that asks to leave; all goodbyes are said.
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        silence_output()
        return ExitCode.DONE


@log
async def _main(settings: ClientSettings, folder: Path) -> ExitCode:
    _listen_to_signals()
    screen = _choose_screen(settings, folder)
    try:
        return await _visit(settings, screen, folder / "devices")
    finally:
        screen.close()


@log
async def _visit(settings: ClientSettings, screen: Screen, devices: Path) -> ExitCode:
    """Visit the server, under another name as long as one is refused."""
    name: Name | str = settings.name
    refused = None
    slot = 0
    while True:
        if not name or (refused and not slot):
            answer = await _ask_name(screen, refused)
            if isinstance(answer, Leave):
                interrupted = answer is Leave.INTERRUPT
                return ExitCode.INTERRUPTED if interrupted else ExitCode.DONE
            name = answer
        visit = Visit(settings, screen, name, devices, slot)
        outcome = await visit.run()
        if isinstance(outcome, ExitCode):
            return outcome
        refused, slot = outcome, visit.next_slot


@log
async def _ask_name(screen: Screen, refused: SignInRefused | None) -> str | Leave:
    """Ask until something is typed; without anybody there raise ProgramError."""
    if not screen.interactive:
        if refused:
            raise Refused(visible(refused.reason))
        raise ProgramError(
            "who are you? give a name with -n NAME or JIM_NAME", ExitCode.USAGE
        )
    if refused:
        screen.show(Line(Tone.TROUBLE, visible(refused.reason)))
    question = "another name:" if refused else "your name:"
    while True:
        answer = await screen.ask(question)
        if isinstance(answer, Leave) or answer.strip():
            return answer if isinstance(answer, Leave) else answer.strip()


@log
def _choose_screen(settings: ClientSettings, folder: Path) -> Screen:
    typed, seen = os.isatty(0), os.isatty(1)
    dumb = os.environ.get("TERM", "dumb") == "dumb"
    if settings.plain or dumb or not (typed and seen):
        return PlainScreen(interactive=typed)
    # Only here: a pipe needs no line editor, and it takes longest to load.
    from client.console import ConsoleScreen

    colours = not os.environ.get("NO_COLOR")
    return ConsoleScreen(folder / "history", colours=colours)


@log
def _listen_to_signals() -> None:
    """Leave politely also when the system or the terminal's end asks for it."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if task is not None and signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, task.cancel)
