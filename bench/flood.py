"""One sender fills a room, as fast as its window allows, while somebody reads along.

Two others, in a process of their own, measure how long they wait meanwhile.
"""

import json
import multiprocessing
import re
import selectors
import socket
import time
from multiprocessing.connection import Connection as Pipe
from typing import NamedTuple

from bench.driver import connect
from bench.servers import Server

__all__ = ["Flood", "Run", "Sequence", "flood_beside_others", "number_of"]

_READ_BYTES = 256 * 1024
_WINDOW = 256  # messages without an answer
_PATIENCE_SECONDS = 60.0
_NUMBER = re.compile(rb"<(\d+)>")
_MOST_FAULTS = 10


class Sequence:
    """Counts the numbered messages of one sender: they must be 1, 2, 3 and so on.

    `faults` says where they are not; it ends after a few.
    """

    def __init__(self) -> None:
        self.last = 0
        self.faults: list[str] = []

    def take(self, number: int) -> None:
        """Take the next one that came."""
        if number != self.last + 1 and len(self.faults) < _MOST_FAULTS:
            kind = "again or late" if number <= self.last else "before others"
            self.faults.append(f"{number} came {kind}, behind {self.last}")
        self.last = number


class Flood(NamedTuple):
    """What came of a flood; `read` is what somebody got who reads at once."""

    acknowledged: int
    refused: int
    a_second: float
    read: Sequence


def number_of(text: str) -> int:
    """Return the number of a message of a flood."""
    return int(text[1 : text.index(">")])


def _flood(server: Server, room: str, count: int, characters: int) -> Flood:
    """Send `count` texts to a room; return when all are answered and read."""
    sender, reader = (_member(server, f"{who}_{room[1:]}", room) for who in "sr")
    sequence = Sequence()
    sent = answered = refused = 0
    out, come = b"", b""
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector, sender, reader:
        for sock in (sender, reader):
            selector.register(sock, selectors.EVENT_READ)
        while answered < count or sequence.last < count:
            more = min(_WINDOW - (sent - answered), count - sent)
            out = _send(
                sender, out + _lines(room, range(sent + 1, sent + 1 + more), characters)
            )
            sent += more
            ready = selector.select(0.0 if out else _PATIENCE_SECONDS)
            assert ready or out, "the server is silent"
            for key, _ in ready:
                data = key.fileobj.recv(_READ_BYTES)  # type: ignore[union-attr]
                assert data, "the server hung up"
                if key.fileobj is sender:
                    refused += data.count(b'"error"')
                    # An answer that is cut in two counts with its second half.
                    answered += data.count(b"\n")
                    continue
                *lines, come = (come + data).split(b"\n")
                for found in _NUMBER.finditer(b"\n".join(lines)):
                    sequence.take(int(found[1]))
    seconds = time.perf_counter() - started
    return Flood(answered - refused, refused, count / seconds, sequence)


def _member(server: Server, name: str, room: str) -> socket.socket:
    """Return somebody's socket in the room, silent."""
    sock = connect(server, name)
    sock.setblocking(True)
    sock.sendall(json.dumps({"action": "join", "room": room, "id": 1}).encode())
    seen = b""
    while b'"id":1' not in seen or not seen.endswith(b"\n"):
        seen += sock.recv(_READ_BYTES)
    sock.setblocking(False)
    return sock


def _lines(room: str, numbers: range, characters: int) -> bytes:
    lines = (
        f'{{"action":"msg","time":0,"to":"{room}","message":'
        f'"{f"<{number}>".ljust(characters, "x")}","id":{number}}}\n'
        for number in numbers
    )
    return "".join(lines).encode()


def _send(sock: socket.socket, data: bytes) -> bytes:
    """Send what the socket takes; return the rest."""
    if not data:
        return data
    try:
        return data[sock.send(data) :]
    except BlockingIOError:
        return data


class Run(NamedTuple):
    """A flood, and the 99th percentile of how long two others waited, in seconds."""

    flood: Flood
    p99: float


def flood_beside_others(server: Server, characters: int, room: str, count: int) -> Run:
    """Flood a room while two others talk, who are in a process of their own."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    others = spawn.Process(target=_chat, args=(server, theirs))
    others.start()
    try:
        ours.recv()
        flooded = _flood(server, room, count, characters)
        ours.send("enough")
        waits: list[float] = ours.recv()
    finally:
        others.join(_PATIENCE_SECONDS)
    waits.sort()
    return Run(flooded, waits[len(waits) * 99 // 100])


def _chat(server: Server, pipe: Pipe) -> None:
    """Say one message after the other; return how long each took, in seconds."""
    one, other = connect(server, "one"), connect(server, "other")
    line = {"action": "msg", "time": 0, "to": "other", "message": "|"}
    data = json.dumps(line).encode()
    waits = []
    pipe.send("here")
    while not pipe.poll():
        started = time.perf_counter()
        one.send(data)
        while b"|" not in _next(other):
            pass
        waits.append(time.perf_counter() - started)
        _next(one)  # the acknowledgement
    pipe.send(waits)
    one.close()
    other.close()


def _next(sock: socket.socket) -> bytes:
    sock.setblocking(True)
    return sock.recv(_READ_BYTES)
