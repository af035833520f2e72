"""Open the sockets that wait for connections."""

import errno
import os
import socket
from typing import Any, NamedTuple

from common.addresses import is_numeric
from common.names import Label
from decorators import log
from errors import ExitCode, StartError
from server.holders import holder_of_port
from server.own_addresses import ALL_OF_IPV4, EVERYWHERE

__all__ = ["listen"]

# The kernel cuts it to net.core.somaxconn; a crowd coming back at once must fit.
_BACKLOG = 4096
_MAIN = Label("port")
# How often another free port is looked for, if that of one address is taken on another.
_ATTEMPTS = 8
_NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class _Target(NamedTuple):
    """An address to listen on, and how it was called; a name may have several."""

    family: int
    address: tuple[Any, ...]
    host: str
    is_one_of: bool = False

    @log
    def at(self, port: int) -> tuple[Any, ...]:
        return (self.address[0], port, *self.address[2:])


@log
def listen(ip: str, port: int, setting: Label = _MAIN) -> list[socket.socket]:
    """Return listening, non-blocking sockets, one for each address that `ip` names.

    It may name several with commas; empty is all, IPv4 and IPv6. Port 0 takes any that
    is free on all of them. Raises StartError with a sentence, which names the
    `setting` of the port.
    """
    targets = _targets(ip)
    attempts = 1 if port else _ATTEMPTS
    while True:
        attempts -= 1
        try:
            return _open(targets, port, setting)
        except StartError as error:
            cause = error.__cause__
            is_taken = isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE
            if not (is_taken and attempts):
                raise


@log
def _targets(ip: str) -> list[_Target]:
    """Return each address once that the setting names."""
    hosts = ip.split(",")
    if not EVERYWHERE.isdisjoint(hosts):
        if socket.has_dualstack_ipv6():
            return [_Target(socket.AF_INET6, ("::", 0), "")]
        return [_Target(socket.AF_INET, ("", 0), "")]
    found: dict[object, _Target] = {}
    for host in hosts:
        try:
            ways = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
        except (socket.gaierror, ValueError) as error:
            # UnicodeError: a name that can't stand in the domain name system.
            raise _not_ours(host) from error
        for family, _, _, _, address in ways:
            target = _Target(family, address, host, not is_numeric(host))
            found.setdefault((family, address), target)
    if ALL_OF_IPV4 not in hosts:
        return list(found.values())
    return [
        one
        for one in found.values()
        if one.host == ALL_OF_IPV4 or one.family != socket.AF_INET
    ]


@log
def _open(targets: list[_Target], port: int, setting: Label) -> list[socket.socket]:
    """Listen on all of them, on the port that the first one gets."""
    listeners: list[socket.socket] = []
    missing = None
    try:
        for target in targets:
            try:
                listeners.append(_listen_on(target, port))
            except OSError as error:
                if target.is_one_of and error.errno in _NO_SUCH_ADDRESS:
                    missing = error
                    continue
                raise _refusal(target, port, setting, error) from error
            port = listeners[-1].getsockname()[1]
        if not listeners:
            raise _not_ours(targets[-1].host) from missing
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return listeners


@log
def _listen_on(target: _Target, port: int) -> socket.socket:
    listener = socket.create_server(
        target.at(port),
        family=target.family,
        backlog=_BACKLOG,
        dualstack_ipv6=not target.host and target.family == socket.AF_INET6,
    )
    listener.setblocking(False)
    return listener


@log
def _refusal(target: _Target, port: int, setting: Label, error: OSError) -> StartError:
    where = target.host or "all addresses"
    is_main = setting == _MAIN
    name = "port" if is_main else f"{setting}:"
    if error.errno == errno.EADDRINUSE:
        other = "another with -p, or -p 0 for any free one" if is_main else "another"
        by, cure = "perhaps by another server", ""
        if holder := holder_of_port(port, target.address[0]):
            by = f"by {holder}"
            cure = f", or end that one:{holder.cure}"
        if holder and holder.is_us:
            by, cure = "by another setting of this server", ""
        return StartError(
            f"{name} {port} on {where} is in use, {by}; choose {other}{cure}",
            ExitCode.REFUSED,
        )
    if error.errno in _NO_SUCH_ADDRESS:
        return _not_ours(target.host)
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
