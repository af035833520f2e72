"""TLS against plain: `python -m bench.tls`, about three minutes.

Prints deliveries a second inside TLS and in the clear, what an idle connection inside
TLS costs, and how long an honest pair waits while thousands begin a handshake and never
end it, or ask for what is too old. Every ratio is of two measurements of this run.
"""

import contextlib
import resource
import selectors
import socket
import ssl
import statistics
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil

from bench.driver import connect, throughput, trusting
from bench.servers import Server, ours

__all__ = ["main"]

_ROUNDS = 5
_PAIRS, _WINDOW, _COUNT = 64, 8, 2000
_IDLE = 1000
_CROWD = 2000
_CALM_SECONDS = 2.0


def main() -> None:
    """Measure and print everything."""
    _raise_descriptor_limit()
    for label, flags in (("stored", ()), ("nothing kept", ("--no-history",))):
        with ours(label, *flags) as server:
            _print_rates(server)
    _print_idle()
    with ours("attacked", "--connections", "0") as server:
        _print_handshakes(server)


def _inside(server: Server) -> Server:
    return server._replace(protocol="jims")


def _print_rates(server: Server) -> None:
    process = psutil.Process(server.pid)
    rates: dict[str, list[float]] = {"jim": [], "jims": []}
    costs: dict[str, list[float]] = {"jim": [], "jims": []}
    for _ in range(_ROUNDS):
        for one in (server, _inside(server)):
            before = process.cpu_times()
            rate = throughput(one, _PAIRS, _WINDOW, _COUNT)
            after = process.cpu_times()
            assert rate.arrived == rate.expected, "messages were lost"
            rates[one.protocol].append(rate.a_second)
            took = after.user - before.user + after.system - before.system
            costs[one.protocol].append(took / rate.arrived * 1e6)
    plain, secure = (statistics.median(found) for found in rates.values())
    cost, more = (statistics.median(found) for found in costs.values())
    print(f"\n{_PAIRS} pairs, window {_WINDOW}, {server.label}:")
    print(f"  plain               {plain:>12,.0f} msg/s")
    print(f"  TLS                 {secure:>12,.0f} msg/s  {secure / plain:.2f} times")
    print(f"  the server's work   {cost:>12,.1f} us a message in the clear")
    print(f"                      {more:>12,.1f} us inside TLS, handshakes included")


def _print_idle() -> None:
    print(f"\n{_IDLE} idle signed-in connections, memory each:")
    for label, protocol in (("plain", "jim"), ("TLS", "jims")):
        # A server of its own: what another crowd has left is used again.
        with ours("idle", "--connections", "0") as server:
            one = server._replace(protocol=protocol)
            process = psutil.Process(server.pid)
            kept = [connect(one, f"first{n}") for n in range(50)]
            before = process.memory_info().rss
            kept += [connect(one, f"idle{n}") for n in range(_IDLE)]
            each = (process.memory_info().rss - before) / _IDLE
            print(f"  {label:<20}{each / 1024:>12,.1f} KiB")
            for sock in kept:
                sock.close()


# ---------------------------------------------------------------- handshakes


def _print_handshakes(server: Server) -> None:
    print(
        f"\n{_CROWD} handshakes at once: how long somebody who comes then takes to be"
    )
    print("signed in, and the slowest round trip of a pair, all of them inside TLS:")
    whole = _hello(trusting())
    attacks = {
        "nobody else": b"",
        "half a hello": whole[: len(whole) // 2],
        "never go on": whole,
        "downgraded": _hello(_old_client()),
    }
    for label, hello in attacks.items():
        with _crowd(server, _CROWD if hello else 0) as crowd:
            newcomer, slowest = _slowest(server, crowd, hello)
        print(f"  {label:<20}{newcomer * 1e3:>12,.1f} ms {slowest * 1e3:>12,.1f} ms")


def _old_client() -> ssl.SSLContext:
    context = trusting()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _hello(context: ssl.SSLContext) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


@contextlib.contextmanager
def _crowd(server: Server, size: int) -> Iterator[list[socket.socket]]:
    """Give connections that have said nothing yet."""
    crowd = [
        socket.create_connection(("127.0.0.1", server.port), 30) for _ in range(size)
    ]
    yield crowd
    for sock in crowd:
        sock.close()


def _slowest(
    server: Server, crowd: list[socket.socket], hello: bytes
) -> tuple[float, float]:
    """Return how long a newcomer, and the slowest round trip, took; in seconds."""
    secure = _inside(server)
    sender, receiver = connect(secure, "sender"), connect(secure, "receiver")
    for sock in crowd:
        sock.send(hello)
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(_come, secure)
        slowest = _converse(sender, receiver)
        newcomer = coming.result()
    sender.close()
    receiver.close()
    return newcomer, slowest


def _come(server: Server) -> float:
    began = time.perf_counter()
    connect(server, "newcomer").close()
    return time.perf_counter() - began


def _converse(sender: socket.socket, receiver: socket.socket) -> float:
    text = b'{"action":"msg","time":1,"to":"receiver","from":"sender","message":"|"}\n'
    slowest = 0.0
    until = time.perf_counter() + _CALM_SECONDS
    while (began := time.perf_counter()) < until:
        sender.send(text)
        _wait_for(receiver, b"|")
        slowest = max(slowest, time.perf_counter() - began)
        _wait_for(sender, b"response")
    return slowest


def _wait_for(peer: socket.socket, sign: bytes) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(peer.fileno(), selectors.EVENT_READ)
        while True:
            with contextlib.suppress(BlockingIOError):
                if sign in peer.recv(1 << 14):
                    return
            selector.select(30)


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
