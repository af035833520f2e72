"""A log file that several processes write at once, and that rotates by size and day.

Why not a library: the ones that are kept lock, open and write for each record, which
costs more than a message; here a batch of records is one locked write.
"""

import fcntl
import logging
import os
import time
from pathlib import Path

from log_config.budget import Budget
from log_config.outage import Outage
from log_config.private_files import open_private

__all__ = ["SharedFileHandler", "formatted"]

_MOST_WAITING = 512
_CLOSED = -1


def formatted(handler: logging.Handler, record: logging.LogRecord) -> str:
    """Return the line of a record; one that is wrong makes a line that says where."""
    try:
        return handler.format(record)
    except Exception as error:  # noqa: BLE001 - our slip must not stop who logs
        place = f"{record.pathname}:{record.lineno}"
        return f"(the record of {place} is no line: {type(error).__name__})"


class SharedFileHandler(logging.Handler):
    """Collect records, and append them as whole lines with one write at `flush`.

    The file is locked while it is written, and looked up again when another process
    (or logrotate) has moved it, so no line is lost or torn. A file that can't be
    written is said on stderr, once per outage; what could not be written is counted
    and dropped, and the count is the first line when it works again.
    """

    def __init__(
        self,
        filename: str,
        max_bytes: int = 10 * 1024 * 1024,
        backups: int = 5,
        at_midnight: bool = True,
        hourly_bytes: int = 0,
    ) -> None:
        """Open `filename` for appending; raises OSError where that can't be done.

        Past `max_bytes` (0: never) and, with `at_midnight`, on a new day it becomes
        `filename.1`, and so on up to `backups`. Each kind of line has `hourly_bytes` an
        hour (0: no limit); what is above it is told as a sum.
        """
        self._path = Path(filename)
        self._max_bytes = max_bytes
        self._backups = backups
        self._at_midnight = at_midnight
        self._waiting: list[str] = []
        self._dropped = 0
        self._budget = Budget(hourly_bytes) if hourly_bytes else None
        self._outage = Outage()
        self._file = self._open()
        # Last: logging closes at its end whatever it has heard of.
        super().__init__()

    def emit(self, record: logging.LogRecord) -> None:
        """Format and keep one record."""
        line = formatted(self, record)
        if self._budget is None or self._budget.admits(record.msg, len(line)):
            self._waiting.append(line)
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Append what waits; after `close` the file is opened again for it."""
        if self._budget is not None and time.monotonic() >= self._budget.due_at:
            self._add_sums(self._budget)
        if not self._waiting:
            return
        self.acquire()
        try:
            # Another thread may have written them a moment ago.
            lines, self._waiting = self._waiting, []
            if lines:
                self._write(lines)
        finally:
            self.release()

    def close(self) -> None:
        """Write what waits and close the file."""
        self.acquire()
        try:
            if self._budget is not None:
                self._add_sums(self._budget)
            self.flush()
            if self._file != _CLOSED:
                # The number may be somebody else's descriptor from now on.
                os.close(self._file)
                self._file = _CLOSED
        finally:
            self.release()
        super().close()

    def _add_sums(self, budget: Budget) -> None:
        self.acquire()
        try:
            for sentence in budget.take_sums():
                record = logging.LogRecord(
                    "log", logging.INFO, "", 0, sentence, None, None
                )
                self._waiting.append(formatted(self, record))
        finally:
            self.release()

    def _write(self, lines: list[str]) -> None:
        try:
            self._append(lines)
        except OSError as error:
            self._drop(len(lines), error)
        else:
            self._dropped = 0
            self._outage.maybe_end()

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        # A pipe that nobody reads is an error, and not what a server waits for.
        descriptor = open_private(self._path, flags | os.O_NONBLOCK)
        os.set_blocking(descriptor, True)
        return descriptor

    def _append(self, lines: list[str]) -> None:
        if self._dropped:
            gap = f"({self._dropped} lines could not be written here)"
            lines = [gap, *lines]
        data = ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")
        if self._file == _CLOSED:
            self._file = self._open()
        try:
            size = self._lock()
            written = os.write(self._file, data)
            if written < len(data):
                os.ftruncate(self._file, size)
                raise OSError(28, os.strerror(28), str(self._path))
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _lock(self) -> int:
        """Lock the file that is at our path now, rotated if it is time; its size."""
        while True:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            state = os.fstat(self._file)
            if not self._is_ours(state):
                self._reopen()
            elif self._is_due(state):
                self._rotate()
                self._reopen()
            else:
                return state.st_size

    def _is_ours(self, state: os.stat_result) -> bool:
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino) == (state.st_dev, state.st_ino)

    def _is_due(self, state: os.stat_result) -> bool:
        if not state.st_size:
            return False
        if self._max_bytes and state.st_size >= self._max_bytes:
            return True
        written = time.localtime(state.st_mtime)
        today = time.localtime()
        return self._at_midnight and written[:3] < today[:3]

    def _rotate(self) -> None:
        if not self._backups:
            os.ftruncate(self._file, 0)
            return
        for number in range(self._backups - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _reopen(self) -> None:
        new = self._open()
        os.close(self._file)
        self._file = new

    def _drop(self, lines: int, error: OSError) -> None:
        self._dropped += lines
        self._outage.say(
            f"the log {self._path} can't be written",
            error,
            "log lines are dropped until it can",
        )
