"""How fast the other doors are: `python -m bench.doors`, about a minute.

One JIM client says messages to #all, a window of them ahead of its readers, who have
come by one door: JIM's, the text door, or MineChat's. Then a thousand MineChat readers
hear a hundred messages a second. All against one server, one after the other.
"""

import argparse
import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import psutil

from bench.driver import connect
from bench.servers import Server, ours

__all__ = ["main"]

_MARK = b"|"
_TEXT = "|" + "x" * 63
_READ_BYTES = 256 * 1024
_PATIENCE_SECONDS = 30.0
_WINDOW = 8
_READERS = 100
_MESSAGES = 1500
_ROUNDS = 5
_CROWD = 1000
_CROWD_RATE = 100
_CROWD_SECONDS = 10
_LEAST_SHARE = 0.7

_Knock = Callable[[int], socket.socket]


class _Ports(NamedTuple):
    """Where the doors besides JIM's are."""

    text: int
    read: int


class _Rate(NamedTuple):
    """Deliveries a second, and a second of the server's own time on a processor."""

    a_second: float
    a_busy_second: float


class _Crowd:
    """The readers of a run, and what has come to them all together."""

    def __init__(self, socks: list[socket.socket]) -> None:
        self.socks = socks
        self.arrived = 0
        self.each: dict[socket.socket, int] = dict.fromkeys(socks, 0)
        self._selector = selectors.DefaultSelector()
        for sock in socks:
            sock.setblocking(False)
            self._selector.register(sock, selectors.EVENT_READ)

    def read(self, seconds: float) -> bool:
        """Read what has come within `seconds`; False if nothing has."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            data = sock.recv(_READ_BYTES)
            assert data, "the server hung up"
            new = data.count(_MARK)
            self.each[sock] += new
            self.arrived += new
        return bool(ready)

    def close(self) -> None:
        """Let all go."""
        self._selector.close()
        for sock in self.socks:
            sock.close()


def _line(text: str) -> bytes:
    return (
        '{"action":"msg","time":1700000000.5,"to":"#all","from":"s",'
        f'"encoding":"utf-8","message":"{text}"}}\n'
    ).encode()


def _text_reader(port: int, name: str) -> socket.socket:
    """Return a socket that has come in at the text door and heard all it is told."""
    sock = socket.create_connection(("127.0.0.1", port), _PATIENCE_SECONDS)
    sock.sendall(f"{name}\n".encode())
    seen = b""
    while b"Server: ok!" not in seen:
        seen += sock.recv(_READ_BYTES)
    return sock


def _settle(crowd: _Crowd) -> None:
    """Read away what belongs to the coming of the readers themselves."""
    while crowd.read(0.3):
        pass
    crowd.arrived = 0
    crowd.each = dict.fromkeys(crowd.socks, 0)


def _fan_out(server: Server, knock: _Knock, readers: int, messages: int) -> _Rate:
    """Return how fast readers who have come by one door are served."""
    crowd = _Crowd([knock(number) for number in range(readers)])
    sender = connect(server, "s")
    _settle(crowd)
    sent = 0
    busy, started = _busy_seconds(server), time.perf_counter()
    while crowd.arrived < messages * readers:
        # Ahead of the slowest one, whom the average can hide only for a moment.
        allowed = min(messages, crowd.arrived // readers + _WINDOW) - sent
        if allowed > 0:
            sender.sendall(_line(_TEXT) * allowed)
            sent += allowed
        assert crowd.read(_PATIENCE_SECONDS), "the server is silent"
        with contextlib.suppress(BlockingIOError):
            sender.recv(_READ_BYTES)  # acknowledgements
    elapsed = time.perf_counter() - started
    busy = _busy_seconds(server) - busy
    sender.close()
    crowd.close()
    return _Rate(crowd.arrived / elapsed, crowd.arrived / busy)


def _busy_seconds(server: Server) -> float:
    times = psutil.Process(server.pid).cpu_times()
    return float(times.user + times.system)


def _stream(server: Server, port: int, readers: int, rate: int, seconds: int) -> str:
    """Let many read along; return what came of it in words."""
    crowd = _Crowd(
        [socket.create_connection(("127.0.0.1", port)) for _ in range(readers)]
    )
    sender = connect(server, "s")
    _settle(crowd)
    count, sent = rate * seconds, 0
    longest = 0.0
    started = time.perf_counter()
    while crowd.arrived < count * readers:
        now = time.perf_counter()
        due = min(count, int((now - started) * rate) + 1)
        if due > sent:
            sender.sendall(_line(_TEXT) * (due - sent))
            sent = due
        crowd.read(0.005)
        behind = sent - crowd.arrived // readers
        longest = max(longest, behind / rate)
        if time.perf_counter() - started > seconds + _PATIENCE_SECONDS:
            break
        with contextlib.suppress(BlockingIOError):
            sender.recv(_READ_BYTES)
    whole = sum(1 for heard in crowd.each.values() if heard == count)
    took = time.perf_counter() - started
    sender.close()
    crowd.close()
    return (
        f"{whole:,} of {readers:,} readers heard each of {count:,} messages "
        f"({rate} a second) within {took:.1f} s; never more than {longest:.2f} s behind"
    )


@contextlib.contextmanager
def _server() -> Iterator[tuple[Server, _Ports]]:
    ports = _Ports(*(_free_port() for _ in range(2)))
    flags = ("--text-port", str(ports.text), "--minechat-read-port", str(ports.read))
    with ours("ours", *flags, "--kept-guest-seconds", "0") as server:
        yield server, ports


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def main() -> int:
    """Print the figures; 1 if a door is too slow."""
    parser = argparse.ArgumentParser(prog="python -m bench.doors", description=__doc__)
    parser.add_argument("--readers", type=int, default=_READERS)
    parser.add_argument("--messages", type=int, default=_MESSAGES)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--crowd", type=int, default=_CROWD)
    chosen = parser.parse_args()
    with _server() as (server, ports):
        doors: dict[str, _Knock] = {
            "JIM": lambda number: connect(server, f"r{number}"),
            "text": lambda number: _text_reader(ports.text, f"r{number}"),
            "MineChat": lambda _: socket.create_connection(("127.0.0.1", ports.read)),
        }
        rates: dict[str, list[_Rate]] = {name: [] for name in doors}
        for _ in range(chosen.rounds):
            for name, knock in doors.items():
                rate = _fan_out(server, knock, chosen.readers, chosen.messages)
                rates[name].append(rate)
        # What else the machine does can only slow a round down.
        best = {name: _best(found) for name, found in rates.items()}
        shares = {
            name: one.a_busy_second / best["JIM"].a_busy_second
            for name, one in best.items()
        }
        for name, one in best.items():
            print(
                f"{name:9} {one.a_second:>9,.0f} deliveries a second, "
                f"{one.a_busy_second:>9,.0f} a second of the server's own time: "
                f"{shares[name]:.2f} of JIM's"
            )
        print(
            _stream(server, ports.read, chosen.crowd, _CROWD_RATE, _CROWD_SECONDS),
            flush=True,
        )
    return int(min(shares.values()) < _LEAST_SHARE)


def _best(rates: list[_Rate]) -> _Rate:
    return _Rate(
        max(one.a_second for one in rates), max(one.a_busy_second for one in rates)
    )


if __name__ == "__main__":
    raise SystemExit(main())
