"""Log lines for the log of the system, which must never keep the server waiting.

Why not the standard library's handler as it is: it sends each record at once, waits
while the other end is busy, and prints a traceback for each line where there is none.
"""

import contextlib
import errno
import logging
import os
import select
import socket
import threading
import time
from collections import deque
from logging.handlers import SysLogHandler
from typing import Any

from log_config.handlers import formatted
from log_config.outage import Outage

__all__ = ["SystemLogHandler"]

# The socket of a busy syslogd may hold ten lines; a turn of ours may have hundreds.
_MOST_WAITING_BYTES = 4 * 1024 * 1024
_LINES_AT_ONCE = 512
# What rsyslog takes unless it is told otherwise; others take more.
_LONGEST_BYTES = 8192
_MARK = "…".encode()
_POLL_MILLISECONDS = 1000
# At the end, for an other end that takes its time.
_LAST_SECONDS = 1.0


class SystemLogHandler(SysLogHandler):
    """Collect records, and send them as datagrams, one each, at `flush`.

    What the other end does not take now, a thread sends as soon as it does. Where there
    is none, that is said on stderr, once per outage; 4 MiB of lines wait for it, what
    is more is dropped, and the count is told when there is room again.
    """

    def __init__(
        self,
        address: str | tuple[str, int] = "/dev/log",
        facility: str = "daemon",
        ident: str = "messenger",
    ) -> None:
        """Look for the log at `address`: the path of a Unix socket, or host and port.

        Lines begin with `ident`. Raises ValueError for a facility or a host that is
        unknown; it is no error that nobody listens.
        """
        if facility not in self.facility_names:
            raise ValueError(f"there is no facility {facility!r}")
        self._ident = ident
        self._target = _resolved(address)
        self._place = address if isinstance(address, str) else f"{address[0]}"
        self._waiting: deque[bytes] = deque()
        self._room = _MOST_WAITING_BYTES
        self._dropped = 0
        self._outage = Outage()
        self._socket: socket.socket | None = None
        self._has_helper = False
        # Last: logging closes at its end whatever it has heard of.
        super().__init__(address, facility, socket.SOCK_DGRAM)
        self._send()

    def createSocket(self) -> None:
        """Make none here: ours is made when lines are sent, and never waits."""

    def emit(self, record: logging.LogRecord) -> None:
        """Format and keep one record."""
        data = self._datagram(record.levelname, formatted(self, record))
        if len(data) > self._room:
            self._drop()
            return
        self._keep(data)
        if not len(self._waiting) % _LINES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Send what waits, without waiting; after `close` this connects again."""
        if not self._waiting:
            return
        self.acquire()
        try:
            if not self._has_helper:
                self._send()
                self._maybe_get_help()
        finally:
            self.release()

    def close(self) -> None:
        """Send what waits, for a second at most, and hang up; say how much is lost."""
        self.acquire()
        try:
            self._send()
            self._send_last()
            self._hang_up()
        finally:
            self.release()
        super().close()

    def _datagram(self, level: str, line: str) -> bytes:
        priority = self.encodePriority(self.facility, self.mapPriority(level))
        text = f"<{priority}>{self._ident}[{os.getpid()}]: {line}"
        data = text.encode("utf-8", "backslashreplace")
        if len(data) <= _LONGEST_BYTES:
            return data
        whole = data[: _LONGEST_BYTES - len(_MARK)].decode("utf-8", "ignore")
        return whole.encode() + _MARK

    def _keep(self, data: bytes) -> None:
        self._waiting.append(data)
        self._room -= len(data)

    def _drop(self) -> None:
        self._dropped += 1
        self._outage.say(
            f"the system's log at {self._place} takes no more lines",
            OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS)),
            "its lines are dropped until it does",
        )

    def _send(self) -> None:
        """Send what is taken now; raises nothing. Call it under the lock."""
        is_new = self._socket is None
        try:
            self._send_waiting(self._socket or self._connect())
        except BlockingIOError:
            pass  # busy: what is left has its turn at the next flush
        except OSError as error:
            self._hang_up()
            # UDP hears only afterwards that nobody was there.
            if not is_new and self._target[0] is socket.AF_UNIX:
                self._send()  # it may have been started again
                return
            self._outage.say(
                f"the system's log at {self._place} can't be reached",
                error,
                "its lines wait, and are dropped where they become too many",
            )
        else:
            self._outage.maybe_end()
        if self._dropped and self._room > _LONGEST_BYTES:
            gap = f"({self._dropped} lines could not be sent here)"
            self._keep(self._datagram("WARNING", gap))
            self._dropped = 0

    def _maybe_get_help(self) -> None:
        """Have a thread wait for who is busy, if anything is left for it."""
        if self._waiting and self._socket is not None:
            helper = threading.Thread(target=self._help, daemon=True)
            # Where there can't be another thread, the next flush goes on.
            with contextlib.suppress(RuntimeError):
                helper.start()
                self._has_helper = True

    def _help(self) -> None:
        while True:
            self.acquire()
            try:
                # After `close` there is nothing left, and nobody to connect to.
                if self._socket is not None and self._waiting:
                    self._send()
                if self._socket is None or not self._waiting:
                    self._has_helper = False
                    return
                number = self._socket.fileno()
            finally:
                self.release()
            # If it is closed meanwhile, and the number another's, this is too early.
            poll = select.poll()
            poll.register(number, select.POLLOUT)
            poll.poll(_POLL_MILLISECONDS)

    def _connect(self) -> socket.socket:
        family, target = self._target
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect(target)
        return self._socket

    def _send_waiting(self, other_end: socket.socket) -> None:
        while self._waiting:
            other_end.send(self._waiting[0])
            self._room += len(self._waiting.popleft())

    def _send_last(self) -> None:
        """Wait for who is busy; what is not sent then is lost."""
        ends_at = time.monotonic() + _LAST_SECONDS
        try:
            while self._waiting:
                if self._socket is None:
                    raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
                # 0 would be: never wait.
                self._socket.settimeout(max(0.001, ends_at - time.monotonic()))
                self._socket.send(self._waiting[0])
                self._room += len(self._waiting.popleft())
        except OSError as error:
            lost = len(self._waiting)
            self._waiting.clear()
            self._room = _MOST_WAITING_BYTES
            # Said in any case: this is the last of it.
            Outage().say(
                f"the system's log at {self._place} took no more lines",
                error,
                f"{lost} of its lines are lost",
            )

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _resolved(address: str | tuple[str, int]) -> tuple[socket.AddressFamily, Any]:
    """Return the family and the address for the socket; raises ValueError."""
    if isinstance(address, str):
        return socket.AF_UNIX, address
    try:
        host, port = address
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(f"{address} is no host and port: {error}") from error
    family, _, _, _, target = found[0]
    return family, target
