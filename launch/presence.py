"""Who of the clients has signed in, by the word of the server that we have started."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from pathlib import Path

from common.names import Name, fold
from decorators import log
from errors import ProgramError
from server.admin.office import rows_of, running

__all__ = ["wait_until_in"]

# A client is there within one; many at once take longer.
_SECONDS = 4.0
_SECONDS_EACH = 0.5
_LOOK_SECONDS = 0.1


@log
async def wait_until_in(
    folder: Path,
    port: int,
    names: Collection[Name],
    is_running: Callable[[Name], bool],
) -> list[Name] | None:
    """Return who has signed in, as soon as nobody is missing or after some seconds.

    Who does not run any more is not waited for. None where the server at `port` can't
    be asked: it uses another folder than `folder`.
    """
    deadline = time.monotonic() + _SECONDS + _SECONDS_EACH * len(names)
    while True:
        there = await asyncio.to_thread(_who, folder, port)
        if there is None:
            return None
        found = [name for name in names if fold(name) in there]
        missing = [n for n in names if n not in found and is_running(n)]
        if not missing or time.monotonic() > deadline:
            return found
        # Nobody tells us: we have to look.
        await asyncio.sleep(_LOOK_SECONDS)


@log
def _who(folder: Path, port: int) -> set[str] | None:
    """Return the names of who is there; None if it is no server, or another one."""
    try:
        with running(folder) as office:
            if office is None or office.ask("status")["place"]["port"] != port:
                return None
            return {fold(row["account_name"]) for row in rows_of(office, "who")}
    except ProgramError:
        return None
