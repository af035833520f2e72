"""Is a data folder whole, and does nobody else read it?"""

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from common.safe_text import visible
from decorators import log
from errors import ProgramError
from server.store.objects import strangers
from server.store.outside import database_in, look, require_ours
from server.store.versions import STEPS

__all__ = ["Finding", "check", "damage"]

_MOST_TOLD = 10
# Clocks differ a little.
_CLOCK_SECONDS = 60.0
_FUTURE = "SELECT count(*), min(id), max(id) FROM messages WHERE time > ?"
_COUNTERS = (
    "SELECT last_message >= coalesce((SELECT max(id) FROM messages), 0), "
    "last_number >= coalesce((SELECT max(number) FROM identities), 0) FROM state"
)


class Finding(Struct, frozen=True):
    """What is not as it should be: which area it is `about`, and a sentence."""

    about: str
    sentence: str


@log
def check(folder: Path) -> list[Finding]:
    """Return what is wrong with a data folder, nothing if all is well.

    It reads the whole database, and may run while a server does.
    """
    try:
        path = database_in(folder)
        findings = list(_readable_by_others(folder))
        with look(path) as connection:
            version = require_ours(connection, path)
            if version < len(STEPS):
                findings.append(
                    Finding(
                        "version",
                        f"{path} is of version {version}: the server brings it to "
                        f"version {len(STEPS)} at its next start",
                    )
                )
            found = damage(connection)
            findings += found or _of_the_future(connection, time.time())
    except ProgramError as error:
        return [Finding("folder", str(error))]
    except OSError as error:
        return [Finding("folder", f"{folder} can't be read: {error.strerror}")]
    return findings


@log
def _readable_by_others(folder: Path) -> Iterator[Finding]:
    owner = folder.stat().st_uid
    for path in (folder, *sorted(folder.iterdir())):
        with contextlib.suppress(FileNotFoundError):
            status = path.stat(follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                continue
            if status.st_mode & 0o077:
                mode = "700" if stat.S_ISDIR(status.st_mode) else "600"
                yield Finding(
                    "permissions",
                    f"others may use {path}: chmod {mode} keeps them out",
                )
            if status.st_uid != owner:
                yield Finding(
                    "permissions", f"{path} has another owner than its folder: chown it"
                )
    if not os.access(folder, os.W_OK):
        yield Finding("permissions", f"{folder} can't be written by who runs this")


@log
def _of_the_future(connection: sqlite3.Connection, now: float) -> list[Finding]:
    given = (now + _CLOCK_SECONDS,)
    count, first, last = connection.execute(_FUTURE, given).fetchone()
    if not count:
        return []
    which = f"number {first}" if count == 1 else f"{count} of {first} to {last}"
    sentence = (
        f"messages are from the future ({which}): this machine's clock is or was "
        "wrong; set it"
    )
    return [Finding("clock", sentence)]


@log
def damage(connection: sqlite3.Connection) -> list[Finding]:
    """Return what is broken inside a database of ours."""
    try:
        rows = connection.execute(f"PRAGMA integrity_check({_MOST_TOLD})").fetchall()
        findings = [Finding("integrity", text) for (text,) in rows if text != "ok"]
        if findings:
            return findings
        for table, row, other, _ in connection.execute("PRAGMA foreign_key_check"):
            sentence = f"row {row} of {table} names a row of {other} that is not there"
            findings.append(Finding("references", sentence))
            if len(findings) == _MOST_TOLD:
                return findings
        for what in sorted(strangers(connection))[:_MOST_TOLD]:
            findings.append(Finding("objects", f"the database has {visible(what)}"))
        if findings:
            return findings
        state = connection.execute(_COUNTERS).fetchall()
    except sqlite3.Error as error:
        return [Finding("integrity", str(error))]
    if state != [(1, 1)]:
        findings.append(Finding("counters", "numbers may be given a second time"))
    return findings
