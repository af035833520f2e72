"""Nothing to hear and nothing to say: while a TLS handshake is under way.

Plain words would only break it; who is sent away then finds the connection closed.
"""

from collections.abc import Sequence

from decorators import log
from server.dialects.base import BaseDialect
from server.events import Event, Outgoing

__all__ = ["SilentDialect"]


class SilentDialect(BaseDialect):
    """The dialect of a connection that has no words yet."""

    __slots__ = ()

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Return nothing: these are no words."""
        return ()

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return nothing, not even a goodbye."""
        return b""

    @log
    def end_of_object(self, owed: bytes) -> int:
        """Return the whole: no objects are written here."""
        return len(owed)
