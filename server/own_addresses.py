"""Find the addresses that others reach this machine by, the likeliest one first."""

import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from common.addresses import is_here, is_loopback, read_endpoints
from common.names import Label
from decorators import log

__all__ = ["ALL_OF_IPV4", "EVERYWHERE", "Interface", "own_addresses", "ranked"]

#: What people write for all addresses, IPv4 and IPv6.
EVERYWHERE = frozenset({"", "*", "::"})
ALL_OF_IPV4 = "0.0.0.0"
_LOOPBACK = (Label("127.0.0.1"), Label("::1"))
# Reserved for documentation, so they are reached by the default route, if at all. No
# packet is sent: a UDP socket that connects only asks the routing table.
_ELSEWHERE = ((socket.AF_INET, "203.0.113.1"), (socket.AF_INET6, "2001:db8::1"))
_DISCARD_PORT = 9
# How the networks are called that programs make inside one machine: container engines,
# virtual machines, their cables.
_INNER = (
    *("docker", "br-", "veth", "podman", "cni", "flannel", "cali", "kube"),
    *("virbr", "vmnet", "vboxnet", "lxc", "lxd", "incus"),
)
_SYSTEM = Path("/sys/class/net")


class Interface(NamedTuple):
    """An address of one of the machine's networks.

    It `is_inner` where it is a bridge inside the machine, or a cable that is not in.
    """

    address: str
    is_inner: bool = False


@log
def own_addresses(ip: str, public: str = "") -> list[Label]:
    """Return where others find a server that listens on `ip`, as the settings say it.

    The only list of them: start line, invitations, QR codes and the certificate take
    it. What its owner calls it in `public` goes first, this machine's own last.
    """
    hosts = ip.split(",")
    found = [Label(str(one)) for one in read_endpoints(public)]
    if EVERYWHERE.isdisjoint(hosts) and ALL_OF_IPV4 not in hosts:
        given = [Label(one) for host in hosts for one in _named(host)]
        given.sort(key=is_loopback)
        return list(dict.fromkeys([*found, *given]))
    everywhere = not EVERYWHERE.isdisjoint(hosts)
    outside = [*_by_default_route(everywhere)]
    found += ranked(_interfaces(everywhere), outside)
    return list(dict.fromkeys([*found, *_LOOPBACK[: 1 + everywhere]]))


@log
def ranked(interfaces: Iterable[Interface], outside: Iterable[str] = ()) -> list[Label]:
    """Return the addresses in the order in which others are likely to reach them.

    `outside` are those of the default routes; they go first, inner networks and what
    machines give themselves last. IPv6 is left out where IPv4 does: each machine has
    several of them, and some for a day only.
    """
    first = tuple(outside)
    rows = []
    for one in interfaces:
        address = ipaddress.ip_address(one.address)
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            continue
        if address.version == 6 and address.is_link_local:
            continue  # means nothing without the name of the other's own network
        is_last = one.is_inner or address.is_link_local
        rank = 0 if one.address in first else 2 if is_last else 1
        rows.append((rank, address.version, int(address), one.address))
    has_ipv4 = any(version == 4 and rank < 2 for rank, version, *_ in rows)
    return [Label(row[-1]) for row in sorted(rows) if row[1] == 4 or not has_ipv4]


@log
def _named(host: str) -> list[str]:
    """Return what a host is told as: itself, but localhost by its numbers."""
    if not is_here(host) or is_loopback(Label(host)):
        return [host]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return [host]
    return [str(where[0]) for *_, where in found]


@log
def _interfaces(with_ipv6: bool) -> list[Interface]:
    # Imported late: only a server on all addresses asks for it.
    import psutil

    wanted = {socket.AF_INET, socket.AF_INET6} if with_ipv6 else {socket.AF_INET}
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        Interface(
            address.address.partition("%")[0],
            is_inner=name not in up or _is_inner(Label(name)),
        )
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if address.family in wanted
    ]


@log
def _is_inner(name: Label) -> bool:
    return name.startswith(_INNER) or (_SYSTEM / name / "bridge").exists()


@log
def _by_default_route(with_ipv6: bool) -> Iterable[str]:
    for family, elsewhere in _ELSEWHERE[: 1 + with_ipv6]:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sock:
                sock.connect((elsewhere, _DISCARD_PORT))
                yield str(sock.getsockname()[0])
        except OSError:
            continue  # no such network
