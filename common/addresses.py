"""Network addresses: which never leave this machine, which are one peer's."""

import functools
import ipaddress

from common.names import Label

__all__ = ["is_loopback", "network_of", "plain"]


def is_loopback(address: Label) -> bool:
    """Tell whether a numeric address is this machine's own; False if it is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


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
