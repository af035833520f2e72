"""Network addresses: which of them never leave this machine."""

import ipaddress

from common.names import Label

__all__ = ["is_loopback"]


def is_loopback(address: Label) -> bool:
    """Tell whether a numeric address is this machine's own; False if it is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
