"""The names in all archives, for the shell: people and rooms that were talked with."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

from client.archive.lookups import read_names
from common.names import check_name, check_room, fold, is_room
from decorators import log
from errors import NameRefused

__all__ = ["known_names"]

_MOST_NAMES = 200
# No server of ours has longer ones.
_LONGEST_NAME = 128


@log
def known_names(folder: Path) -> list[str]:
    """Return whom was talked with, in the archive used last first.

    A client that runs has its archive for itself; of such a one the last names may be
    missing. One that can't be read is passed over.
    """
    names: dict[str, str] = {}
    for path in _latest_first(folder):
        with contextlib.suppress(sqlite3.Error):
            for name in _names_in(path):
                # Shells expand the words that they complete, $(…) too, and a server
                # may send anything as a name.
                with contextlib.suppress(NameRefused):
                    _check(name)
                    names.setdefault(fold(name), name)
    return list(names.values())


@log
def _check(name: str) -> None:
    if is_room(name):
        check_room(name, _LONGEST_NAME)
    else:
        check_name(name, _LONGEST_NAME)


@log
def _latest_first(folder: Path) -> list[Path]:
    found = []
    for path in folder.glob("*.db"):
        # Another client may take it away meanwhile.
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]


@log
def _names_in(path: Path) -> list[str]:
    # Immutable: neither its lock nor what stands in its log yet is looked at.
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
    with contextlib.closing(database):
        return read_names(database, _MOST_NAMES)
