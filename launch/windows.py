"""The launcher's side of the windows: open them, hear of their clients, close them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import psutil

from common.names import Name
from common.safe_text import visible
from decorators import log
from errors import StartError, TimedOut
from launch.guard import Greeting, Report
from launch.processes import Child, end_group, exit_sentence
from launch.terminals import Terminal

__all__ = ["Window", "Windows"]

_PROGRAM = Path(__file__).resolve().parent.parent / "launcher.py"
_OPEN_SECONDS = 30.0
_CLOSE_SECONDS = 10.0
_GONE_SECONDS = 5.0
_LOOK_SECONDS = 0.02
# A socket's path may have 107 bytes on Linux, 103 elsewhere; ours adds less than 35.
_LONGEST_FOLDER = 68
_SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")


class Window:
    """One client in its window, as its guard tells of it."""

    @log
    def __init__(
        self, name: Name, on_end: Callable[[Window, int | None], None]
    ) -> None:
        """`on_end` takes the exit code; None when the window was torn down."""
        self.name = self.log_label = name
        self.pid = 0
        self.ended = False
        self._on_end = on_end
        # Taken down while they run: a number may be somebody else's later.
        self._processes: list[psutil.Process] = []
        self._writer: asyncio.StreamWriter | None = None
        self._shown_by: Child | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gone = asyncio.Event()

    @property
    @log
    def said(self) -> list[str]:
        """What can be read of the client's last words, or where they are."""
        if self._shown_by is not None and self._shown_by.tail:
            return list(self._shown_by.tail)
        return ["its window may show why"]

    @log
    async def meet(
        self,
        greeting: Greeting,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Greet the guard, and listen to it until it is gone."""
        self._writer = writer
        writer.write(msgspec.json.encode(greeting) + b"\n")
        try:
            with contextlib.suppress(OSError):
                while line := await reader.readline():
                    self._take(msgspec.json.decode(line, type=Report))
        except (msgspec.DecodeError, ValueError):
            self._fail(StartError("what answers in the window is no guard of ours"))
        finally:
            writer.close()
            self._fail(StartError(f"the window of {self.name} closed at once"))
            self._gone.set()
            if not self.ended:
                self.ended = True
                self._on_end(self, None)

    @log
    async def wait_open(self, shown_by: Child | None) -> None:
        """Wait until the client runs; raise StartError or TimedOut if it does not."""
        self._shown_by = shown_by
        watch = asyncio.create_task(self._watch_emulator(shown_by))
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                await self._ready
        except TimeoutError as error:
            raise TimedOut(
                f"the window of {self.name} did not open within {_OPEN_SECONDS:g} s"
            ) from error
        finally:
            watch.cancel()

    @log
    async def close(self) -> None:
        """End the client and its window; nothing of them is left then."""
        self.ended = True
        shown_by = self._shown_by
        was_running = shown_by is not None and shown_by.is_running
        if self._writer is not None and not self._gone.is_set():
            with contextlib.suppress(OSError):
                self._writer.write(b"x")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._gone.wait()
        await _make_sure(self._processes)
        if shown_by is not None:
            await shown_by.stop()
            if was_running:
                # Its number can't be another group's so soon.
                end_group(shown_by.pid)

    @log
    async def _watch_emulator(self, shown_by: Child | None) -> None:
        """Fail when the emulator fails; one that ends well may show windows yet."""
        if shown_by is not None and (code := await shown_by.wait()):
            said = ": " + "\n".join(shown_by.tail) if shown_by.tail else ""
            self._fail(
                StartError(
                    f"the terminal of {self.name} ended ({exit_sentence(code)}){said}"
                )
            )

    @log
    def _take(self, report: Report) -> None:
        if report.problem:
            self.ended = True
            self._fail(
                StartError(f"can't start {self.name}: {visible(report.problem)}")
            )
        elif report.ended is not None:
            told, self.ended = self.ended, True
            if not told:
                self._on_end(self, report.ended)
        else:
            self.pid = report.client
            for pid in (report.guard, report.client):
                with contextlib.suppress(psutil.Error):
                    self._processes.append(psutil.Process(pid))
            if not self._ready.done():
                self._ready.set_result(None)

    @log
    def _fail(self, problem: StartError) -> None:
        """Let who waits for the window know that it will not come."""
        if not self._ready.done():
            self.ended = True
            self._ready.set_exception(problem)
            # Perhaps nobody waits any more; that is no fault.
            self._ready.exception()


class Windows:
    """All windows of one launcher."""

    @log
    def __init__(
        self,
        terminal: Terminal,
        greeting: Greeting,
        on_end: Callable[[Window, int | None], None],
    ) -> None:
        self.terminal = terminal
        self._greeting = greeting
        self._on_end = on_end
        self._folder: Path | None = None
        self._count = 0
        self._meetings: set[asyncio.Task[None]] = set()

    @log
    async def open(self, name: Name, command: Sequence[str]) -> Window:
        """Open a window in which `command` runs, and wait until it does.

        Raises StartError or TimedOut.
        """
        window = Window(name, self._on_end)
        path = self._new_path()
        guarded = [sys.executable, str(_PROGRAM), "--guard", str(path), "--", *command]

        def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            meeting = asyncio.create_task(window.meet(self._greeting, reader, writer))
            self._meetings.add(meeting)
            meeting.add_done_callback(self._meetings.discard)

        listener = await asyncio.start_unix_server(welcome, path)
        try:
            shown_by = await self.terminal.open(name, guarded)
            await window.wait_open(shown_by)
        except BaseException:
            await window.close()
            raise
        finally:
            listener.close()
            path.unlink(missing_ok=True)
        return window

    @log
    async def close(self) -> None:
        """Remove what is left once all windows are closed."""
        await self.terminal.close()
        if self._folder is not None:
            with contextlib.suppress(OSError):
                self._folder.rmdir()
            self._folder = None

    @log
    def _new_path(self) -> Path:
        """Return a path for a socket that nobody else may connect to."""
        if self._folder is None or not self._folder.is_dir():
            self._folder = _make_folder()
        self._count += 1
        return self._folder / f"{self._count}.sock"


@log
def _make_folder() -> Path:
    """Make a folder of ours alone with so short a name that sockets can be in it."""
    folder = tempfile.gettempdir()
    if len(os.fsencode(folder)) > _LONGEST_FOLDER:
        # TMPDIR may be as long as it likes, a socket's path may not.
        folder = next(filter(_can_be_written, _SHORT_FOLDERS), folder)
    return Path(tempfile.mkdtemp(prefix="messenger-", dir=folder))


@log
def _can_be_written(folder: str) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


@log
async def _make_sure(processes: Sequence[psutil.Process]) -> None:
    """Wait until these processes are gone; kill them if that takes too long."""
    for _ in range(2):
        deadline = time.monotonic() + _GONE_SECONDS
        # None of them is our child, so nobody tells us: we have to look.
        while alive := [one for one in processes if not _has_ended(one)]:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()


@log
def _has_ended(process: psutil.Process) -> bool:
    """Tell whether a process does nothing more, buried by its parent or not."""
    try:
        ended: bool = process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True
    return ended or not process.is_running()
