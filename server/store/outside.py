"""Reading a data folder from another process than the server's, which may be running.

Never open the database's files by other means than SQLite's in a process that also has
them open: closing them would drop SQLite's locks.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from decorators import log
from errors import ProgramError, Refused, StoreFailed
from server.store.failures import primary_code
from server.store.schema import APPLICATION_ID, connect
from server.store.versions import STEPS

__all__ = ["database_in", "look", "reading", "require_ours", "trouble"]


@log
def database_in(folder: Path) -> Path:
    """Return the database of a data folder; raises Refused if there is none."""
    path = (folder / "messenger.db").resolve()
    if not path.is_file():
        raise Refused(f"there is no database in {folder}: name its folder")
    return path


@log
@contextlib.contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that sees the database as it is now, while the block lasts.

    Raises Refused or StoreFailed where it is not ours or can't be read.
    """
    path = database_in(folder)
    with look(path) as connection:
        if require_ours(connection, path) < len(STEPS):
            raise Refused(
                f"{path} is of an older version of the messenger: start the server "
                "once, it brings the file up to date"
            )
        yield connection


@log
@contextlib.contextmanager
def look(path: Path, *, is_lonely: bool = False) -> Iterator[sqlite3.Connection]:
    """Give a connection to any database, in a transaction that only reads.

    Where the file is lonely (nobody writes to it, there is no log beside it) nothing
    is made beside it. Raises as `reading`.
    """
    try:
        connection = connect(path, writes=False, immutable=is_lonely)
    except sqlite3.Error as error:
        raise trouble(path, error) from error
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise trouble(path, error) from error
    try:
        yield connection
    finally:
        connection.close()


@log
def require_ours(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of a database of the messenger; raises Refused for others."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != APPLICATION_ID or version < 1:
        raise Refused(f"{path} is not a database of the messenger")
    if version > len(STEPS):
        raise Refused(f"{path} was made by a newer version of the messenger: use that")
    return int(version)


@log
def trouble(path: Path, error: sqlite3.Error) -> ProgramError:
    """Return what to raise where SQLite could not read or write a file."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return Refused(f"{path} is not a database of the messenger")
    if code == sqlite3.SQLITE_CORRUPT:
        return StoreFailed(f"{path} is damaged ({error}): restore a backup")
    return Refused(f"{path} can't be used now ({error}): look at the disk")
