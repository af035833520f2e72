"""The server as a child of ours: start it, and read where it listens."""

from __future__ import annotations

import asyncio
import errno
import re
import shlex
import socket
import sys
from pathlib import Path
from typing import NamedTuple

from client.stream import Address, open_stream, place
from common.launcher_settings import LauncherSettings
from common.names import Label
from decorators import log
from errors import ExitCode, StartError, TimedOut
from launch.log_lines import last_lines
from launch.processes import Child, exit_sentence, start_child
from log_config.typed import typed
from server.holders import holder_of_port

__all__ = ["Place", "find_running_server", "start_server"]

_SERVERS = ("my_server.py", "chat-server", "server")
_PROGRAM = Path(__file__).resolve().parent.parent / "my_server.py"
_STARTED = re.compile(r"listening on (.+), port (\d+); .+; log: (.+)")
_CERTIFICATE = re.compile(r"SHA256:[\w-]+")
_START_SECONDS = 30.0
_FIND_SECONDS = 10.0
_LOOPBACK = ("127.0.0.1", "::1")


class Place(NamedTuple):
    """Where a server listens; its log and its certificate where we know them."""

    address: Address
    port: int
    log_file: Path | None = None
    fingerprint: str = ""

    @log
    def __str__(self) -> str:
        return place(self.address, self.port)


@log
async def start_server(settings: LauncherSettings) -> tuple[Child, Place]:
    """Start a server and wait until it listens; return it and where that is.

    Raises StartError, with the exit code of the server, when it ends instead, and
    TimedOut when it says nothing for too long.
    """
    command = [sys.executable, str(_PROGRAM), "-p", str(settings.port)]
    if settings.log_dir:
        command += ["--log-dir", settings.log_dir]
    if settings.data_dir:
        command += ["--data-dir", settings.data_dir]
    if settings.log_texts:
        command += ["--log-texts"]
    child = await start_child(Label("server"), command)
    try:
        async with asyncio.timeout(_START_SECONDS):
            line = await child.read_line()
    except TimeoutError as error:
        await child.stop()
        raise TimedOut(
            f"the server did not start within {_START_SECONDS:g} s"
        ) from error
    except BaseException:
        await child.stop()
        raise
    found = _STARTED.fullmatch(line)
    if found is None:
        raise await _not_started(child, settings)
    addresses = found[1].split(", ")
    local = [one for one in _LOOPBACK if one in addresses]
    log_file = Path(found[3]).absolute()
    shown = _CERTIFICATE.search(line)
    fingerprint = shown[0] if shown else ""
    return child, Place(
        (local or addresses[-1:])[0], int(found[2]), log_file, fingerprint
    )


@log
async def _not_started(child: Child, settings: LauncherSettings) -> StartError:
    """Return why the server ended, or did not say where it listens."""
    code = await child.stop()
    if code == ExitCode.REFUSED and _is_taken(settings.port):
        return _in_use(settings.port)
    said = [line for line in child.tail if line] or _logged(child, settings)
    reason = ": " + "\n".join(said) if said else ""
    try:
        exit_code = ExitCode(code) or ExitCode.REFUSED
    except ValueError:
        exit_code = ExitCode.REFUSED
    return StartError(
        f"the server did not start ({exit_sentence(code)}){reason}", exit_code
    )


@log
def _in_use(port: int) -> StartError:
    """Return who has the port, and what to type: each way on a row of its own."""
    holder = holder_of_port(port)
    by = "" if holder is None else f" by {holder}"
    again = shlex.join(sys.argv[1:])
    again = f"  {typed('launcher.py', sys.argv[0])} {again}".rstrip()
    rows = [f"port {port} is in use{by}; this takes any that is free:"]
    rows.append(f"{again} --port 0")
    if holder is None or holder.command in _SERVERS:
        rows += ["this takes the server that runs there:", f"{again} --no-server"]
    if holder is not None:
        rows.append(f"and this ends it:{holder.cure}")
    return StartError("\n".join(rows))


@log
def _logged(child: Child, settings: LauncherSettings) -> list[str]:
    """Return the log's last words, for a server that said nothing on stderr."""
    from log_config import loader

    folder = Path(settings.log_dir) if settings.log_dir else loader.default_folder()
    return last_lines(folder / "server.log", child.pid)


@log
def _is_taken(port: int) -> bool:
    """Tell whether somebody else listens on `port`."""
    if not port:
        return False
    try:
        socket.create_server(("", port)).close()
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


@log
async def find_running_server(settings: LauncherSettings) -> Place:
    """Return the place of the server of --no-server; raise Unreachable if none is."""
    where = Place(settings.address, settings.port)
    _, writer = await open_stream(where.address, where.port, _FIND_SECONDS)
    writer.close()
    return where
