"""Worker threads for what would block the loop: hashing, reading pages of history.

Why not `concurrent.futures`: its threads are waited for when the program ends (a stop
would last as long as a search), its queue has no end, and it calls back on the worker's
thread, not on the loop's; what is left of it is the queue below.
"""

import contextlib
import logging
import os
import queue
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, cast

from common.names import Label, Secret
from decorators import log
from errors import OutOfService, TooSoon

__all__ = ["Workers"]


class Closable(Protocol):
    """What jobs may be given to work with, such as a reader of the store."""

    def close(self) -> None:
        """Let go of it."""


Tool = TypeVar("Tool", bound=Closable | None)
Result = TypeVar("Result")

# So that the loop's thread goes first where there are more threads than processors. Not
# more: a worker that holds Python's lock and never gets a processor holds the loop up.
_NICENESS = 5
# How long the loop waits for a worker to hand Python's lock over: with the usual 5 ms a
# page of history cost one in ten turns 1.5 ms, with this 0.1 ms.
_SWITCH_SECONDS = 0.0005
_CLOSE_SECONDS = 0.8
_TRY_AGAIN_SECONDS = 2.0

_logger = logging.getLogger("server.workers")


class Workers(Generic[Tool]):
    """A small pool of threads; `reader` is readable when `finish` has something to do.

    All its methods are for the loop's thread. Threads are started when they are needed
    first, and never ended before `close`.
    """

    @log
    def __init__(
        self,
        name: Label,
        threads: int,
        most_waiting: int,
        open_tool: Callable[[], Tool] | None = None,
    ) -> None:
        """Make a pool of at most `threads`, for which `most_waiting` jobs may wait.

        Each thread opens a tool of its own before its first job, hands it to every
        job, and closes it at the end. Where none is given jobs get None.
        """
        self._name = self.log_label = name
        self._most_threads = threads
        self._most_waiting = most_waiting
        self._open_tool = open_tool
        self._threads: list[threading.Thread] = []
        self._jobs: queue.SimpleQueue[_Job[Tool] | None] = queue.SimpleQueue()
        self._done: deque[tuple[Callable[[Any], None], object]] = deque()
        self._under_way = 0
        self.reader, self._writer = socket.socketpair()
        self.reader.setblocking(False)
        self._writer.setblocking(False)
        # Held while a thread wakes the loop: a number that `close` has freed may be
        # somebody else's descriptor a moment later.
        self._waking = threading.Lock()

    @property
    @log
    def busy(self) -> int:
        """Return how many jobs were submitted and are not finished."""
        return self._under_way

    @log
    def submit(
        self,
        work: Callable[[Tool], Result],
        then: Callable[[Result | Exception], None],
    ) -> None:
        """Have `work` done on a thread; `finish` will call `then` with what it gave.

        That is its result, or the exception that it (or the making of its tool)
        raised. Raises TooSoon when too many jobs wait already, and OutOfService when
        the system has no thread for the first one.
        """
        if self._jobs.qsize() >= self._most_waiting:
            raise TooSoon("the server has too much to do", _TRY_AGAIN_SECONDS)
        if len(self._threads) < min(self._under_way + 1, self._most_threads):
            self._start_thread()
        self._under_way += 1
        self._jobs.put((work, then))

    @log
    def finish(self) -> None:
        """Call `then` for each job that is done, in the order in which they were done.

        What a `then` raises comes through; the others are called the next time.
        """
        with contextlib.suppress(BlockingIOError):
            self.reader.recv(4096)
        try:
            # What is done from now on has bytes of its own.
            for _ in range(len(self._done)):
                then, result = self._done.popleft()
                self._under_way -= 1
                then(result)
        finally:
            if self._done:
                self._wake_loop()

    @log
    def close(self) -> None:
        """End the threads within a second. What waits is dropped, `then` never called.

        A thread in the middle of a longer job is left behind; it ends with the program.
        """
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()
        for _ in self._threads:
            self._jobs.put(None)
        until = time.monotonic() + _CLOSE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        with self._waking:
            self.reader.close()
            self._writer.close()

    @log
    def _start_thread(self) -> None:
        name = f"{self._name}-{len(self._threads) + 1}"
        # A daemon: a job that does not end must not keep the program from ending.
        thread = threading.Thread(target=self._run, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            if not self._threads:
                raise OutOfService("the server can't do it now; try again") from None
            return  # the others will do it
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._threads.append(thread)

    @log
    def _run(self) -> None:
        """Do jobs until there is a None among them; this is the thread."""
        _step_back()
        tools: list[Tool] = []
        while job := self._jobs.get():
            self._done.append((job[1], self._do(job[0], tools)))
            job = None  # what it holds must not live until the next one
            self._wake_loop()
        try:
            for tool in tools:
                if tool is not None:
                    tool.close()
        except Exception:
            # Nobody waits for it, and stderr is no place for it.
            _logger.exception("a fault of ours, worker of %s", self._name)

    @log
    def _do(self, work: Callable[[Tool], object], tools: list[Tool]) -> object | Secret:
        """Return what `work` returns or raises; the first time, open the tool."""
        # The call log goes by the annotation, and it may be a password's hash.
        try:
            if not tools:
                tools.append(self._open())
            return work(tools[0])
        except Exception as error:  # noqa: BLE001 - `then` is told of it
            return error

    @log
    def _open(self) -> Tool:
        return cast("Tool", None) if self._open_tool is None else self._open_tool()

    @log
    def _wake_loop(self) -> None:
        # Where the pipe is full the loop is awake; where it is closed nobody listens.
        with self._waking, contextlib.suppress(OSError):
            self._writer.send(b"\0")


_Job = tuple[Callable[[Tool], Any], Callable[[Any], None]]


@log
def _step_back() -> None:
    """Let the calling thread yield to others; only Linux has that for a thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
