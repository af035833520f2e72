"""Take new connections, count them, and know which are one too many."""

import contextlib
import errno
import logging
import os
import socket
from typing import NamedTuple

from common.addresses import is_loopback, plain
from common.limits import Limits
from common.names import Label
from decorators import log
from errors import RequestError, TooMany

__all__ = ["Acceptor", "Newcomer", "Tally"]

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


class Tally:
    """How many connections there are, in all and from each address."""

    @log
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._connections = 0
        self._by_address: dict[str, int] = {}

    @property
    @log
    def is_overrun(self) -> bool:
        """Tell whether so many wait for their refusal that no more are told."""
        most = self._limits.connections
        return bool(most) and self._connections >= most + _REFUSED_AT_ONCE

    @log
    def refusal(self, address: Label, *, by_address: bool) -> RequestError | None:
        """Return why one more from there is one too many; None if it is not."""
        limits = self._limits
        if limits.connections and self._connections >= limits.connections:
            return TooMany("connections to this server", limits.connections)
        most = limits.connections_per_address
        if (
            by_address
            and most
            and not is_loopback(address)
            and self._by_address.get(address, 0) >= most
        ):
            return TooMany("connections from your address", most)
        return None

    @log
    def add(self, address: Label, *, by_address: bool) -> None:
        """Count a connection in."""
        self._connections += 1
        if by_address:
            self._by_address[address] = self._by_address.get(address, 0) + 1

    @log
    def remove(self, address: Label, *, by_address: bool) -> None:
        """Count a connection out."""
        self._connections -= 1
        if not by_address:
            return
        left = self._by_address[address] - 1
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]


class Acceptor:
    """Accepts from one listening socket; call `forget` when a connection is gone.

    Several may share a `tally`. Without `by_address` anybody may come as often as they
    like.
    """

    @log
    def __init__(
        self,
        listener: socket.socket,
        limits: Limits,
        tally: Tally | None = None,
        *,
        by_address: bool = True,
    ) -> None:
        self.listener = listener
        self._tally = tally or Tally(limits)
        self._by_address = by_address
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
            newcomers += self._count_in(sock, plain(Label(str(peer[0]))))
        return newcomers, False

    @log
    def _count_in(self, sock: socket.socket, address: Label) -> list[Newcomer]:
        tally, by_address = self._tally, self._by_address
        if tally.is_overrun:
            sock.close()
            return []
        refusal = tally.refusal(address, by_address=by_address)
        tally.add(address, by_address=by_address)
        return [Newcomer(sock, address, refusal)]

    @log
    def forget(self, address: Label) -> None:
        """Count a connection out."""
        self._tally.remove(address, by_address=self._by_address)

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
