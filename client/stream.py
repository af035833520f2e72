"""Open a TCP connection to the server, and say in words why it can't be done."""

from __future__ import annotations

import asyncio
import collections
import errno
import itertools
import os
import socket
from collections.abc import Iterable
from typing import Any

from common.addresses import place
from decorators import log
from errors import Unreachable

__all__ = ["Address", "Stream", "in_turns", "open_socket", "open_stream", "place"]

# A dead peer is noticed within about a minute: 30 s of silence, then 3 probes 10 s
# apart; what was written may stay unacknowledged as long.
_KEEPALIVE_SECONDS = 30
_PROBE_SECONDS = 10
_PROBES = 3
_UNACKNOWLEDGED_MS = 60_000
# RFC 8305, section 8: the time for which one way is tried alone.
_NEXT_WAY_SECONDS = 0.25
# What a machine without IPv6 (or IPv4) says of such addresses.
_NO_SUCH_NETWORK = frozenset(
    {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
)

#: A machine's name or number; the call log writes it out.
Address = str
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
# As `getaddrinfo` gives it: family, kind, protocol, canonical name, address.
_Way = tuple[int, int, int, str, tuple[Any, ...]]


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
    loop = asyncio.get_running_loop()
    ways = await loop.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    return await _race(in_turns(ways))


@log
def in_turns(ways: Iterable[_Way]) -> list[_Way]:
    """Return the ways with IPv6 and IPv4 by turns, the system's first one first."""
    families: dict[int, list[_Way]] = {}
    for way in ways:
        families.setdefault(way[0], []).append(way)
    turns = itertools.zip_longest(*families.values())
    return [way for turn in turns for way in turn if way is not None]


@log
async def _race(ways: Iterable[_Way]) -> socket.socket:
    """Return the first connection of several ways; raise the likeliest OSError.

    Each is begun a moment after the one before, at once when one has failed: RFC 8305,
    section 5. asyncio's own (`happy_eyeballs_delay`) hides the socket in a transport
    that reads already, and of several errors it forgets the numbers.
    """
    left = collections.deque(ways)
    attempts: set[asyncio.Task[socket.socket]] = set()
    problems: list[OSError] = []
    try:
        while left or attempts:
            if left:
                attempts.add(asyncio.create_task(_try(left.popleft())))
            done, _ = await asyncio.wait(
                attempts,
                timeout=_NEXT_WAY_SECONDS if left else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for attempt in done:
                problem = attempt.exception()
                if problem is None:
                    attempts.remove(attempt)
                    return attempt.result()
                if not isinstance(problem, OSError):
                    raise problem
                attempts.remove(attempt)
                problems.append(problem)
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_drop)
    raise min(problems, key=_unlikeliness)


@log
async def _try(way: _Way) -> socket.socket:
    """Connect by one way; raises OSError."""
    family, kind, protocol, _, where = way
    sock = socket.socket(family, kind, protocol)
    try:
        _prepare(sock)
        await asyncio.get_running_loop().sock_connect(sock, where)
        if sock.getsockname() == sock.getpeername():
            # Nobody listens, and the system gave us the very port as our own: TCP
            # lets a socket connect to itself.
            raise ConnectionRefusedError(
                errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)
            )
    except BaseException:
        sock.close()
        raise
    return sock


@log
def _drop(attempt: asyncio.Task[socket.socket]) -> None:
    """Close what a way came to that was not the first."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


@log
def _unlikeliness(problem: OSError) -> int:
    """Rank what may be the reason: a refusal comes from the machine itself."""
    if problem.errno == errno.ECONNREFUSED:
        return 0
    return 2 if problem.errno in _NO_SUCH_NETWORK else 1


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
