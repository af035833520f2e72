"""Open a TCP connection to the server, and say in words why it can't be done."""

from __future__ import annotations

import asyncio
import os
import socket

from decorators import log
from errors import Unreachable

__all__ = ["Address", "Stream", "open_socket", "open_stream", "place"]

# A dead peer is noticed within about a minute: 30 s of silence, then 3 probes 10 s
# apart; what was written may stay unacknowledged as long.
_KEEPALIVE_SECONDS = 30
_PROBE_SECONDS = 10
_PROBES = 3
_UNACKNOWLEDGED_MS = 60_000

#: A machine's name or number; the call log writes it out.
Address = str
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@log
def place(address: Address, port: int) -> str:
    """Return `address` and `port` as people write them together."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@log
async def open_stream(address: Address, port: int, seconds: float) -> Stream:
    """Connect as `open_socket` does, for bytes as they are."""
    return await asyncio.open_connection(sock=await open_socket(address, port, seconds))


@log
async def open_socket(address: Address, port: int, seconds: float) -> socket.socket:
    """Connect to the first of the address's ways, IPv4 or IPv6, that answers.

    Raises Unreachable with a sentence when none does within `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _connect(address, port)
    except TimeoutError as error:
        raise _unreachable(address, port, f"no answer in {seconds:g} s") from error
    except socket.gaierror as error:
        raise Unreachable(f"no machine is known as {address}") from error
    except (OSError, UnicodeError) as error:
        # UnicodeError: a name that can't stand in the domain name system.
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number).lower() if number else "not a machine's name"
        raise _unreachable(address, port, reason) from error


@log
def _unreachable(address: Address, port: int, reason: str) -> Unreachable:
    return Unreachable(f"no server answers at {place(address, port)} ({reason})")


@log
async def _connect(address: Address, port: int) -> socket.socket:
    """Try one way after the other; raise the last one's OSError."""
    loop = asyncio.get_running_loop()
    ways = await loop.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    problem: OSError = ConnectionRefusedError(111, os.strerror(111))
    for family, kind, protocol, _, where in ways:
        sock = socket.socket(family, kind, protocol)
        try:
            _prepare(sock)
            await loop.sock_connect(sock, where)
        except OSError as error:
            sock.close()
            problem = error
        except BaseException:
            sock.close()
            raise
        else:
            if sock.getsockname() != sock.getpeername():
                return sock
            # Nobody listens, and the system gave us the very port as our own: TCP
            # lets a socket connect to itself.
            sock.close()
    raise problem


@log
def _prepare(sock: socket.socket) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", _KEEPALIVE_SECONDS),
        ("TCP_KEEPINTVL", _PROBE_SECONDS),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", _UNACKNOWLEDGED_MS),
    ):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
