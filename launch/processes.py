"""Processes that we start and that never outlive us.

A direct child gets SIGKILL from the kernel the moment its parent is gone, however that
went (PR_SET_PDEATHSIG, Linux). What is started for us by others, such as a client in a
window of tmux, is guarded by `launch.guard` instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence

from common.names import Label, Name
from common.safe_text import visible
from decorators import log
from errors import StartError

__all__ = [
    "Child",
    "end_group",
    "exit_sentence",
    "send_signal",
    "start_child",
    "tie_to_parent",
]

_PR_SET_PDEATHSIG = 1
_TAIL_LINES = 8
# A polite end takes the server up to 5 s: it writes out what it owes.
_POLITE_SECONDS = 7.0
_DRAIN_SECONDS = 1.0


class Child:
    """One process of ours: its name, its end, and what it said on stderr."""

    @log
    def __init__(self, name: Name | Label, process: asyncio.subprocess.Process) -> None:
        self.name = self.log_label = name
        self.pid = process.pid
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)
        #: Takes each further line of stderr, once somebody wants to hear it.
        self.on_line: Callable[[str], None] | None = None
        self._process = process
        self._listening = asyncio.create_task(self._listen())

    @property
    @log
    def is_running(self) -> bool:
        """Tell whether it has not ended yet."""
        return self._process.returncode is None

    @log
    async def read_line(self) -> str:
        """Return its next line on stdout; empty when there will be none."""
        assert self._process.stdout
        try:
            line = await self._process.stdout.readline()
        except ValueError:
            # Longer than the stream's limit of 64 KiB: not a line for us.
            return ""
        return line.decode(errors="replace").rstrip("\n")

    @log
    async def wait(self) -> int:
        """Wait for its end, and for the end of stderr; return the exit code."""
        code = await self._process.wait()
        # A grandchild may hold stderr open; its words are not waited for.
        await asyncio.wait([self._listening], timeout=_DRAIN_SECONDS)
        return code

    @log
    async def stop(self) -> int:
        """End it: politely first, then for sure. Return the exit code.

        What it has started itself and not put into a group of its own ends with it,
        unless it had ended before.
        """
        if self.is_running:
            send_signal(self._process, signal.SIGTERM)
            try:
                async with asyncio.timeout(_POLITE_SECONDS):
                    await self._process.wait()
            except TimeoutError:
                send_signal(self._process, signal.SIGKILL)
            end_group(self.pid)
        code = await self.wait()
        self._listening.cancel()
        return code

    @log
    async def _listen(self) -> None:
        """Keep the last lines of stderr, and drain it so that it never blocks."""
        assert self._process.stderr
        while True:
            try:
                data = await self._process.stderr.readline()
            except ValueError:
                continue
            if not data:
                return
            line = visible(data.decode(errors="replace").rstrip("\n"))
            self.tail.append(line)
            if self.on_line is not None:
                self.on_line(line)


@log
async def start_child(
    name: Name | Label,
    command: Sequence[str],
    *,
    is_read: bool = True,
) -> Child:
    """Start `command` tied to us, with its output piped to us and no input.

    Unless `is_read`, what it writes on stdout is thrown away; else the caller reads it.
    It gets a session of its own: the Ctrl-C meant for us is not meant for it. Raises
    StartError when there is no such program.
    """
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=nowhere,
            stdout=pipe if is_read else nowhere,
            stderr=pipe,
            start_new_session=True,
            preexec_fn=functools.partial(tie_to_parent, os.getpid()),
        )
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "no reason given"
        raise StartError(
            f"can't start {name} ({visible(command[0])}: {reason})"
        ) from error
    return Child(name, process)


@log
def tie_to_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent, `parent`, is gone.

    To be called in the child, between fork and exec. Systems without prctl do without.
    """
    prctl = getattr(_LIBRARY, "prctl", None)
    if prctl is None:
        return
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It was gone before we asked.
        os.kill(os.getpid(), signal.SIGKILL)


# Loaded here and not between fork and exec, where as little as possible may happen.
_LIBRARY = ctypes.CDLL(None)


@log
def send_signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Send a signal to a child, unless it has ended.

    asyncio's own way asks for the exit code first, and so takes it away from asyncio's
    watcher when the child has just ended.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


@log
def end_group(group: int) -> None:
    """Kill all processes of a group; 0 is our own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


@log
def exit_sentence(code: int) -> Label:
    """Return an exit code in words, as `exit code 1` or `killed by SIGKILL`."""
    if code >= 0:
        return Label(f"exit code {code}")
    try:
        return Label(f"exit code {code}, killed by {signal.Signals(-code).name}")
    except ValueError:
        return Label(f"exit code {code}, killed by signal {-code}")
