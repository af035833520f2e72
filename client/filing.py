"""File what belongs to a server under its identity, not under its address.

A server that shows a certificate is that certificate, at whatever address: only who has
its key can show it, so nobody else is given a token or a device that is filed under it.
One without TLS proves nothing and is its address.
"""

from __future__ import annotations

import hashlib

from client.stream import Address, place
from common.names import Name, fold
from decorators import log

__all__ = ["file_key", "home_of", "is_here", "respelled", "spellings"]

# One machine's own addresses, as people write them.
_HERE = ("localhost", "127.0.0.1", "::1")


@log
def home_of(address: Address, port: int) -> Address:
    """Return the one spelling of a place, for what nothing else tells apart."""
    host = address.casefold()
    return place("localhost" if host in _HERE else host, port)


@log
def is_here(home: Address) -> bool:
    """Tell whether a place, as `home_of` spells it, is one of this machine."""
    return home.startswith("localhost:")


@log
def spellings(address: Address, port: int) -> list[Address]:
    """Return how a place may be written, the given way first."""
    host = address.casefold()
    hosts = _HERE if host in _HERE else (host,)
    found = [place(address, port), *(place(one, port) for one in hosts)]
    return list(dict.fromkeys(found))


@log
def respelled(where: Address) -> list[Address]:
    """Return how a place may be written that stands in a file as `where`."""
    host, _, port = where.rpartition(":")
    if not port.isdecimal():
        return [where]
    return list(dict.fromkeys([where, *spellings(host.strip("[]"), int(port))]))


@log
def file_key(server: Address, name: Name | str) -> str:
    """Return what the names of files begin with that are for `name` at `server`.

    Any file system takes it, whatever the person's name is.
    """
    key = f"{server}\n{fold(name)}".encode(errors="replace")
    return hashlib.sha256(key).hexdigest()[:32]
