"""One run of the launcher: the menu or the demo, until it is over or told to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from client.line_source import LineSource
from common.launcher_settings import LauncherSettings
from common.names import Name
from decorators import log
from errors import ExitCode
from launch.fleet import Fleet
from launch.menu import Menu
from launch.screen import Screen
from launch.terminals import Terminal, find_terminal
from log_config.loader import flush

__all__ = ["Plan", "run"]

_FLUSH_SECONDS = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_logger = logging.getLogger(__name__)


class Plan(NamedTuple):
    """What this run is to do."""

    settings: LauncherSettings
    names: Sequence[Name]
    log_folder: Path
    start: bool = False
    demo: bool = False


@log
def run(plan: Plan) -> int:
    """Do what `plan` says; return the exit code. Raises ProgramError."""
    on_terminal = sys.stdin.isatty()
    terminal = find_terminal(
        plan.settings.terminal, os.environ, on_terminal=on_terminal
    )
    # Without a window there is nothing to command: the demo is all there is.
    demo = plan.demo or (plan.start and terminal is None)
    screen = Screen(prompts=on_terminal and not demo)
    return asyncio.run(_Run(plan, terminal, screen, demo=demo).run())


class _Run:
    """The running launcher, and the signals that it gets."""

    @log
    def __init__(
        self, plan: Plan, terminal: Terminal | None, screen: Screen, *, demo: bool
    ) -> None:
        self._plan = plan
        self._screen = screen
        self._demo = demo
        self._fleet = Fleet(
            plan.settings, plan.names, terminal, plan.log_folder, os.environ, screen
        )
        self._signals: asyncio.Queue[signal.Signals] = asyncio.Queue()

    @log
    async def run(self) -> int:
        """Run until it is over; whatever was started has ended then."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._signals.put_nowait, number)
        flushing = asyncio.create_task(_flush_regularly())
        work = asyncio.create_task(self._work())
        try:
            return await self._until_signal(work)
        finally:
            closing = asyncio.create_task(self._fleet.close())
            await self._see_closed(closing)
            flushing.cancel()

    @log
    async def _work(self) -> int:
        if self._demo:
            return await self._fleet.demonstrate(advises=self._plan.start)
        menu = Menu(self._fleet, self._screen, LineSource())
        return await menu.run(start=self._plan.start)

    @log
    async def _until_signal(self, work: asyncio.Task[int]) -> int:
        """Return the exit code of `work`, or of the signal that ends it."""
        signalled = asyncio.create_task(self._signals.get())
        await asyncio.wait([work, signalled], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            signalled.cancel()
            return work.result()
        number = signalled.result()
        _logger.info("told to end by %s", number.name)
        if number is signal.SIGINT:
            self._screen.note_line_typed()
            self._screen.tell("")
        work.cancel()
        await asyncio.wait([work])
        unfinished = self._demo or number is signal.SIGINT
        return ExitCode.INTERRUPTED if unfinished else ExitCode.DONE

    @log
    async def _see_closed(self, closing: asyncio.Task[None]) -> None:
        """Wait until all is closed; a second signal ends at once.

        Then the kernel and the guards end what still runs.
        """
        signalled = asyncio.create_task(self._signals.get())
        await asyncio.wait([closing, signalled], return_when=asyncio.FIRST_COMPLETED)
        if closing.done():
            signalled.cancel()
            closing.result()
            return
        closing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await closing


@log
async def _flush_regularly() -> None:
    """Write the log out, also while nothing else happens."""
    while True:
        flush("client")
        await asyncio.sleep(_FLUSH_SECONDS)
