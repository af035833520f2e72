"""Say what to type next, here and on another machine, once the messenger was seen.

All of it are rows for `Screen.advise`: sentences, and commands on rows of their own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from common.names import Name
from common.safe_text import visible
from decorators import log
from launch.local_server import Place
from launch.names import choose_names
from launch.presence import state_of
from log_config.typed import typed
from server.entrance import Entrance
from server.owner_words import OWNER_FILE, owners_command
from server.place import ALONE, join_lines
from server.place import Place as ServersPlace

__all__ = ["after_demo", "what_next", "while_it_runs"]

_USUAL_PORT = 7777


@log
async def what_next(
    names: Sequence[Name], place: Place, folder: Path | None
) -> list[str]:
    """Return what to type beside the clients, as the server at `place` says of itself.

    `folder` is its data folder; None where it is not ours, and is not asked.
    """
    if folder is None:
        return while_it_runs(names, place, Path(), None)
    return while_it_runs(names, place, folder, await state_of(folder, place.port))


@log
def while_it_runs(
    names: Sequence[Name], place: Place, folder: Path, state: Mapping[str, Any] | None
) -> list[str]:
    """Return what to type beside the clients `names`, with the server at `place`.

    `folder` is its data folder, `state` what it says of itself; None where it is not
    ours, and nothing is known of it.
    """
    rows = ["one more client on this machine:", f"  {_client(names, place)}"]
    if state is None:
        return rows
    rows += [*_elsewhere(state["place"]), "an invitation for somebody:"]
    rows.append(f"  {owners_command('invite', folder)}")
    file = folder / OWNER_FILE
    if file.exists():
        rows = [*Entrance(**state["comes_in"]).rows(), *rows]
        rows += ["the line by which you become the owner:", f"  cat {_short(file)}"]
    return rows


@log
def after_demo(place: Place, folder: Path) -> list[str]:
    """Return what to type once the demo, whose server was at `place`, is over.

    `folder` is where the next server keeps its data.
    """
    port = "" if place.port == _USUAL_PORT else f" -p {place.port}"
    return [
        "it works. Next, a server that stays, on this machine:",
        f"  {typed('my_server.py', sys.argv[0])}{port}",
        "then, in another terminal, a client:",
        f"  {_client((), place)}",
        "on another machine, in a copy of this folder, where the first line of the "
        "server says its address:",
        "  make client",
        "the line by which you become the owner is shown by the server's first start, "
        "or, where it has no terminal, by:",
        f"  cat {_short(folder / OWNER_FILE)}",
        "all of it in windows, in a terminal where tmux is installed:",
        f"  {typed('launcher.py', sys.argv[0])} --start",
    ]


@log
def _client(names: Sequence[Name], place: Place) -> str:
    """Return the command of a client of its own name."""
    free = choose_names(" ".join(names), len(names) + 1)[-1]
    usual = place.port == _USUAL_PORT and place.address in ("127.0.0.1", "localhost")
    where = "" if usual else f" {place}"
    return f"{typed('my_client.py', sys.argv[0])}{where} -n {quote(free)}"


@log
def _elsewhere(place: Mapping[str, Any]) -> list[str]:
    """Return how others reach the server, by address, port and certificate."""
    servers = ServersPlace(**place)
    if servers.is_here_alone:
        return [ALONE]
    line = join_lines(servers)[0]
    return [
        "on another machine, in a copy of this folder:",
        "  make client",
        "and there, where it asks for a line, an invitation's or",
        f"  {visible(line)}",
    ]


@log
def _short(path: Path) -> str:
    """Return a path as it is typed from here."""
    short = os.path.relpath(path)
    return quote(str(path) if short.startswith("..") else short)
