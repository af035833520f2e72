"""Count the bytes that clients cost the logs: `python -m bench.logs 100` or `idle`.

Busy clients do in a moment what they would do in an hour; the budget of
`server-admin.log` is one of an hour, so what is counted is an hour. Idle ones take the
time that they take.
"""

import json
import select
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from bench.driver import connect
from bench.servers import Server, ours

__all__ = ["Busy", "bytes_of_idle_clients", "count_busy_hour", "days_kept"]

_ROOT = Path(__file__).resolve().parent.parent
# A busy hour: so often a client comes and goes, and what it does each time.
_VISITS = 4
_ROOMS, _MESSAGES, _MISTAKES = 2, 30, 2
_MINUTES, _HOURS = 60, 24
_READ_BYTES = 65536
_PATIENCE_SECONDS = 30.0
_IDLE_SECONDS = 1200  # two sums of ten minutes
_FIRST_SECONDS = 130  # two probes
_HERE = b'{"action":"presence","time":0,"user":{"account_name":"%b"}}\n'


class Busy(NamedTuple):
    """What an hour of busy clients wrote, in bytes."""

    clients: int
    admin: int
    a_client: float


def count_busy_hour(clients: int) -> Busy:
    """Let `clients` be busy for an hour's worth; return what the logs have grown by."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ours("logs", "--log-dir", folder) as server,
    ):
        before = _size(folder, "server-admin.log")
        for visit in range(_VISITS):
            for number in range(clients):
                _visit(server, f"client{number}", visit)
        grown = _size(folder, "server-admin.log") - before
    # A line each minute says how many messages there were; here all are in one.
    line = "2026-01-31 12:00:00.000 INFO [47111] server.hub: messages within a minute: "
    admin = grown + _MINUTES * len(line + "12345, 1234567 characters\n")
    return Busy(clients, admin, grown / clients)


def days_kept(busy: Busy) -> float:
    """Return how many days of such hours `server-admin.log` keeps as it is set up."""
    text = (_ROOT / "log_config" / "server.yaml").read_text("utf-8")
    rules: Mapping[str, int] = yaml.safe_load(text)["handlers"]["admin"]
    # A file a day, unless a day is more than a file.
    files_a_day = max(1.0, busy.admin * _HOURS / rules["max_bytes"])
    return rules["backups"] / files_a_day


def bytes_of_idle_clients(clients: int, seconds: float = _IDLE_SECONDS) -> float:
    """Return by how many bytes server.log grows a minute while nobody says a word.

    What is written once for the first time is not counted.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        ours("logs", "--log-dir", folder) as server,
    ):
        socks = {connect(server, f"idle{n}"): b"idle%d" % n for n in range(clients)}
        _stay_idle(socks, _FIRST_SECONDS)
        before = _size(folder, "server.log*")
        _stay_idle(socks, seconds)
        grown = _size(folder, "server.log*") - before
        for sock in socks:
            sock.close()
    return grown / seconds * 60


def _visit(server: Server, name: str, visit: int) -> None:
    """Sign in, do what is done in a quarter of an hour, and go."""
    with connect(server, name) as sock:
        sock.settimeout(_PATIENCE_SECONDS)
        for number in range(_ROOMS):
            room = f"#room{visit}{number}"
            _ask(sock, action="join", room=room)
            for _ in range(_MESSAGES // _ROOMS):
                _ask(sock, action="msg", to=room, message="x" * 40)
            _ask(sock, action="leave", room=room)
        for _ in range(_MISTAKES):
            _ask(sock, action="msg", to="nobody-of-this-name", message="x")
        _ask(sock, action="quit")
        while sock.recv(_READ_BYTES):
            pass  # then its going is in the log


def _ask(sock: socket.socket, **request: object) -> None:
    """Send a request and read until it is answered, or the connection ends."""
    sock.sendall(json.dumps({"time": 0, **request}).encode() + b"\n")
    data = b""
    while b'"response"' not in data or not data.endswith(b"\n"):
        more = sock.recv(_READ_BYTES)
        if not more:
            return
        data += more


def _stay_idle(socks: Mapping[socket.socket, bytes], seconds: float) -> None:
    """Answer probes, as a client does of itself, for so long."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        for sock in select.select(socks, [], [], left)[0]:
            if b'"probe"' in sock.recv(_READ_BYTES):
                sock.sendall(_HERE % socks[sock])


def _size(folder: str, names: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).glob(names))


def _main() -> None:
    if sys.argv[1:] == ["idle"]:
        idle = bytes_of_idle_clients(4)
        sys.stdout.write(f"4 idle clients: server.log {idle / 1e3:.2f} kB a minute\n")
        return
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    busy = count_busy_hour(clients)
    sys.stdout.write(
        f"{clients} busy clients: server-admin.log {busy.admin / 1e3:.0f} kB an hour, "
        f"{busy.a_client / 1e3:.2f} kB a client; {days_kept(busy):.0f} days are kept\n"
    )


if __name__ == "__main__":
    _main()
