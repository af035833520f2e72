"""One connection as the loop sees it: socket, dialect, session, life."""

import socket
from typing import TYPE_CHECKING

from common.names import Label
from decorators import log
from server.dialects.base import Dialect
from server.flow import Throttle
from server.people import Session
from server.states import Life, Move, moved

if TYPE_CHECKING:
    from server.acceptor import Acceptor
    from server.dialects.web import Doorkeeper
    from server.secure_socket import SecureSocket

__all__ = ["Connection"]


class Connection:
    """What belongs to one socket. The loop reads and writes; nothing here does.

    Times are monotonic seconds. `owed` is what the socket has not taken yet; `timer`
    is when the loop looks at this connection again, `secured_by` when a TLS handshake
    that is under way must be over. It was counted in by `acceptor`, if by any; a
    `doorkeeper` hears the first words before the dialect; behind the goodbye so many
    bytes were `drained`. Where it `is_broken` nothing can be written any more, but what
    was said before is still read.
    """

    __slots__ = (
        "acceptor",
        "address",
        "at_eof",
        "deadline",
        "dialect",
        "doorkeeper",
        "drained",
        "heard",
        "is_broken",
        "life",
        "log_label",
        "mask",
        "opened",
        "owed",
        "probed",
        "probes",
        "secured_by",
        "session",
        "sock",
        "throttle",
        "timer",
    )

    @log
    def __init__(
        self,
        sock: socket.socket,
        address: Label,
        label: Label,
        dialect: Dialect,
        throttle: Throttle | None,
        now: float,
    ) -> None:
        self.sock: socket.socket | SecureSocket = sock
        self.address = address
        self.dialect = dialect
        self.doorkeeper: Doorkeeper | None = None
        self.throttle = throttle
        self.session: Session
        self.life = Life.SIGNING_IN
        self.log_label = label
        self.opened = self.heard = now
        self.deadline: float | None = None
        self.timer: float | None = None
        self.secured_by: float | None = None
        self.probed = 0.0
        self.probes = 0
        self.drained = 0
        self.mask = 0
        self.owed: bytes | bytearray = b""
        self.at_eof = False
        self.is_broken = False
        self.acceptor: Acceptor | None = None

    @log
    def move(self, move: Move) -> None:
        """Go on in life; raises IllegalTransition and stays where it can't."""
        self.life = moved(self.life, move)

    @log
    def committed(self) -> int:
        """Return how much of `owed` can't be taken back: it is encrypted already."""
        return 0 if isinstance(self.sock, socket.socket) else self.sock.committed

    @log
    def written(self) -> int:
        """Return the last message that the socket has taken, 0 if it is unsure."""
        return 0 if self.owed else self.dialect.written_id
