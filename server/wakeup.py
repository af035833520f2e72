"""Signals wake the loop through a pair of sockets, so none is asleep for it."""

import signal
import socket
from types import TracebackType
from typing import Any

from decorators import log

__all__ = ["Wakeup"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Wakeup:
    """While entered, the signals of a server arrive as bytes at `reader`."""

    @log
    def __init__(self) -> None:
        self.reader, self._writer = socket.socketpair()
        self.reader.setblocking(False)
        self._writer.setblocking(False)
        self._before: dict[signal.Signals, Any] = {}
        self._fd_before = -1

    @log
    def __enter__(self) -> "Wakeup":
        self._fd_before = signal.set_wakeup_fd(
            self._writer.fileno(), warn_on_full_buffer=False
        )
        for one in _SIGNALS:
            self._before[one] = signal.signal(one, _note)
        return self

    @log
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(self._fd_before)
        self.reader.close()
        self._writer.close()

    @log
    def signals(self) -> list[signal.Signals]:
        """Return the signals that have come since the last call."""
        try:
            came = self.reader.recv(256)
        except BlockingIOError:
            return []
        return [signal.Signals(number) for number in came if number in _SIGNALS]


@log
def _note(number: int, frame: object) -> None:
    """Do nothing: the byte that the signal wrote says it all."""
