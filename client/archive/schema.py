"""The archive's file: its tables, how it is opened, and what is done with a bad one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from decorators import log

__all__ = ["UnusableFile", "check_writable", "is_damage", "open_file", "set_aside"]

_VERSION = 2
# Somebody else may look into the file; the conversation can't wait for long.
_BUSY_SECONDS = 1.0
_TABLES: Final = (
    # The device, of which there is one; what `since` counts in is its `store`, and the
    # `origin` is where this file was (client/machine.py).
    "CREATE TABLE device ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL,"
    " last_number INTEGER NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL,"
    " account INTEGER NOT NULL, store INTEGER REFERENCES stores, since INTEGER,"
    " origin TEXT NOT NULL DEFAULT ''"
    ") STRICT",
    # Id spaces of servers, in the order in which they were met.
    "CREATE TABLE stores (number INTEGER PRIMARY KEY, store TEXT NOT NULL UNIQUE)"
    " STRICT",
    "CREATE TABLE conversations ("
    " number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, whom TEXT NOT NULL"
    ") STRICT",
    "CREATE TABLE messages ("
    " position INTEGER PRIMARY KEY, store INTEGER NOT NULL REFERENCES stores,"
    " id INTEGER NOT NULL, conversation INTEGER NOT NULL REFERENCES conversations,"
    " sender TEXT NOT NULL, recipient TEXT NOT NULL, time REAL NOT NULL,"
    " text TEXT NOT NULL, UNIQUE (store, id)"
    ") STRICT",
    "CREATE INDEX messages_of ON messages (conversation, store, id)",
    # Messages without an answer; `wire` is the number that they were sent with, if any.
    "CREATE TABLE outbox ("
    " number INTEGER PRIMARY KEY, wire INTEGER NOT NULL, recipient TEXT NOT NULL,"
    " time REAL NOT NULL, text TEXT NOT NULL"
    ") STRICT",
)
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_COMPANIONS = ("", "-wal", "-journal")


class UnusableFile(Exception):
    """A file that is not an archive of this version; `what` says what it is."""

    @log
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@log
def open_file(path: Path) -> sqlite3.Connection:
    """Open the archive at `path`, made if it is not there, for this process alone.

    Raises UnusableFile for what is better set aside, sqlite3.Error and OSError when it
    can't be done now.
    """
    # Made by us, because SQLite would let others read it.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


@log
def check_writable(database: sqlite3.Connection) -> None:
    """Change nothing, but on the disk; raises sqlite3.Error where that can't be."""
    database.execute("UPDATE device SET last_number = last_number")


@log
def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that the file itself is broken."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


@log
def set_aside(path: Path) -> Path:
    """Give a file that is closed another name, and return that."""
    number = 1
    while (aside := path.with_name(f"{path.name}.aside-{number}")).exists():
        number += 1
    for companion in _COMPANIONS:
        old = path.with_name(path.name + companion)
        if old.exists():
            old.rename(aside.with_name(aside.name + companion))
    return aside


@log
def _prepare(database: sqlite3.Connection) -> None:
    # No other process comes here, so the log of changes needs no shared memory, and
    # folders on the network are as good as others.
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA trusted_schema = OFF")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        if database.execute("SELECT 1 FROM sqlite_schema").fetchone():
            raise UnusableFile("is something else")
        _create(database)
    elif version == 1:
        _renew(database)
    elif version != _VERSION:
        raise UnusableFile("was made by a newer version of this program")


@log
def _create(database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    for table in _TABLES:
        database.execute(table)
    database.execute(f"PRAGMA user_version = {_VERSION}")
    database.execute("COMMIT")


@log
def _renew(database: sqlite3.Connection) -> None:
    """Bring an archive of the version before up to date."""
    database.execute("BEGIN IMMEDIATE")
    database.execute("ALTER TABLE device ADD COLUMN origin TEXT NOT NULL DEFAULT ''")
    database.execute(f"PRAGMA user_version = {_VERSION}")
    database.execute("COMMIT")
