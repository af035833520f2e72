"""Stands in a window between the terminal and a client, so that neither outlives us.

`launcher.py --guard SOCKET -- COMMAND…` connects to the launcher, is told there in
which environment COMMAND runs, starts it on this terminal, tells its process id and
later its exit code. The connection is the lifeline: when it ends, because the launcher
closes the window or was killed, the client is ended; when the window closes, too. The
kernel kills the client if the guard itself is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from decorators import log
from errors import ExitCode
from launch.processes import end_group, exit_sentence, send_signal, tie_to_parent
from log_config.loader import configure, flush

__all__ = ["Greeting", "Report", "run_guard"]

_POLITE_SECONDS = 3.0
#: What describes a terminal is the window's own; all else is the launcher's.
_OF_THE_WINDOW = frozenset(
    {
        "COLUMNS",
        "COLORTERM",
        "LINES",
        "SHLVL",
        "STY",
        "TERM",
        "TERM_PROGRAM",
        "TERM_PROGRAM_VERSION",
        "TMUX",
        "TMUX_PANE",
        "VTE_VERSION",
        "WINDOWID",
        "_",
    }
)


class Greeting(msgspec.Struct):
    """What the launcher says to a guard: in which circumstances the client runs."""

    environment: dict[str, str]
    folder: str
    log_dir: str
    log_config: str = ""
    log_texts: bool = False


class Report(msgspec.Struct, omit_defaults=True):
    """What a guard says: the pid of itself and of the client, or how it ended."""

    guard: int = 0
    client: int = 0
    ended: int | None = None
    problem: str = ""


@log
def run_guard(arguments: Sequence[str]) -> int:
    """Do what SOCKET -- COMMAND… says; return the client's exit code."""
    if len(arguments) < 3 or arguments[1] != "--":
        print("launcher.py --guard SOCKET -- COMMAND…", file=sys.stderr)
        return ExitCode.USAGE
    return asyncio.run(_Guard(Path(arguments[0]), arguments[2:]).run())


class _Guard:
    """One window: its client and its lifeline."""

    @log
    def __init__(self, path: Path, command: Sequence[str]) -> None:
        self._path = path
        self._command = command
        self._over = asyncio.Event()
        self._abandoned = False

    @log
    async def run(self) -> int:
        """Guard the client until it ends or has to; return its exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._over.set)
        # Ctrl-C in this window is for the client, and only for it.
        loop.add_signal_handler(signal.SIGINT, _do_nothing)
        try:
            reader, self._writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            # The launcher is gone already: then there is nobody to start a client for.
            return ExitCode.UNREACHABLE
        try:
            line = await reader.readline()
            if not line.endswith(b"\n"):
                return ExitCode.UNREACHABLE
            greeting = msgspec.json.decode(line, type=Greeting)
            _follow(greeting)
            lifeline = asyncio.create_task(self._wait_for_launcher(reader))
            code = await self._run_client(greeting)
            lifeline.cancel()
            if self._abandoned:
                # What else the terminal's command has started (a shell's pipeline),
                # the killed launcher would have ended. This ends us, too.
                flush("client")
                end_group(0)
            return code
        finally:
            self._writer.close()

    @log
    async def _run_client(self, greeting: Greeting) -> int:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                env=_environment(greeting.environment),
                cwd=greeting.folder,
                preexec_fn=functools.partial(tie_to_parent, os.getpid()),
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "it can't be started"
            self._report(
                Report(os.getpid(), problem=f"{shlex.join(self._command)}: {reason}")
            )
            return ExitCode.REFUSED
        self._report(Report(os.getpid(), process.pid))
        ending = asyncio.create_task(process.wait())
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait([ending, over], return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            await _end(process, ending)
        code = ending.result()
        self._report(Report(ended=code))
        if code and not self._over.is_set():
            await self._let_it_be_read(code)
        over.cancel()
        return code if code >= 0 else 128 - code

    @log
    async def _let_it_be_read(self, code: int) -> None:
        """Keep the window, with the client's last words in it, until Enter."""
        if not os.isatty(0):
            return
        print(
            f"The client ended ({exit_sentence(code)}). Enter closes this window.",
            file=sys.stderr,
            flush=True,
        )
        loop = asyncio.get_running_loop()
        loop.add_reader(0, self._over.set)
        await self._over.wait()
        loop.remove_reader(0)

    @log
    async def _wait_for_launcher(self, reader: asyncio.StreamReader) -> None:
        """Read until the launcher closes the lifeline, or is gone."""
        said = b""
        with contextlib.suppress(OSError):
            said = await reader.read(1)
        if not said:
            # It said nothing more: it was killed, and can't tidy up.
            self._abandoned = True
            _sweep(self._path.parent)
        self._over.set()

    @log
    def _report(self, report: Report) -> None:
        if not self._writer.is_closing():
            self._writer.write(msgspec.json.encode(report) + b"\n")
        flush("client")


@log
def _follow(greeting: Greeting) -> None:
    """Log where the launcher does."""
    config = Path(greeting.log_config) if greeting.log_config else None
    configure("client", Path(greeting.log_dir), config, texts=greeting.log_texts)


@log
def _environment(launchers: Mapping[str, str]) -> dict[str, str]:
    """Return the launcher's environment on this window's terminal."""
    own = {key: os.environ[key] for key in _OF_THE_WINDOW if key in os.environ}
    rest = {key: text for key, text in launchers.items() if key not in _OF_THE_WINDOW}
    return rest | own


@log
async def _end(process: asyncio.subprocess.Process, ending: asyncio.Task[int]) -> None:
    """End the client: politely first, then for sure."""
    send_signal(process, signal.SIGTERM)
    await asyncio.wait([ending], timeout=_POLITE_SECONDS)
    if not ending.done():
        send_signal(process, signal.SIGKILL)
        await ending


@log
def _sweep(folder: Path) -> None:
    """Remove the folder of sockets that a killed launcher leaves behind."""
    with contextlib.suppress(OSError):
        for left in folder.glob("*.sock"):
            left.unlink(missing_ok=True)
        folder.rmdir()


@log
def _do_nothing() -> None:
    """Take a signal that is not ours."""
