"""All that a launcher has started: the server, the clients' windows, the demo."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from common.launcher_settings import LauncherSettings
from common.names import Name
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProgramError
from launch.advice import after_demo, what_next
from launch.client_command import absolute, client_command
from launch.demo import Demo, check_size, trust_of
from launch.guard import Greeting
from launch.local_server import Place, find_running_server, start_server
from launch.log_lines import last_lines
from launch.presence import data_folder, tell_of_clients
from launch.processes import Child, exit_sentence
from launch.screen import Screen
from launch.table import ProcessTable
from launch.terminals import Terminal
from launch.windows import Window, Windows

__all__ = ["Fleet"]


class Fleet:
    """Starts and closes; says on the screen what ends by itself."""

    @log
    def __init__(
        self,
        settings: LauncherSettings,
        names: Sequence[Name],
        terminal: Terminal | None,
        log_folder: Path,
        environment: Mapping[str, str],
        screen: Screen,
    ) -> None:
        """Start nothing yet. Without `terminal` the clients are those of a demo."""
        self._settings = settings
        self._names = names
        self._log_folder = log_folder
        self._screen = screen
        self._table = ProcessTable()
        self._windows: Windows | None = None
        if terminal is not None:
            greeting = Greeting(
                dict(environment),
                os.getcwd(),
                str(log_folder),
                absolute(settings.log_config),
                settings.log_texts,
            )
            self._windows = Windows(terminal, greeting, self._note_client_end)
        self._server: Child | None = None
        self._place: Place | None = None
        self._watching: asyncio.Task[None] | None = None
        self._clients: dict[Name, Window] = {}
        self._demo: asyncio.Task[int] | None = None
        self._scratch = contextlib.ExitStack()
        self._on_server_end: Callable[[], None] = _nothing
        #: Called when a client, or the demo, has ended.
        self.on_end: Callable[[], None] = _nothing

    @property
    @log
    def has_clients(self) -> bool:
        """Tell whether a client's window or the demo runs."""
        demo = self._demo is not None and not self._demo.done()
        return demo or any(not one.ended for one in self._clients.values())

    @log
    async def start(self) -> None:
        """Start what does not run: the server, then the clients or the demo.

        Raises ProgramError; what was started until then goes on.
        """
        if self._server_runs() and self.has_clients and not self._missing():
            self._screen.tell("all of it runs already; x closes them")
            return
        if self._windows is None:
            check_size(self._names)
        place = await self._have_server()
        if self._windows is None:
            self._screen.head(
                "there is no window to be had here (no tmux, no X terminal); "
                "the clients of a demo talk instead"
            )
            self._demo = asyncio.create_task(self._run_demo(place))
            self._table.note(self._running())
            return
        missing = self._missing()
        for name in missing:
            if name in self._clients:
                await self._clients.pop(name).close()
            command = client_command(self._settings, self._log_folder, place)
            self._clients[name] = await self._windows.open(name, [*command, "-n", name])
        self._table.note(self._running())
        opened = [name for name in missing if self._client_runs(name)]
        if opened:
            folder = data_folder(self._settings) if self._settings.server else None
            await tell_of_clients(
                self._screen, folder, place.port, opened, self._client_runs
            )
            hint = self._windows.terminal.hint
            rows = await what_next(self._names, place, folder)
            self._screen.advise([*hint, *rows])

    @log
    def _client_runs(self, name: Name) -> bool:
        return name in self._clients and not self._clients[name].ended

    @log
    async def demonstrate(self, *, advises: bool) -> int:
        """Run the server and a demo to the end; return the exit code.

        With `advises` its last words are what to type next, where all went well.
        """
        check_size(self._names)
        kept_in = data_folder(self._settings)
        if not self._settings.data_dir:
            # What a demo says is nobody's history.
            folder = self._scratch.enter_context(
                tempfile.TemporaryDirectory(prefix="messenger-demo-")
            )
            self._settings = msgspec.structs.replace(self._settings, data_dir=folder)
        place = await self._have_server()
        self._demo = asyncio.create_task(self._run_demo(place))
        code = await self._demo
        if advises and self._settings.server and code == ExitCode.DONE:
            self._screen.advise(after_demo(place, kept_in))
        return code

    @log
    async def wait_for_demo(self) -> int:
        """Wait until the demo is over, if there is one; return its exit code."""
        return await self._demo if self._demo is not None else ExitCode.DONE

    @log
    async def close(self) -> None:
        """End all that was started; nothing of it runs afterwards."""
        if self._demo is not None:
            self._demo.cancel()
            await asyncio.wait([self._demo])
            self._demo = None
        clients = list(self._clients.values())
        self._clients.clear()
        await asyncio.gather(*(client.close() for client in clients))
        if self._windows is not None:
            await self._windows.close()
        await self._close_server()
        self._scratch.close()

    @log
    def table(self) -> list[str]:
        """Return the lines of what runs; none if nothing does."""
        running = self._running()
        return self._table.lines(running) if running else []

    @log
    def _running(self) -> dict[int, Name]:
        """Return the names of what runs, by process id."""
        running = {}
        if self._server is not None and self._server.is_running:
            running[self._server.pid] = Name("server")
        for client in self._clients.values():
            if not client.ended:
                running[client.pid] = client.name
        if self._demo is not None and not self._demo.done():
            running[os.getpid()] = Name(f"demo of {len(self._names)} clients")
        return running

    @log
    def _missing(self) -> list[Name]:
        """Return who has no window; nobody needs one in a demo."""
        if self._windows is None:
            return []
        return [name for name in self._names if not self._client_runs(name)]

    @log
    def _server_runs(self) -> bool:
        if not self._settings.server:
            return self._place is not None
        return self._server is not None and self._server.is_running

    @log
    async def _have_server(self) -> Place:
        """Return where the server listens, which is started if it has to be."""
        if not self._settings.server:
            self._place = await find_running_server(self._settings)
            self._screen.tell(f"using the server at {visible(str(self._place))}")
            return self._place
        if self._place is not None and self._server_runs():
            return self._place
        settings = self._settings
        if self._place is not None and self.has_clients:
            # It died, and its clients look for it where it was.
            settings = msgspec.structs.replace(settings, port=self._place.port)
        await self._close_server()
        self._server, self._place = await start_server(settings)
        self._server.on_line = self._say_of_server
        self._watching = asyncio.create_task(self._watch_server(self._server))
        self._table.note(self._running())
        self._screen.tell(
            f"server started: port {self._place.port}, pid {self._server.pid}, "
            f"log: {visible(str(self._place.log_file))}"
        )
        return self._place

    @log
    async def _close_server(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        if self._server is not None:
            await self._server.stop()
        self._server = self._watching = self._place = None

    @log
    async def _run_demo(self, place: Place) -> int:
        """Run the demo, say how it went, and return its exit code."""
        seconds = self._settings.seconds
        self._screen.tell(
            f"{len(self._names)} clients talk for {seconds:g} s at {place}"
        )
        try:
            trust = trust_of(self._settings, place)
            demo = Demo(self._names, place, self._screen.show, trust)
            self._on_server_end = demo.break_off
            summary = await demo.run(seconds)
        except ProgramError as error:
            self._screen.warn(f"the demo ended: {error}")
            return error.exit_code
        finally:
            self.on_end()
        for line in summary.lines():
            self._screen.show(line)
        good = summary.is_good and (not self._settings.server or self._server_runs())
        return ExitCode.DONE if good else ExitCode.REFUSED

    @log
    async def _watch_server(self, server: Child) -> None:
        """Say it when the server ends while it should not."""
        code = await server.wait()
        self._screen.warn(f"the server died: {exit_sentence(code)}")
        file = self._place.log_file if self._place else None
        if file is not None:
            self._show_log(file, server.pid, server.tail)
        self._on_server_end()

    @log
    def _say_of_server(self, line: str) -> None:
        self._screen.warn(f"server: {line}")

    @log
    def _note_client_end(self, client: Window, code: int | None) -> None:
        """Say that a client has ended by itself, and with which words."""
        name = visible(client.name)
        if code == 0:
            self._screen.tell(f"{name} has left (exit code 0)")
        elif code is None:
            self._screen.warn(f"{name} is gone: the window was closed")
        else:
            self._screen.warn(f"{name} died: {exit_sentence(code)}")
            self._show_log(self._log_folder / "client.log", client.pid, client.said)
        self.on_end()

    @log
    def _show_log(self, file: Path, pid: int, said: Sequence[str]) -> None:
        """Show the last lines of a log; where there are none, what was `said`."""
        if lines := last_lines(file, pid):
            self._screen.tell(f"the last lines of {visible(file.name)}:")
        for line in lines or said:
            self._screen.tell(f"  {line}")


@log
def _nothing() -> None:
    """Be called when nobody wants to be."""
