"""What an error of SQLite means: this turn can't be stored, or nothing is known."""

import sqlite3
from collections.abc import Callable

from decorators import log
from errors import NotStored, StoreFailed

__all__ = ["judge", "primary_code"]

#: Errors after which the disk is as before; the next commit may work.
_REASONS = {
    sqlite3.SQLITE_FULL: "the server's disk is full",
    sqlite3.SQLITE_READONLY: "the server's disk can't be written now",
    sqlite3.SQLITE_PERM: "the server's disk can't be written now",
    sqlite3.SQLITE_BUSY: "another program holds the server's database",
    sqlite3.SQLITE_LOCKED: "another program holds the server's database",
    sqlite3.SQLITE_PROTOCOL: "another program holds the server's database",
    sqlite3.SQLITE_NOMEM: "the server is short of memory",
    # No room for the small file beside the database, before anything is written.
    sqlite3.SQLITE_IOERR_SHMSIZE: "the server's disk is full",
    sqlite3.SQLITE_IOERR_NOMEM: "the server is short of memory",
}
_READ_ONLY = "the server's disk has turned read-only"
#: What looks like one of these by its primary code and is not.
_UNKNOWN = frozenset({sqlite3.SQLITE_READONLY_DBMOVED})


@log
def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's general code of an error, 0 where Python itself raised it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@log
def judge(
    error: sqlite3.Error | OSError | StoreFailed,
    outcome: str,
    is_read_only: Callable[[], bool] = lambda: False,
) -> NotStored | StoreFailed:
    """Return what to raise when a transaction failed with `error` and was undone.

    `outcome` says what that means to who asked, like "nothing was sent".
    `is_read_only` is asked where a write was refused, for SQLite does not tell why.
    """
    if isinstance(error, StoreFailed):
        return error
    code = getattr(error, "sqlite_errorcode", 0)
    reason = _REASONS.get(code) or _REASONS.get(code & 0xFF)
    # What a file system has refused to write is not on it: after an error of its own it
    # takes nothing more, also through files that are open.
    if code == sqlite3.SQLITE_IOERR_WRITE and is_read_only():
        reason = _READ_ONLY
    if reason is not None and code not in _UNKNOWN:
        return NotStored(f"{reason}; {outcome}, try again later")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoreFailed(
        f"what is on the disk is not known any more ({name}: {error}): nothing was "
        "acknowledged since; look at the disk, then start the server again"
    )
