"""What idle connections cost: memory each, and what they do to the others' waiting."""

import selectors
import socket
import time
from typing import NamedTuple

import psutil

from bench.driver import closed_loop, connect
from bench.servers import ours

__all__ = ["Idle", "measure_idle"]

_PROBE = b'"probe"'
_HERE = b'{"action":"presence","time":0,"user":{"account_name":"%b"}}\n'


class Idle(NamedTuple):
    """The cost of idle connections; times in seconds, memory in bytes."""

    bytes_each: float
    probes_answered: int
    still_connected: int
    p99_alone: float
    p99_with_them: float


def measure_idle(connections: int, silence: float = 10.0, count: int = 5000) -> Idle:
    """Hold `connections` signed-in, silent connections that answer their probes."""
    flags = ("--silence-seconds", str(silence), "--connections", "0")
    with ours("idle", *flags) as server:
        process = psutil.Process(server.pid)
        _, alone = closed_loop(server, count)
        before = process.memory_info().rss
        crowd = [(connect(server, f"idle{n}"), f"idle{n}") for n in range(connections)]
        each = (process.memory_info().rss - before) / connections
        answered = _answer_probes(crowd, silence)
        _, with_them = closed_loop(server, count)
        connected = sum(_is_open(sock) for sock, _ in crowd)
        for sock, _ in crowd:
            sock.close()
    return Idle(each, answered, connected, alone, with_them)


def _is_open(sock: socket.socket) -> bool:
    """Tell whether the server has not closed the connection."""
    try:
        return bool(sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True


def _answer_probes(crowd: list[tuple[socket.socket, str]], silence: float) -> int:
    """Answer everybody's first probe; return how many came within two rounds."""
    selector = selectors.DefaultSelector()
    for sock, name in crowd:
        selector.register(sock, selectors.EVENT_READ, name)
    until = time.monotonic() + 2 * silence
    waiting = len(crowd)
    while waiting and (left := until - time.monotonic()) > 0:
        for key, _ in selector.select(left):
            peer = key.fileobj
            assert isinstance(peer, socket.socket)
            if _PROBE in peer.recv(4096):
                peer.send(_HERE % key.data.encode())
                selector.unregister(peer)
                waiting -= 1
    selector.close()
    return len(crowd) - waiting
