"""The thread that keeps the search index up to date, behind the traffic."""

import logging
import os
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from decorators import log
from server.store.index_file import PART, IndexFile, is_damage, remove

__all__ = ["Index", "Pace"]

_logger = logging.getLogger("server.store")

# Behind the first message after a silence others are waited for (seconds); until then
# a search reads them in the main database.
_GATHER = 0.5
# Without any message it is looked now and then whether the file is still there.
_LOOK_AFTER = 60.0
_SHORTEST_PATIENCE, _LONGEST_PATIENCE = 1.0, 60.0
_NICENESS = 10
_REST = 9  # seconds for each second of forgetting
_ASKED_TO_END = 20  # times in a second


class Pace:
    """How long to rest after a batch.

    While messages come fast nine tenths of the time, so that the server's thread does
    not feel it; else not at all.
    """

    __slots__ = ("_at", "_newest")

    _FAST = 1000  # messages a second
    _REST = 9  # for each second of work
    _LONGEST = 1.0  # seconds

    @log
    def __init__(self, newest: int, now: float) -> None:
        self._newest = newest
        self._at = now

    @log
    def rest(self, took: float, newest: int, now: float) -> float:
        """Return the seconds to rest; `newest` is the id of the last message now."""
        came, passed = newest - self._newest, now - self._at
        self._newest, self._at = newest, now
        if came <= self._FAST * passed:
            return 0.0
        return min(self._REST * took, self._LONGEST)


class Index:
    """The index of the messages in `database`, in a file of its own at `path`.

    `note` is for the thread that commits messages. Whatever happens to the index, it
    is said in the log and mended here, and the server goes on.
    """

    __slots__ = (
        "_database",
        "_deleted",
        "_ending",
        "_file",
        "_lock",
        "_more",
        "_newest",
        "_path",
        "_patience",
        "_thread",
        "_upto",
    )

    @log
    def __init__(self, path: Path, database: Path) -> None:
        self._path = path.absolute()
        self._database = database.absolute()
        self._newest = 0
        self._deleted: Counter[int] = Counter()  # by parts
        self._lock = threading.Lock()
        self._upto = 0
        self._file: IndexFile | None = None
        self._patience = _SHORTEST_PATIENCE
        self._more = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="search index", daemon=True
        )

    @log
    def start(self) -> None:
        """Start the thread; the database must be there, with all its tables."""
        self._thread.start()

    @log
    def note(self, last_id: int) -> None:
        """Messages up to `last_id` are in the database. Costs next to nothing."""
        self._newest = last_id
        if not self._more.is_set():
            self._more.set()

    @log
    def note_deleted(self, ids: Iterable[int]) -> None:
        """These messages are not in the database any more."""
        with self._lock:
            self._deleted.update(one // PART for one in ids)

    @property
    @log
    def lag(self) -> int:
        """How many messages are not in the index yet."""
        return max(0, self._newest - self._upto)

    @log
    def close(self) -> None:
        """End the thread, within a second wherever it is."""
        self._ending.set()
        self._more.set()
        for _ in range(_ASKED_TO_END):
            if not self._thread.is_alive():
                break
            # It may be between two statements; then the next one has to be stopped.
            file = self._file
            if file is not None:
                file.interrupt()
            self._thread.join(1.0 / _ASKED_TO_END)

    # ------------------------------------------------------------- the thread

    @log
    def _run(self) -> None:
        _be_nice()
        while not self._ending.is_set():
            try:
                self._serve()
            except sqlite3.Error as error:
                self._failed(error)
            except OSError as error:
                self._put_off(error)
            except Exception:
                # A bug of ours must not end the thread for good: the index would stay
                # behind for ever, and nobody would know.
                _logger.exception("the search index failed")
                self._rest_after_failure()

    @log
    def _serve(self) -> None:
        """Keep the index up to date until the end, or until its file has gone."""
        with closing(IndexFile(self._path, self._database)) as file:
            self._file = file
            self._upto = file.upto
            try:
                while self._catch_up(file):
                    self._forget(file)
                    self._more.wait(_LOOK_AFTER)
                    self._ending.wait(_GATHER)
            finally:
                self._file = None

    @log
    def _catch_up(self, file: IndexFile) -> bool:
        """Index all there is; tell whether to go on with this file."""
        self._more.clear()
        started = time.monotonic()
        pace = Pace(self._newest, started)
        while not self._ending.is_set() and file.is_in_place():
            if not file.take_batch(self._ending.wait):
                self._patience = _SHORTEST_PATIENCE
                return True
            self._upto = file.upto
            ended = time.monotonic()
            self._ending.wait(pace.rest(ended - started, self._newest, ended))
            started = time.monotonic()
        return False

    @log
    def _forget(self, file: IndexFile) -> None:
        """Have the index forget what was deleted, until new messages wait."""
        with self._lock:
            deleted, self._deleted = self._deleted, Counter()
        for part, rows in deleted.items():
            file.note_deleted(part, rows, time.time())
        while not (self._ending.is_set() or self._more.is_set()):
            started = time.monotonic()
            if not file.forget_batch(time.time(), self._ending.wait):
                return
            # There is no hurry, so nobody has to feel it.
            self._ending.wait(_REST * (time.monotonic() - started))

    # ----------------------------------------------------------- its failures

    @log
    def _failed(self, error: sqlite3.Error) -> None:
        """Try again later; with a new file unless the error is a passing one."""
        if self._ending.is_set():
            return
        if not is_damage(error):
            self._put_off(error)
            return
        _logger.warning("the search index is damaged (%s): it is made anew", error)
        self._upto = 0
        try:
            remove(self._path)
        except OSError as problem:
            self._put_off(problem)
        else:
            self._rest_after_failure()

    @log
    def _put_off(self, error: Exception) -> None:
        _logger.warning(
            "the search index can't be written now (%s): new messages are found more "
            "slowly, and it is tried again in %d s",
            error,
            self._patience,
        )
        self._rest_after_failure()

    @log
    def _rest_after_failure(self) -> None:
        self._ending.wait(self._patience)
        self._patience = min(2 * self._patience, _LONGEST_PATIENCE)


@log
def _be_nice() -> None:
    """Let other threads go first, where a thread can have a niceness of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
