"""How the store writes: all that waits in one transaction, or nothing of it."""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from decorators import log
from errors import ExitCode, NotStored, StartError, StoreFailed
from server.store import schema
from server.store.changes_rules import ChangesOfRules
from server.store.failures import judge, primary_code
from server.store.files import Files
from server.store.wal import WriteAheadLog

__all__ = ["Transactions"]

_logger = logging.getLogger("server")

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Pages in the log that are brought into the database apart from the turns: to sync them
# takes a few ms, where those of many turns take 50.
_FEW_PAGES = 200
# A file system may write down late when a file was changed; so many alarms for nothing
# show it.
_MOST_ALARMS = 3
_SYNCED = "PRAGMA synchronous"
_COUNTERS = "SELECT last_message, last_number FROM state"
_COUNT = "UPDATE state SET last_message = ?, last_number = ?"


class Transactions(ChangesOfRules):
    """The connection that writes, its files and counters, and what waits.

    After an error that leaves open what is on the disk everything is refused.
    """

    __slots__ = (
        "_alarms",
        "_connection",
        "_failure",
        "_files",
        "_last_number",
        "_level",
        "_log",
        "last_id",
    )

    last_id: int
    _last_number: int

    @log
    def __init__(self, folder: Path, durability: str) -> None:
        """Lock the folder and open the database; raises StartError."""
        super().__init__()
        self._failure: StoreFailed | None = None
        self._alarms = 0
        self._files = Files(folder)
        with contextlib.ExitStack() as undo:
            undo.callback(self._files.release)
            try:
                self._connection = _open(self._files.database, durability)
                undo.callback(self._connection.close)
                (self._level,) = self._connection.execute(_SYNCED).fetchone()
                counters = self._connection.execute(_COUNTERS).fetchone()
                self.last_id, self._last_number = counters
                self._log = WriteAheadLog(self._connection, self._files.log)
                undo.callback(self._log.close)
                self._log.lengthen()
                self._files.watch()
            except (sqlite3.Error, OSError) as error:
                raise _unusable(self._files.database, error) from error
            undo.pop_all()

    @log
    def new_number(self) -> int:
        """Return a number for an identity, a conversation, a device or a token."""
        self._last_number += 1
        return self._last_number

    @log
    def close(self) -> None:
        """Let go of the files; what was not committed is lost."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._log.close()
        self._files.release()

    @log
    def _write(
        self,
        work: Callable[[sqlite3.Connection], None],
        outcome: str,
        last_id: int,
    ) -> None:
        """Write what waits, then what `work` writes, and `last_id`; make it final.

        Raises NotStored with `outcome` when nothing of it was written, or StoreFailed.
        """

        def write() -> None:
            self._begin()
            work(self._connection)
            self._connection.execute(_COUNT, (last_id, self._last_number))
            self._connection.execute("COMMIT")
            self.clear_changes()
            # What was written to a file that is not ours any more is lost.
            if not self._files.check():
                self._examine(last_id)
            self.last_id = last_id

        self._attempt(write, outcome)

    @log
    def look(
        self,
        function: Callable[Concatenate[sqlite3.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Look something up behind all that was said till now."""

        def look() -> _T:
            if self.has_changes:
                self._begin()
            return function(self._connection, *args, **kwargs)

        return self._attempt(look, "nothing was changed")

    @property
    @log
    def is_idle(self) -> bool:
        """Tell whether nothing waits to be written."""
        return not (self.has_changes or self._connection.in_transaction)

    @log
    def write_aside(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return what `work` returns, and make final what it writes, but do not sync.

        Only while the store is idle, and for what may be undone by a power cut. Call
        `tidy_aside` soon. Raises NotStored when nothing of it was written, or
        StoreFailed.
        """

        def write() -> _T:
            if self._log.make_room():
                self._files.note_written()
            self._connection.execute("BEGIN IMMEDIATE")
            result = work(self._connection)
            self._connection.execute("COMMIT")
            if not self._files.check():
                self._examine(self.last_id)
            return result

        self._connection.execute(f"{_SYNCED} = NORMAL")
        try:
            result = self._attempt(write, "nothing was changed")
        finally:
            # What is acknowledged afterwards must be on the disk.
            self._connection.execute(f"{_SYNCED} = {self._level}")
        return result

    @log
    def tidy_aside(self) -> bool:
        """Bring a short log into the database, and tell whether there was one."""
        return self._attempt(lambda: self._take_in(_FEW_PAGES), "")

    @log
    def _tidy(self) -> None:
        """Bring the log into the database where it is long; a full disk may wait."""
        with contextlib.suppress(NotStored):
            self._attempt(self._take_in, "")

    @log
    def _take_in(self, *pages: int) -> bool:
        """Bring the log into the database if it is so long, and tell whether it was."""
        is_done = self._log.maybe_checkpoint(*pages)
        if is_done:
            self._files.note_written()
        if self._log.is_foreign:
            self._examine(self.last_id)
        return is_done

    @log
    def _examine(self, last_id: int) -> None:
        """Look at the whole database, which somebody else has written to.

        Raises StoreFailed where it is not as we have left it, else it is told once.
        This takes a second or so for each GB, and nobody is served meanwhile.
        """
        path = self._files.database
        # Another connection, for this one has pages of before in its memory.
        with contextlib.closing(schema.connect(path, writes=False)) as eye:
            found = eye.execute("PRAGMA quick_check(1)").fetchall()
            counters = eye.execute(_COUNTERS).fetchone()
        # Numbers may have been given since that nobody has written down.
        message, number = counters
        if found != [("ok",)] or message != last_id or number > self._last_number:
            raise StoreFailed(
                f"{path}, or its log, was overwritten or cut while the server ran: "
                "nothing was acknowledged since; restore a backup"
            )
        _logger.warning(
            "another program has written to %s or its log; it is whole, but nobody "
            "else should write there",
            path,
        )
        self._alarms += 1
        self._files.watch(by_time=self._alarms < _MOST_ALARMS)
        self._log.begin_anew()

    @log
    def _attempt(self, work: Callable[[], _T], outcome: str) -> _T:
        """Return what `work` returns; where it fails, undo the open transaction."""
        if self._failure is not None:
            raise self._failure
        try:
            return work()
        except (sqlite3.Error, OSError, StoreFailed) as error:
            self._roll_back()
            verdict = judge(error, outcome, self._files.is_read_only)
            if isinstance(verdict, StoreFailed):
                self._failure = verdict
            raise verdict from error
        except BaseException:
            self._roll_back()
            raise

    @log
    def _begin(self) -> None:
        """Have a transaction open in which everything stands that waits."""
        if not self._connection.in_transaction:
            if self._log.make_room():
                self._files.note_written()
            self._connection.execute("BEGIN IMMEDIATE")
        for statement, rows in self.take_changes():
            self._connection.executemany(statement, rows)

    @log
    def _roll_back(self) -> None:
        self.rewind()
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")


@log
def _unusable(path: Path, error: sqlite3.Error | OSError) -> StartError:
    if not isinstance(error, OSError) and primary_code(error) == sqlite3.SQLITE_BUSY:
        return StartError(f"{path} is in use by another program: end that one first")
    if not os.access(path.parent, os.W_OK):
        return StartError(
            f"the data folder {path.parent} can't be written: change its permissions "
            "or name another with --data-dir",
            ExitCode.NOT_ALLOWED,
        )
    return StartError(
        f"{path} can't be opened ({error}): look at the disk, or restore a backup"
    )


@log
def _open(path: Path, durability: str) -> sqlite3.Connection:
    connection = schema.connect(path, writes=True)
    try:
        schema.prepare(connection, path)
        level = "FULL" if durability == "full" else "NORMAL"
        connection.execute(f"PRAGMA synchronous = {level}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -4096")  # KiB
    except BaseException:
        connection.close()
        raise
    return connection
