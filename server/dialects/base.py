"""What every dialect can do, and what the loop may ask of it."""

from collections.abc import Sequence
from typing import Protocol

from server.events import Event, Outgoing

__all__ = ["Dialect"]


class Dialect(Protocol):
    """Turns one connection's bytes into events, and events into bytes.

    Bad input never raises: it becomes a Faulty event. `now` is monotonic seconds,
    `wall` UNIX seconds.
    """

    #: False for peers that do not answer a probe; their silence is left to TCP.
    answers_probes: bool
    #: True when objects of the last read wait: `receive_data(b"")` goes on with them.
    has_unread: bool
    #: When `data_to_send` has more, in monotonic seconds; None when it has nothing.
    next_send_at: float | None
    #: How many objects wait for their time; 0 where nothing ever waits.
    backlog: int
    #: The highest message id of which all has been returned for writing; 0 at first.
    written_id: int

    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; return the events it completes, in order."""

    def receive_eof(self) -> Sequence[Event]:
        """Take note that nothing more will come; return what that completes."""

    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Take events for the peer; return what may be written now."""

    def data_to_send(self, now: float) -> bytes:
        """Return what has become due at `next_send_at`."""

    def end_of_object(self, owed: bytes) -> int:
        """Return how much of `owed` is still to be written of the object under way."""
