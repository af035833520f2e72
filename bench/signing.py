"""Guesses at passwords, and sign-ins at once: `python -m bench.signing`, two minutes.

Three promises over real sockets. Of 1,000 guesses a minute at one name, from one
address or from a thousand, and of as many from one address at a thousand names, at most
ten reach the hash. Known and unknown names are answered within a millisecond of each
other. And while 50 people sign in at once everybody else is served within 50 ms.
"""

import json
import multiprocessing
import random
import socket
import ssl
import statistics
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from bench.driver import connect, trusting
from bench.servers import Server, ours

__all__ = ["Times", "Waits", "compare", "crowd", "guess_all_ways", "main"]

_GUESSES, _SECONDS = 1000, 60.0
_COMPARED = 200
_CROWD = 50
_MOST_GUESSES, _MOST_DIFFERENCE, _LONGEST_WAIT = 10, 0.001, 0.050

_PATIENCE_SECONDS = 30.0
_PASSWORD = "correct horse"
_WRONG = "another horse"
_REFUSED = 402  # the password was compared
# One more is still free, for a name.
_GUESSES_A_NAME = 4


class Times(NamedTuple):
    """Seconds from a wrong password to its answer, in the median."""

    known: float
    unknown: float


class Waits(NamedTuple):
    """How many signed in, in how many seconds, and how long another waited at most.

    `busiest` is how long the loop itself worked at most while that one waited: the rest
    of a wait is others' work on a machine that is not quiet (0 where nobody tells).
    """

    signed_in: int
    seconds: float
    longest: float
    busiest: float


class _Caller:
    """One connection from an address of loopback's network."""

    def __init__(self, server: Server, address: str) -> None:
        self._sock: socket.socket = socket.create_connection(
            ("127.0.0.1", server.port), _PATIENCE_SECONDS, (address, 0)
        )
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._is_inside = server.protocol == "jims"
        self._read = b""

    def __enter__(self) -> "_Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def begin(self) -> None:
        """Shake hands, where that is to be done."""
        if self._is_inside:
            self._sock = _trusting().wrap_socket(self._sock)

    def ask(self, **fields: Any) -> int:
        """Send a request; return the code of its answer."""
        data = json.dumps({"time": 0, "id": 1, **fields}).encode()
        self._sock.sendall(data + b"\n")
        while True:
            while b"\n" not in self._read:
                found = self._sock.recv(65536)
                if not found:
                    raise ConnectionError("the server closed the connection")
                self._read += found
            line, _, self._read = self._read.partition(b"\n")
            answer = json.loads(line)
            if "response" in answer:
                return int(answer["response"])

    def sign_in(self, name: str, password: str) -> int:
        """Sign in; return the code."""
        user = {"account_name": name, "password": password}
        return self.ask(action="authenticate", user=user)


def _trusting() -> ssl.SSLContext:
    context = trusting()
    context.sslsocket_class = ssl.SSLSocket
    return context


def _addresses(network: int) -> Iterator[str]:
    """Return addresses of 127.N.0.0/16, all different."""
    for number in range(1, 65_535):
        yield f"127.{network}.{number >> 8}.{number & 255}"


# ------------------------------------------------------------------- guesses


def guess_all_ways(server: Server, count: int, seconds: float) -> dict[str, int]:
    """Guess in three ways at once; return of each how many reached the hash."""
    many = [f"name{number}" for number in range(count)]
    ways: dict[str, Iterable[tuple[str, str]]] = {
        "at one name from one address": [("alone", "127.2.0.1")] * count,
        "at one name from as many addresses": zip(
            ["hunted"] * count, _addresses(3), strict=False
        ),
        "at as many names from one address": [(name, "127.4.0.1") for name in many],
    }
    with ThreadPoolExecutor(len(ways)) as pool:
        done = pool.map(lambda way: _flood(server, way, seconds / count), ways.values())
        return dict(zip(ways, done, strict=True))


def _flood(server: Server, guesses: Iterable[tuple[str, str]], pause: float) -> int:
    reached, began = 0, time.monotonic()
    for number, (name, address) in enumerate(guesses):
        with _Caller(server, address) as caller:
            reached += caller.sign_in(name, _WRONG) == _REFUSED
        time.sleep(max(0.0, began + (number + 1) * pause - time.monotonic()))
    return reached


# --------------------------------------------------------- known and unknown


def compare(server: Server, count: int) -> Times:
    """Give `count` wrong passwords each for known and unknown names, mixed."""
    names = -(-count // _GUESSES_A_NAME)
    with _Caller(server, "127.0.0.1") as caller:
        for number in range(names):
            _register(caller, f"known{number}")
    turns = [
        (kind, f"{kind}{number % names}")
        for kind in ("known", "unknown")
        for number in range(count)
    ]
    random.Random(1).shuffle(turns)
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for (kind, name), address in zip(turns, _addresses(5), strict=False):
        with _Caller(server, address) as caller:
            began = time.perf_counter()
            code = caller.sign_in(name, _WRONG)
            took[kind].append(time.perf_counter() - began)
        assert code == _REFUSED, f"{name} was answered with {code}"
    return Times(*(statistics.median(found) for found in took.values()))


def _register(caller: _Caller, name: str) -> None:
    user = {"account_name": name, "password": _PASSWORD}
    code = caller.ask(action="register", user=user)
    assert code == 201, f"{name} was not registered: {code}"


# ------------------------------------------------------------------- a crowd


def crowd(server: Server, people: int, label: str) -> Waits:
    """Let people sign in at once while another asks, one question behind the other."""
    names = [f"{label}{number}" for number in range(people)]
    with _Caller(server._replace(protocol="jim"), "127.0.0.1") as caller:
        for name in names:
            _register(caller, name)
    # In a process of their own: the answers to the other are read at once.
    forked = multiprocessing.get_context("fork")
    here, there = forked.Pipe()
    child = forked.Process(target=_come_at_once, args=(server, names, there))
    with _Bystander(server, f"by_{label}") as bystander:
        child.start()
        here.recv()  # all of them are connected
        began = time.monotonic()
        while not here.poll():
            bystander.ask()
        codes: list[int] = here.recv()
        took = time.monotonic() - began
        child.join()
    return Waits(codes.count(200), took, bystander.longest, bystander.busiest)


def _come_at_once(server: Server, names: list[str], to: Connection) -> None:
    """Connect, say so, sign everybody in at the same moment, and tell the codes."""
    start = threading.Barrier(len(names), lambda: to.send("now"))

    def come(name: str, address: str) -> int:
        with _Caller(server, address) as caller:
            start.wait()
            caller.begin()
            return caller.sign_in(name, _PASSWORD)

    with ThreadPoolExecutor(len(names)) as pool:
        to.send([*pool.map(come, names, _addresses(6))])


class _Bystander:
    """Somebody who is signed in, and asks for signs of life."""

    def __init__(self, server: Server, name: str) -> None:
        self.longest = self.busiest = 0.0
        self._loop = Path(f"/proc/{server.pid}/task/{server.pid}/schedstat")
        self._sock = connect(server._replace(protocol="jim"), name)
        self._sock.setblocking(True)
        self._sock.settimeout(_PATIENCE_SECONDS)
        self._question = (
            '{"action":"presence","time":0,"type":"status",'
            f'"user":{{"account_name":"{name}"}}}}\n'
        ).encode()

    def __enter__(self) -> "_Bystander":
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def ask(self) -> None:
        """Ask once, and note how long the answer took."""
        ran, began = self._seconds_run(), time.perf_counter()
        self._sock.sendall(self._question)
        data = b""
        while b'"session"' not in data:
            data += self._sock.recv(65536)
        self.longest = max(self.longest, time.perf_counter() - began)
        self.busiest = max(self.busiest, self._seconds_run() - ran)

    def _seconds_run(self) -> float:
        """Return how long the server's main thread has run, as Linux counts it."""
        try:
            return int(self._loop.read_text().split()[0]) / 1e9
        except OSError:
            return 0.0


# ---------------------------------------------------------------------- main


def main() -> int:
    """Show all three; return 1 if a promise is broken."""
    kept = []
    with ours("compared") as server:
        known, unknown = compare(server, _COMPARED)
    print(f"{_COMPARED} wrong passwords each, median until the answer:")
    print(f"  known names   {known * 1000:>10.2f} ms")
    print(f"  unknown names {unknown * 1000:>10.2f} ms")
    kept.append(abs(known - unknown) < _MOST_DIFFERENCE)
    for protocol, words in (("jim", "in the clear"), ("jims", "inside TLS")):
        with ours("crowded") as server:
            found = crowd(server._replace(protocol=protocol), _CROWD, "p")
        print(f"\n{found.signed_in} sign-ins at once, {words}: {found.seconds:.2f} s")
        print(f"  another waited at most {found.longest * 1000:>7.1f} ms")
        print(f"  the loop worked at most{found.busiest * 1000:>7.1f} ms of a wait")
        kept.append(found.signed_in == _CROWD and found.longest < _LONGEST_WAIT)
    with ours("guessed") as server:
        reached = guess_all_ways(server, _GUESSES, _SECONDS)
    print(f"\n{_GUESSES} guesses within {_SECONDS:g} s; to the hash got, of those")
    for way, number in reached.items():
        print(f"  {way:<36}{number:>4}")
        kept.append(number <= _MOST_GUESSES)
    print("\nall promises were kept" if all(kept) else "\nA PROMISE WAS BROKEN")
    return not all(kept)


if __name__ == "__main__":
    sys.exit(main())
