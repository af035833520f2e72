"""The client as a program: chooses the screen, and goes in."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import platformdirs

from client.entrance import Entrance, exit_code
from client.joining import Joining, ask_line
from client.known_servers import own_notes, own_servers
from client.plain import PlainScreen
from client.screen import Leave, Screen
from client.tls import Trust
from common.client_settings import ClientSettings
from common.join_line import JoinLine
from decorators import log
from errors import ExitCode
from log_config.program import silence_output

__all__ = ["run"]


@log
def run(
    settings: ClientSettings, *, joins: bool = False, line: JoinLine | None = None
) -> ExitCode:
    """Be the client until it ends; return its exit code or raise ProgramError.

    Who `joins` is not somebody yet: by the line an account is made first. Without one
    it is asked for.
    """
    folder = platformdirs.user_state_path("messenger")
    try:
        return asyncio.run(_main(settings, folder, joins=joins, line=line))
    except (KeyboardInterrupt, asyncio.CancelledError):
        # Ctrl-C, or another signal that asks to leave; all goodbyes are said.
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        silence_output()
        return ExitCode.DONE


@log
async def _main(
    settings: ClientSettings, folder: Path, *, joins: bool, line: JoinLine | None
) -> ExitCode:
    _listen_to_signals()
    screen = _choose_screen(settings, folder)
    try:
        if not joins:
            trust, invite = Trust(settings, own_servers(), own_notes()), None
        else:
            joining = await _join(settings, screen, folder, line)
            if isinstance(joining, Leave):
                return exit_code(joining)
            settings, trust = joining.settings, joining.trust
            invite = joining.invite
        return await Entrance(settings, screen, folder, trust, invite).run()
    finally:
        screen.close()


@log
async def _join(
    settings: ClientSettings,
    screen: Screen,
    folder: Path,
    line: JoinLine | None,
) -> Joining | Leave:
    """Make an account by the line, or by the one that is asked for."""
    given = line or await ask_line(screen)
    if isinstance(given, Leave):
        return given
    joining = Joining(settings, screen, folder, given)
    return await joining.run() or joining


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
