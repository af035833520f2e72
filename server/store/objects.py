"""List the objects of a database of ours, and find foreign ones in it.

A trigger or a view in a file that comes from elsewhere would be carried out with each
write of the server's.
"""

import contextlib
import sqlite3

from decorators import log
from server.store.versions import STEPS

__all__ = ["strangers"]

# What SQLite makes by itself (indexes of keys, statistics) has names of its own.
_OBJECTS = (
    "SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'"
)


@log
def strangers(connection: sqlite3.Connection) -> list[str]:
    """Return in words what is in the file and not ours, or ours and not in it.

    Tables, indexes, triggers and views are known by their names, as the steps up to the
    file's version make them. Raises sqlite3.Error.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    found = set(connection.execute(_OBJECTS))
    with contextlib.closing(sqlite3.connect(":memory:")) as fresh:
        for step in STEPS[:version]:
            fresh.executescript(step)
        ours = set(fresh.execute(_OBJECTS))
    return [
        *(f"a {kind} of somebody else's, {name}" for kind, name, _ in found - ours),
        *(f"no {kind} {name}" for kind, name, _ in ours - found),
    ]
