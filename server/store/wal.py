"""When SQLite's write-ahead log goes into the database, and what if that fails.

SQLite would do it by itself behind a commit, but would keep an error of the disk to
itself. So it is asked to, and an error is one. How long the log is it tells nobody; the
file tells (https://www.sqlite.org/fileformat2.html#the_write_ahead_log).
"""

import errno
import os
import sqlite3
from pathlib import Path

from decorators import log

__all__ = ["WriteAheadLog"]

#: Pages in the log that make a checkpoint worth its syncs, and a pause of some ms: the
#: more turns a page has been in, the less often it is copied.
_TARGET = 4000
# A log may have grown to so many times its usual length before it is cut.
_MOST_LOGS = 2
# How often it may be begun anew between two looks at it.
_MOST_BEGINNINGS = 16
# Bytes at once into a new log. Linux keeps what one call writes together, and then pays
# for the length of that with each page that is written again: 4 MiB cost 5 us a page.
_PIECE = 65536
# The file begins with a header, and each page in it with another one. The eight bytes
# of salt in both are the same in the pages written since the log was last begun anew.
_HEADER, _PAGE_HEADER = 32, 24
_SALT, _SALT_OF_PAGE, _SALT_LENGTH = 16, 8, 8


class WriteAheadLog:
    """The log of the connection that writes, from its first commit to `close`.

    It `is_foreign` where the last look found a beginning that SQLite has not written.
    """

    __slots__ = (
        "_connection",
        "_done",
        "_file",
        "_is_stuck",
        "_page",
        "_salt",
        "is_foreign",
    )

    @log
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Take over from SQLite; `path` is the log's file. May raise OSError."""
        self._connection = connection
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        self._page = page_size + _PAGE_HEADER
        # One that grew while somebody read it for long is cut when it is begun anew.
        limit = _MOST_LOGS * (_HEADER + _TARGET * self._page)
        connection.execute(f"PRAGMA journal_size_limit = {limit}")
        self._salt = b""
        self._done = 0
        self._is_stuck = False
        self.is_foreign = False
        # Nobody locks this file, so to open and close it drops no lock.
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)

    @log
    def lengthen(self) -> None:
        """Give the file the length that it will have anyway; may raise OSError.

        To sync what overwrites a file takes half the time of what makes it longer. What
        stands behind its own pages does not bother SQLite.
        """
        size = os.fstat(self._file).st_size
        length = _HEADER + _TARGET * self._page
        if size < length:
            try:
                for place in range(size, length, _PIECE):
                    os.pwrite(self._file, bytes(min(_PIECE, length - place)), place)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
            os.fsync(self._file)

    @log
    def maybe_checkpoint(self, pages: int = _TARGET) -> bool:
        """Bring the log into the database if it is so long, as far as nobody reads it.

        Tells whether that was done. Raises sqlite3.Error or OSError; after an error of
        the disk nobody knows what is on it.
        """
        if not self._is_due(pages):
            return False
        self._checkpoint()
        return True

    @log
    def make_room(self) -> bool:
        """Try again where a full disk kept the log out of the database.

        Call it before anything is written: a log that only grew would in the end have
        the room that the database needs to take it in. Tells whether that was done;
        raises as `maybe_checkpoint`.
        """
        was_stuck = self._is_stuck
        if was_stuck:
            self._checkpoint()
        return was_stuck

    @log
    def _checkpoint(self) -> None:
        self._is_stuck = True
        row = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._is_stuck = False
        # Where somebody reads the log grows instead of being begun anew: the next one
        # is due when so much has been added to all these pages.
        self._done = row[1]

    @log
    def _is_due(self, pages: int) -> bool:
        salt = os.pread(self._file, _SALT_LENGTH, _SALT)
        self.is_foreign = False
        if salt != self._salt:
            self.is_foreign = not _follows(salt, self._salt)
            self._salt = salt
            self._done = 0
        last = _HEADER + (self._done + pages - 1) * self._page + _SALT_OF_PAGE
        # Before the first page is written there are only zeros, or nothing.
        return any(salt) and os.pread(self._file, _SALT_LENGTH, last) == salt

    @log
    def begin_anew(self) -> None:
        """Take the log as it is now, whoever has written it."""
        self._salt, self._done, self.is_foreign = b"", 0, False

    @log
    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


@log
def _follows(salt: bytes, before: bytes) -> bool:
    """Tell whether SQLite has begun the log anew: the first half of it counts up."""
    if not any(before):
        return True
    first, then = (int.from_bytes(one[:4], "big") for one in (before, salt))
    return 0 < (then - first) % 2**32 <= _MOST_BEGINNINGS
