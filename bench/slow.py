"""A reader stops reading while its room is flooded, and comes back to all of it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Self

import psutil

from bench.driver import connect
from bench.flood import Flood, Run, Sequence, flood_beside_others, number_of
from bench.judge import Breach, Promise
from bench.outcome import Outcome
from bench.restarts import outlet
from bench.servers import Server
from client.events import CaughtUp, Event, Kind, MessageReceived, Notice, RequestDone
from client.session import ClientSession

__all__ = ["stop_reading"]

_LAST_FLOOD = 200_000
_MIB = 1024 * 1024
_MOST_GROWTH = 16 * _MIB
_MOST_TIMES_SLOWER = 2.0
_READ_BYTES = 256 * 1024
_SAMPLE_SECONDS = 0.02
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 120.0


class _Reader:
    """One device, with the project's own session, on a socket that it may not read."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.sequence = Sequence()
        self.goodbye = ""
        self._port = port
        self._session = ClientSession(name)
        self._sock = socket.socket()
        self._caught_up = self._joined = False

    def enter(self, room: str, window: int) -> None:
        """Come, and enter the room.

        `window` is what the kernel takes for it, in bytes; 0 leaves that to the kernel.
        """
        self._connect(window)
        self._session.join(room)
        self._read_until(lambda: self._joined)

    def read_to_end(self) -> None:
        """Read what is still there, until the server hangs up."""
        self._read_until(lambda: False)

    def come_back(self) -> None:
        """Return when everything has come that was missed."""
        self._session.receive_eof()
        self._connect()

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _connect(self, window: int = 0) -> None:
        self._sock.close()
        self._sock = socket.socket()
        self._sock.settimeout(_PATIENCE_SECONDS)
        if window:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self._sock.connect(("127.0.0.1", self._port))
        self._session.sign_in()
        self._caught_up = False
        self._read_until(lambda: self._caught_up)

    def _read_until(self, done: Callable[[], bool]) -> None:
        """Read until it is done, or the connection has ended."""
        while not done():
            self._sock.sendall(self._session.data_to_send())
            try:
                data = self._sock.recv(_READ_BYTES)
            except ConnectionError:
                data = b""
            if not data:
                return
            for event in self._session.receive_data(data):
                self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case MessageReceived(text=text):
                self.sequence.take(number_of(text))
            case CaughtUp():
                self._caught_up = True
            case RequestDone(kind=Kind.JOIN):
                self._joined = True
            case Notice(code=code, text=text):
                self.goodbye = f"{code} {text}"


def stop_reading(
    folder: Path,
    count: int,
    *,
    characters: int = 64,
    window: int = 0,
    owed_bytes: int = 0,
    fair: bool = True,
) -> Outcome:
    """Send `count` texts to a room whose reader has stopped reading; judge all.

    It wakes up when the server has given it up, in time to hear why. In a second
    flood somebody else wakes only when all is over. With `fair` others' waiting is
    compared with the same flood before and after, without slow readers.
    """
    flags = ("--owed-bytes", str(owed_bytes)) if owed_bytes else ()
    with outlet(folder, *flags) as plug, ExitStack() as stack:
        plug.start()
        server = Server("ours", "jim", plug.port, plug.process.pid)
        flood_room = partial(flood_beside_others, server, characters)
        usual = [flood_room("#before", count)] if fair else []
        sleeper = stack.enter_context(closing(_Reader("sleeper", server.port)))
        sleeper.enter("#sleeper", window)
        with _Memory(plug.process) as memory, _Alarm(server, sleeper):
            slow = flood_room("#sleeper", count)
        started = time.perf_counter()
        sleeper.come_back()
        back = count / (time.perf_counter() - started)
        if fair:
            usual.append(flood_room("#after", count))
        stone = stack.enter_context(closing(_Reader("stone", server.port)))
        stone.enter("#stone", window)
        last = flood_room("#stone", min(count, _LAST_FLOOD))
        stone.come_back()
        stack.close()  # who hangs up last lets the server wait for it
        plug.stop()
        troubles = plug.mistakes()
    figures = {
        "messages": f"{count:,}",
        "sent": f"{slow.flood.a_second:,.0f} a second",
        "memory": f"{memory.before / _MIB:.1f} MiB, grew by {memory.growth / _MIB:.1f}",
        "goodbye": f'"{sleeper.goodbye}"',
        "come back": f"{back:,.0f} messages a second",
        "others' p99": f"{slow.p99 * 1e3:.2f} ms",
        "without a slow reader": ", ".join(f"{one.p99 * 1e3:.2f} ms" for one in usual),
    }
    breaches = [
        *_losses(slow.flood, sleeper, count),
        *_losses(last.flood, stone, min(count, _LAST_FLOOD)),
        *_costs(memory, sleeper, slow, usual),
    ]
    return Outcome(figures, breaches, troubles)


class _Memory:
    """The server's memory while the block lasts: `before` it, and its `growth`."""

    def __init__(self, process: psutil.Process) -> None:
        self.before = self.growth = 0
        self._process = process
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self.before = self._process.memory_info().rss
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            grown = self._process.memory_info().rss - self.before
            self.growth = max(self.growth, grown)


class _Alarm:
    """Wakes a sleeper when the server has given it up, while the block lasts."""

    def __init__(self, server: Server, sleeper: _Reader) -> None:
        self._server = server
        self._sleeper = sleeper
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._watch.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        with connect(self._server, "watchman") as sock:
            sock.setblocking(True)
            while _is_online(sock, self._sleeper.name):
                if self._over.wait(_LOOK_SECONDS):
                    return
        self._sleeper.read_to_end()


def _is_online(sock: socket.socket, name: str) -> bool:
    request = {"action": "get_users", "time": 0, "room": "#all", "id": 1}
    sock.sendall(json.dumps(request).encode())
    answer = b""
    while not answer.endswith(b"\n"):
        answer += sock.recv(_READ_BYTES)
    rows = json.loads(answer.splitlines()[-1]).get("data_list", [])
    return any(row["account_name"] == name and row["online"] for row in rows)


def _losses(flooded: Flood, reader: _Reader, count: int) -> Iterator[Breach]:
    if flooded.refused:
        what = f"{flooded.refused} messages were refused"
        yield Breach(Promise.REFUSED, "sender", what)
    read = {"reader": flooded.read, reader.name: reader.sequence}
    for device, sequence in read.items():
        for fault in sequence.faults:
            yield Breach(Promise.DISORDERED, device, fault)
        if sequence.last != count:
            what = f"it has got {sequence.last} of {count}"
            yield Breach(Promise.LOST, device, what)


def _costs(
    memory: _Memory, sleeper: _Reader, slow: Run, usual: list[Run]
) -> Iterator[Breach]:
    if memory.growth >= _MOST_GROWTH:
        what = f"its memory grew by {memory.growth:,} bytes"
        yield Breach(Promise.DEAR, "server", what)
    if not sleeper.goodbye.startswith("408 "):
        what = f"it was not told why, but {sleeper.goodbye!r}"
        yield Breach(Promise.UNTOLD, sleeper.name, what)
    if usual:
        times = slow.p99 * len(usual) / sum(one.p99 for one in usual)
        if times > _MOST_TIMES_SLOWER:
            what = f"they wait {times:.2f} times as long"
            yield Breach(Promise.DEAR, "others", what)
