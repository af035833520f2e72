"""Make a device of its own of an archive that was copied from another machine."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from pathlib import Path

from client.keeping import Kept
from client.machine import is_copy, origin_of
from common.names import Secret
from decorators import log

__all__ = ["own_device"]


@log
def own_device(
    database: sqlite3.Connection, path: Path, kept: Kept, tell: Callable[[str], None]
) -> Kept:
    """Return what is `kept` in the archive at `path`, as a device of this machine.

    One device can't be signed in twice: the two would end each other. What waits to be
    sent goes out from the other machine, or it would go out twice; `tell` takes a
    sentence about each. Raises sqlite3.Error and OSError.
    """
    if not is_copy(kept.origin, origin_of(path)):
        return kept
    device = Secret(secrets.token_hex(16))
    database.execute("BEGIN IMMEDIATE")
    database.execute("DELETE FROM outbox")
    database.execute(
        "UPDATE device SET id = ?, last_number = 0, origin = ''", (device,)
    )
    database.execute("COMMIT")
    tell(
        "what is kept here was copied from another machine; from now on this one is a "
        "device of its own"
    )
    for one in kept.waiting:
        tell(f"it waits there, and is not sent from here: @{one.target} {one.text}")
    return Kept(device, kept.guest, 0, kept.store, kept.since, kept.newest)
