"""Putting a backup into a data folder, in the place of what was there."""

import contextlib
import itertools
import os
import sqlite3
from pathlib import Path

from decorators import log
from errors import Refused
from server.store.backups import copy_pages, private_part
from server.store.checking import damage
from server.store.files import locked, sync_folder
from server.store.index_file import remove
from server.store.outside import look, require_ours, trouble

__all__ = ["restore"]

# Clients that know the id space of before must not take what they have for this.
_NEW_SPACE = "UPDATE state SET store_id = lower(hex(randomblob(8)))"


@log
def restore(source: Path, folder: Path) -> Path | None:
    """Make the file `source` the database of a data folder, under a new `store_id`.

    Returns where the former database is now, None if there was none. Raises StartError
    while a server uses the folder, Refused or StoreFailed where `source` is not ours,
    newer or damaged; then nothing has changed.
    """
    if not source.is_file():
        raise Refused(f"there is no file {source}")
    with locked(folder):
        database = (folder / "messenger.db").resolve()
        try:
            with private_part(database) as part:
                _copy(source.resolve(), part)
                former = _set_aside(database) if database.exists() else None
                os.replace(part, database)
            remove(database.with_name("search.db"))
            sync_folder(database.parent)
        except OSError as error:
            raise Refused(f"{folder} can't be written: {error.strerror}") from error
        except sqlite3.Error as error:
            raise trouble(source, error) from error
    return former


@log
def _copy(source: Path, part: Path) -> None:
    """Copy a database that is whole; anything else is refused."""
    log_beside = source.with_name(f"{source.name}-wal")
    is_lonely = not (log_beside.exists() and log_beside.stat().st_size)
    with look(source, is_lonely=is_lonely) as connection:
        require_ours(connection, source)
        copy_pages(connection, part)
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as copy:
        found = damage(copy)
        if found:
            raise Refused(f"{source} is damaged: {found[0].sentence}")
        copy.execute(_NEW_SPACE)
        copy.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@log
def _set_aside(database: Path) -> Path:
    """Give the database of before another name, and the log that a crash has left.

    The name in use stays until another file takes it, so there always is one.
    """
    former = next(
        path
        for number in itertools.count(1)
        if not os.path.lexists(
            path := database.with_name(f"{database.name}.before-restore-{number}")
        )
    )
    try:
        os.link(database, former)
    except OSError:
        # A file system without links.
        os.rename(database, former)
    # A log must not lie beside another's file. This one is not brought into its own,
    # because SQLite removes the log of a file that it finds damaged.
    with contextlib.suppress(FileNotFoundError):
        os.rename(f"{database}-wal", f"{former}-wal")
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    return former
