"""Where a running server is found: what its owner hands on to others."""

from typing import NamedTuple

from common.addresses import is_loopback
from common.join_line import JoinLine, join_line
from common.names import Label, Secret
from decorators import log

__all__ = ["Place", "join_lines"]


class Place(NamedTuple):
    """The addresses under which others find the server, its port and certificate.

    `fingerprint` as `common.fingerprints` has it; None where it speaks no TLS.
    `log_file` is where it logs, `started` when it began, in UNIX seconds.
    """

    addresses: tuple[str, ...]
    port: int
    fingerprint: str | None = None
    log_file: str = ""
    started: float = 0.0


@log
def join_lines(place: Place, invite: Secret) -> list[Secret]:
    """Return a line that joins for each address that others can reach.

    Where there is none it is one line for this machine.
    """
    others = [one for one in place.addresses if not is_loopback(Label(one))]
    return [
        join_line(JoinLine(address, place.port, place.fingerprint, invite))
        for address in others or place.addresses[:1]
    ]
