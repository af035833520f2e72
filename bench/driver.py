"""Drive a server as fast as a window allows, and count what arrives.

Each of S senders writes to a receiver of its own. A sender may be `window` messages
ahead of its receiver; deliveries are counted by a byte that stands in each text once
and nowhere else.
"""

import selectors
import socket
import ssl
import time
from typing import Any, NamedTuple

from bench.servers import Server

__all__ = ["Rate", "closed_loop", "connect", "throughput", "trusting"]

_MARK = b"|"
_TEXT = "|" + "x" * 63
_READ_BYTES = 256 * 1024
_RECORD_BYTES = 16 * 1024
_PATIENCE_SECONDS = 30.0


class Rate(NamedTuple):
    """What a run came to: deliveries a second, and how many of how many arrived."""

    a_second: float
    arrived: int
    expected: int


class TlsPeer(ssl.SSLSocket):
    """A client's socket inside TLS, used like a plain one."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return a record, and others that have come with it."""
        most = min(buflen, _RECORD_BYTES)  # memory for so much is taken at each call
        try:
            data = super().recv(most, flags)
            while self.pending():
                data += super().recv(most, flags)
        except ssl.SSLWantReadError:
            raise BlockingIOError from None
        return data

    def send(self, data: Any, flags: int = 0) -> int:
        """Send what the socket takes; what it does not take must be given again."""
        try:
            return super().send(data, flags)
        except ssl.SSLWantWriteError:
            raise BlockingIOError from None


def trusting() -> ssl.SSLContext:
    """Return the context of a client that trusts anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = TlsPeer
    return context


class _Pair:
    """A sender, its receiver, and how far they are."""

    def __init__(self, server: Server, number: int, text: str) -> None:
        self.receiver = connect(server, f"r{number}")
        self.sender = connect(server, f"s{number}")
        self.message = _message(server, f"s{number}", f"r{number}", text)
        self.sent = 0
        self.arrived = 0
        self.rest = b""  # of a write that the socket took in part


def connect(server: Server, name: str) -> socket.socket:
    """Return a socket that is signed in as `name`."""
    sock = socket.create_connection(("127.0.0.1", server.port), _PATIENCE_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if server.protocol == "jims":
        sock = trusting().wrap_socket(sock)
    if server.protocol != "irc":
        hello = (
            '{"action":"presence","time":0,"type":"status","id":0,'
            f'"user":{{"account_name":"{name}"}}}}\n'
        )
        done = b'"session"'
    else:
        hello, done = f"NICK {name}\r\nUSER {name} 0 * :x\r\n", b" 376 "
    sock.sendall(hello.encode())
    seen = b""
    while done not in seen:
        seen += sock.recv(_READ_BYTES)
    sock.setblocking(False)
    return sock


def _message(server: Server, sender: str, receiver: str, text: str) -> bytes:
    if server.protocol == "irc":
        return f"PRIVMSG {receiver} :{text}\r\n".encode()
    return (
        f'{{"action":"msg","time":1700000000.5,"to":"{receiver}","from":"{sender}",'
        f'"encoding":"utf-8","message":"{text}"}}\n'
    ).encode()


def throughput(
    server: Server, pairs: int, window: int, count: int, text: str = _TEXT
) -> Rate:
    """Send `count` messages from each of `pairs` senders; return the rate.

    `text` has one `|`.
    """
    lines = [_Pair(server, number, text) for number in range(pairs)]
    selector = selectors.DefaultSelector()
    for line in lines:
        selector.register(line.receiver, selectors.EVENT_READ, (line, True))
        selector.register(line.sender, selectors.EVENT_READ, (line, False))
    expected, arrived = pairs * count, 0
    started = time.perf_counter()
    for line in lines:
        _send(line, window, count)
    while arrived < expected:
        ready = selector.select(_PATIENCE_SECONDS)
        if not ready:
            break
        moved = set()
        for key, _ in ready:
            line, receives = key.data
            data = key.fileobj.recv(_READ_BYTES)  # type: ignore[union-attr]
            if receives:
                new = data.count(_MARK)
                line.arrived += new
                arrived += new
                moved.add(line)
            elif line.rest:
                moved.add(line)
        for line in moved:
            _send(line, window, count)
    elapsed = time.perf_counter() - started
    selector.close()
    for line in lines:
        line.sender.close()
        line.receiver.close()
    return Rate(arrived / elapsed, arrived, expected)


def _send(line: _Pair, window: int, count: int) -> None:
    allowed = min(window - (line.sent - line.arrived), count - line.sent)
    data = line.rest + line.message * allowed
    line.sent += allowed
    try:
        line.rest = data[line.sender.send(data) :] if data else b""
    except BlockingIOError:
        line.rest = data


def closed_loop(server: Server, count: int) -> tuple[float, float]:
    """Send one message at a time; return median and 99th percentile in seconds."""
    line = _Pair(server, 0, _TEXT)
    line.receiver.setblocking(True)
    line.receiver.settimeout(_PATIENCE_SECONDS)
    took = []
    for _ in range(count):
        started = time.perf_counter()
        line.sender.send(line.message)
        while not line.receiver.recv(_READ_BYTES).count(_MARK):
            pass
        took.append(time.perf_counter() - started)
        if server.protocol != "irc":
            _drain(line.sender)
    line.sender.close()
    line.receiver.close()
    took.sort()
    return took[count // 2], took[count * 99 // 100]


def _drain(sock: socket.socket) -> None:
    """Read acknowledgements away."""
    try:
        sock.recv(_READ_BYTES)
    except BlockingIOError:
        return
