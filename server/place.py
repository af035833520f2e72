"""Where a running server is found: what its owner hands on to others."""

from typing import NamedTuple

from common.addresses import is_here, read_endpoint
from common.join_line import JoinLine, join_line
from common.names import Secret
from decorators import log

__all__ = ["ALONE", "Place", "join_lines"]

#: What is said beside a line that is worth nothing to others.
ALONE = (
    "only this machine reaches the server so far: -a says where it listens, "
    "--public-address by which address others reach it"
)


class Place(NamedTuple):
    """The addresses under which others find the server, its port and certificate.

    One of `addresses` may have a port of its own, as one that a router passes on.
    `fingerprint` as `common.fingerprints` has it; None where it speaks no TLS.
    `log_file` is where it logs, `started` when it began, in UNIX seconds; `certificate`
    is what it shows, as DER.
    """

    addresses: tuple[str, ...]
    port: int
    fingerprint: str | None = None
    log_file: str = ""
    started: float = 0.0
    certificate: bytes = b""

    @property
    @log
    def is_here_alone(self) -> bool:
        """Tell whether nobody on another machine reaches it."""
        return all(is_here(read_endpoint(one).host) for one in self.addresses)


@log
def join_lines(place: Place, invite: Secret | None = None) -> list[Secret]:
    """Return a line that joins for each address that others can reach.

    Where there is none it is one line for this machine. Without an `invite` each says
    where the server is and how it is known.
    """
    ends = [read_endpoint(one) for one in place.addresses]
    others = [one for one in ends if not is_here(one.host)]
    return [
        join_line(JoinLine(host, port or place.port, place.fingerprint, invite))
        for host, port in others or ends[:1]
    ]
