"""Ask the server that we have started for its state and its sessions."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from common.launcher_settings import LauncherSettings
from common.names import Name, fold
from common.safe_text import visible
from decorators import log
from errors import ProgramError
from launch.screen import Screen
from server.admin.office import Office, rows_of, running
from server.store.files import default_folder

__all__ = ["data_folder", "state_of", "tell_of_clients", "wait_until_in"]

# A client is there within one; many at once take longer.
_SECONDS = 4.0
_SECONDS_EACH = 0.5
_LOOK_SECONDS = 0.1


@log
def data_folder(settings: LauncherSettings) -> Path:
    """Return where our server keeps its data, as far as we have a say in it."""
    return Path(settings.data_dir) if settings.data_dir else default_folder()


@log
async def tell_of_clients(
    screen: Screen,
    folder: Path | None,
    port: int,
    opened: Sequence[Name],
    is_running: Callable[[Name], bool],
) -> None:
    """Say who of those whose windows were opened has signed in at the server.

    `folder` is its data folder; None where it is not ours, and is not asked.
    """
    there = None
    if folder is not None:
        there = await wait_until_in(folder, port, opened, is_running)
    if there is None:
        screen.tell(f"windows opened: {_listed(opened)}")
        return
    if there:
        screen.tell(f"clients started: {_listed(there)}")
    waiting = [name for name in opened if name not in there and is_running(name)]
    if waiting:
        screen.warn(
            f"not signed in yet: {_listed(waiting)}; the window shows what is asked"
        )


@log
def _listed(names: Sequence[Name]) -> str:
    return ", ".join(map(visible, names))


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
async def state_of(folder: Path, port: int) -> dict[str, Any] | None:
    """Return what `status` says of the server at `port`; None as above."""
    return await asyncio.to_thread(_state, folder, port)


@log
def _state(folder: Path, port: int) -> dict[str, Any] | None:
    with _server_at(folder, port) as (_, state):
        return state


@log
def _who(folder: Path, port: int) -> set[str] | None:
    """Return the names of who is there; None if it is no server, or another one."""
    with _server_at(folder, port) as (office, _):
        if office is None:
            return None
        return {fold(row["account_name"]) for row in rows_of(office, "who")}


@contextlib.contextmanager
@log
def _server_at(
    folder: Path, port: int
) -> Iterator[tuple[Office | None, dict[str, Any] | None]]:
    """Give the server's office and its state; nothing where it is not to be asked."""
    with contextlib.ExitStack() as closing:
        found: tuple[Office | None, dict[str, Any] | None] = None, None
        with contextlib.suppress(ProgramError):
            office = closing.enter_context(running(folder))
            state = {} if office is None else office.ask("status")
            if state and state["place"]["port"] == port:
                found = office, state
        yield found
