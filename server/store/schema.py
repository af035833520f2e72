"""How a database file is opened, and brought to the newest version."""

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from decorators import log
from errors import StartError
from server.store.files import create_private
from server.store.versions import STEPS

__all__ = ["APPLICATION_ID", "connect", "prepare"]

#: "JIM1": marks a file as ours.
APPLICATION_ID = 0x4A494D31
_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables


@log
def connect(path: Path, *, writes: bool, immutable: bool = False) -> sqlite3.Connection:
    """Open a database that is there; raises sqlite3.Error.

    `immutable`: nobody writes to it, and it has no log beside it.

    The writer waits 50 ms for a lock and a reader 5 s. Nothing of it is mapped into
    memory, and what SQL sorts never goes to a temporary file.
    """
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={'rw' if writes else 'ro'}"
        f"{'&immutable=1' if immutable else ''}",
        uri=True,
        timeout=0.05 if writes else 5.0,
        isolation_level=None,
        cached_statements=128,
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA temp_store = MEMORY")
        if not writes:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


@log
def prepare(
    connection: sqlite3.Connection, path: Path, steps: Sequence[str] = STEPS
) -> None:
    """Bring a file that was just opened to the newest version.

    One of an older version is copied first, to `messenger.db.v1.bak` and the like.
    Raises StartError for a file that is newer or not ours, without changing it.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StartError(
            f"this Python has SQLite {sqlite3.sqlite_version}, which is too old: "
            "3.37 or newer is needed"
        )
    version = _version(connection, path, len(steps))
    if not version:
        # Possible only before the first table. Each conversation that is talked in has
        # a page of the index to be written at each turn, so pages are small.
        connection.execute("PRAGMA page_size = 2048")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StartError(
            f"the file system of {path} can't hold the database: choose a folder on a "
            "local disk with --data-dir"
        )
    if 0 < version < len(steps):
        _back_up(connection, path.with_name(f"{path.name}.v{version}.bak"))
    for number, step in enumerate(steps[version:], version + 1):
        _take(connection, step, number)
    if not version:
        _give_back(connection)


@log
def _give_back(connection: sqlite3.Connection) -> None:
    """Make a new file as small as it can be: later steps have replaced tables."""
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    for _ in range(pages):
        connection.execute("PRAGMA incremental_vacuum(1)")


@log
def _version(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    """Return the version of the file, 0 for a new one."""
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB:
            raise
        raise _foreign(path) from error
    if not (application_id or version or tables):
        return 0
    if application_id != APPLICATION_ID or version < 1:
        raise _foreign(path)
    if version > newest:
        raise StartError(
            f"{path} was made by a newer version of the messenger: use that one, or "
            "choose another folder with --data-dir"
        )
    return int(version)


@log
def _foreign(path: Path) -> StartError:
    return StartError(
        f"{path} is not a database of the messenger: move it away, or choose another "
        "folder with --data-dir"
    )


@log
def _take(connection: sqlite3.Connection, step: str, version: int) -> None:
    """Carry out one step, all of it or nothing."""
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {step}; PRAGMA application_id = {APPLICATION_ID}; "
            f"PRAGMA user_version = {version}; COMMIT"
        )
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@log
def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Copy the database; a half-made copy never has the final name."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    create_private(part)
    copy = sqlite3.connect(part)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    os.replace(part, path)
