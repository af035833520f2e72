"""Open the sockets that wait for connections, and tell people where they are."""

import errno
import os
import socket

from common.names import Label
from decorators import log
from errors import ExitCode, StartError
from server.holders import holder_of_port

__all__ = ["listen", "reachable_addresses"]

# The kernel cuts it to net.core.somaxconn; a crowd coming back at once must fit.
_BACKLOG = 4096
_MAIN = Label("port")


@log
def listen(ip: str, port: int, setting: Label = _MAIN) -> socket.socket:
    """Return a listening, non-blocking socket; an empty `ip` is all, IPv4 and IPv6.

    Port 0 takes any free one. Raises StartError with a sentence, which names the
    `setting` of the port.
    """
    try:
        if ip:
            listener = _listen_on(ip, port)
        elif socket.has_dualstack_ipv6():
            listener = socket.create_server(
                ("", port),
                family=socket.AF_INET6,
                backlog=_BACKLOG,
                dualstack_ipv6=True,
            )
        else:
            listener = socket.create_server(("", port), backlog=_BACKLOG)
    except OSError as error:
        raise _refusal(ip, port, setting, error) from error
    listener.setblocking(False)
    return listener


@log
def _listen_on(ip: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(ip, port, type=socket.SOCK_STREAM)
    except ValueError as error:
        # Such as UnicodeError: a name that can't stand in the domain name system.
        raise _not_ours(ip) from error
    family, _, _, _, address = found[0]
    return socket.create_server(
        (str(address[0]), port), family=family, backlog=_BACKLOG
    )


@log
def _refusal(ip: str, port: int, setting: Label, error: OSError) -> StartError:
    where = ip or "all addresses"
    is_main = setting == _MAIN
    name = "port" if is_main else f"{setting}:"
    if error.errno == errno.EADDRINUSE:
        other = "another with -p, or -p 0 for any free one" if is_main else "another"
        by, cure = "perhaps by another server", ""
        if holder := holder_of_port(port, ip):
            by = f"by {holder}"
            cure = f", or end that one:{holder.cure}"
        if holder and holder.is_us:
            by, cure = "by another setting of this server", ""
        return StartError(
            f"{name} {port} on {where} is in use, {by}; choose {other}{cure}",
            ExitCode.REFUSED,
        )
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return _not_ours(ip)
    reason = os.strerror(error.errno) if error.errno else str(error)
    exit_code = (
        ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else ExitCode.REFUSED
    )
    return StartError(f"can't listen on {where}, {name} {port}: {reason}", exit_code)


@log
def _not_ours(ip: str) -> StartError:
    return StartError(
        f"the address {ip} is not one of this machine's; choose one with -a, "
        "or leave it out for all",
        ExitCode.SETTINGS,
    )


@log
def reachable_addresses(ip: str) -> list[Label]:
    """Return the addresses under which others on the network find this machine."""
    if ip:
        return [Label(ip)]
    # Imported late: only the start line of a server on all addresses asks for it.
    import psutil

    found = [
        Label(address.address)
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    return [*sorted(found), Label("127.0.0.1"), Label("::1")]
