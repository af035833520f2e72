"""Network addresses: how people write them, and which never leave this machine."""

import functools
import ipaddress
from typing import NamedTuple

from common.names import Label

__all__ = [
    "Endpoint",
    "is_here",
    "is_loopback",
    "is_numeric",
    "network_of",
    "place",
    "plain",
    "read_endpoint",
    "read_endpoints",
]

_LOCAL_NAMES = frozenset(
    {"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}
)
_MISREAD = (
    "an address is HOST or HOST:PORT, such as chat.example, 192.168.1.5:7777, ::1 or "
    "[::1]:7777"
)
_LARGEST_PORT = 65535
# What stands around or between addresses, never in one.
_FOREIGN = frozenset("[]#&/@?%'\" \t\r\n,")


class Endpoint(NamedTuple):
    """A host's name or number, and its port where one was said."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        return self.host if self.port is None else place(self.host, self.port)


def read_endpoint(text: str) -> Endpoint:
    """Return what an address says: HOST, HOST:PORT, [IPV6] or [IPV6]:PORT.

    The only reader of addresses, for whatever place they were typed into. An IPv6
    address may come without brackets where no port follows. Raises ValueError with a
    sentence that does not quote it: it may be a line that holds an invitation.
    """
    text = text.strip()
    if is_numeric(text):
        return Endpoint(text)
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        is_host = bool(bracket) and is_numeric(host) and ":" in host
    else:
        host, colon, number = text.partition(":")
        rest = colon + number
        is_host = bool(host) and host.isprintable() and _FOREIGN.isdisjoint(host)
    if not is_host:
        raise ValueError(_MISREAD)
    return Endpoint(host, _read_port(rest) if rest else None)


def read_endpoints(text: str) -> list[Endpoint]:
    """Return each of several addresses with commas between them; raises ValueError."""
    return [read_endpoint(one) for one in text.split(",")] if text.strip() else []


def place(host: str, port: int) -> str:
    """Return host and port as people write them together."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _read_port(text: str) -> int:
    """Return the number behind a colon."""
    number = text.removeprefix(":")
    if number == text or not (number.isascii() and number.isdecimal()):
        raise ValueError(_MISREAD)
    if len(number) > len(str(_LARGEST_PORT)) or int(number) > _LARGEST_PORT:
        raise ValueError(f"a port is at most {_LARGEST_PORT}")
    return int(number)


def is_numeric(host: str) -> bool:
    """Tell whether a host is given by its number, IPv4 or IPv6, not by a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(address: Label) -> bool:
    """Tell whether a numeric address is this machine's own; False if it is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def is_here(host: str) -> bool:
    """Tell whether a host's name or address means whatever machine one is on."""
    name = host.rstrip(".").casefold()
    is_local = name in _LOCAL_NAMES or name.endswith(".localhost")  # RFC 6761
    return is_local or is_loopback(Label(host))


def plain(address: Label) -> Label:
    """Return an address as people know it: 192.0.2.1, not ::ffff:192.0.2.1.

    A listener for both families names those who come by IPv4 like that.
    """
    try:
        mapped = getattr(ipaddress.ip_address(address), "ipv4_mapped", None)
    except ValueError:
        return address
    return Label(str(mapped)) if mapped else address


@functools.lru_cache(maxsize=4096)
def network_of(address: Label) -> str:
    """Return what one peer can't leave: its address, or of IPv6 the /64 it is in."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if parsed.is_loopback:
        return address
    # Everybody who has IPv6 has 2**64 addresses.
    return f"{ipaddress.ip_address(int(parsed) >> 64 << 64)}/64"
