"""Take new connections, count them, and know which are one too many."""

import contextlib
import errno
import logging
import os
import socket
from typing import NamedTuple

from common.addresses import is_loopback
from common.limits import Limits
from common.names import Label
from decorators import log
from errors import RequestError, TooMany

__all__ = ["Acceptor", "Newcomer"]

_ACCEPTS_A_TURN = 64
# Above the limit so many more are held for as long as it takes to tell them no.
_REFUSED_AT_ONCE = 64
_OUT_OF_DESCRIPTORS = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
)
_NO_ROOM = (
    b'{"response":500,"error":"the server has no free descriptor for one more '
    b'connection; try again later"}\n'
)

_logger = logging.getLogger("server.acceptor")


class Newcomer(NamedTuple):
    """A new connection; `refusal` says why it must be told goodbye at once."""

    sock: socket.socket
    address: Label
    refusal: RequestError | None


class Acceptor:
    """Accepts from one listening socket; call `forget` when a connection is gone."""

    @log
    def __init__(self, listener: socket.socket, limits: Limits) -> None:
        self.listener = listener
        self._limits = limits
        self._connections = 0
        self._by_address: dict[str, int] = {}
        # Given up for a moment when descriptors run out, to tell the next one no.
        self._spare = _open_spare()

    @log
    def accept(self) -> tuple[list[Newcomer], bool]:
        """Return the newcomers of this turn, and whether accepting must pause."""
        newcomers: list[Newcomer] = []
        for _ in range(_ACCEPTS_A_TURN):
            try:
                sock, peer = self.listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                break
            except OSError as error:
                # Errors of the network come this way as well (accept(2)).
                _logger.warning("no connection can be taken: %s", error.strerror)
                if error.errno in _OUT_OF_DESCRIPTORS:
                    self._turn_some_away()
                return newcomers, True
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            newcomers += self._count_in(sock, Label(str(peer[0])))
        return newcomers, False

    @log
    def _count_in(self, sock: socket.socket, address: Label) -> list[Newcomer]:
        refusal = self._refusal(address)
        most = self._limits.connections
        if most and self._connections >= most + _REFUSED_AT_ONCE:
            sock.close()
            return []
        self._connections += 1
        self._by_address[address] = self._by_address.get(address, 0) + 1
        return [Newcomer(sock, address, refusal)]

    @log
    def _refusal(self, address: Label) -> RequestError | None:
        limits = self._limits
        if limits.connections and self._connections >= limits.connections:
            return TooMany("connections to this server", limits.connections)
        most = limits.connections_per_address
        if (
            most
            and not is_loopback(address)
            and self._by_address.get(address, 0) >= most
        ):
            return TooMany("connections from your address", most)
        return None

    @log
    def forget(self, address: Label) -> None:
        """Count a connection out."""
        self._connections -= 1
        left = self._by_address[address] - 1
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]

    @log
    def _turn_some_away(self) -> None:
        """Tell those in line, one after the other, that no descriptor is left."""
        self._give_up_spare()
        # It ends when nobody is left, or somebody else took the descriptor.
        with contextlib.suppress(OSError):
            for _ in range(_ACCEPTS_A_TURN):
                sock, _ = self.listener.accept()
                with sock:
                    sock.setblocking(False)
                    sock.send(_NO_ROOM)
        self._spare = _open_spare()

    @log
    def close(self) -> None:
        """Take no more connections."""
        self.listener.close()
        self._give_up_spare()

    @log
    def _give_up_spare(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None


@log
def _open_spare() -> int | None:
    try:
        return os.open(os.devnull, os.O_RDONLY)
    except OSError:
        return None  # another process was faster; the next time, perhaps
