"""The names in all archives, for the shell: people and rooms that were talked with."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

from client.archive.lookups import read_names
from common.names import fold
from common.safe_text import visible
from decorators import log

__all__ = ["known_names"]

_MOST_NAMES = 200


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
                if visible(name) == name and not any(map(str.isspace, name)):
                    names.setdefault(fold(name), name)
    return list(names.values())


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
