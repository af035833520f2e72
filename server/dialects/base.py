"""What every dialect can do, and what the loop may ask of it."""

from collections.abc import Sequence
from typing import Protocol

from decorators import log
from server.events import Event, Outgoing

__all__ = ["BaseDialect", "Dialect"]


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
    #: Seconds without more after which what has come is whole: `receive_silence` takes
    #: it then. None while nothing waits for that.
    silence_ends: float | None
    #: Seconds to sign in, where they are others than the limit for all; None: they are
    #: not. 0 is no limit.
    sign_in_seconds: float | None

    def greeting(self, now: float, wall: float) -> bytes:
        """Return what is said to who has just connected, b"" where they speak first."""

    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; return the events it completes, in order."""

    def receive_silence(self) -> Sequence[Event]:
        """Take note that `silence_ends` has passed; return what that completes."""

    def receive_eof(self) -> Sequence[Event]:
        """Take note that nothing more will come; return what that completes."""

    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Take events for the peer; return what may be written now.

        A dialect that leaves pauses returns nothing and says in `next_send_at` when
        there is something: the loop takes one object after the other then.
        """

    def data_to_send(self, now: float) -> bytes:
        """Return what has become due at `next_send_at`."""

    def end_of_object(self, owed: bytes) -> int:
        """Return how much of `owed` is still to be written of the object under way."""


class BaseDialect:
    """What most dialects have in common: objects are lines, and nothing ever waits.

    Who connects speaks first, silence means nothing, and half a line is no request.
    """

    __slots__ = (
        "answers_probes",
        "backlog",
        "has_unread",
        "next_send_at",
        "sign_in_seconds",
        "silence_ends",
        "written_id",
    )

    @log
    def __init__(self) -> None:
        self.answers_probes = False
        self.has_unread = False
        self.next_send_at: float | None = None
        self.backlog = 0
        self.written_id = 0
        self.silence_ends: float | None = None
        self.sign_in_seconds: float | None = None

    @log
    def greeting(self, now: float, wall: float) -> bytes:
        """Return nothing: who connects speaks first."""
        return b""

    @log
    def receive_silence(self) -> Sequence[Event]:
        """Return nothing: silence completes nothing."""
        return ()

    @log
    def receive_eof(self) -> Sequence[Event]:
        """Return nothing: what is not whole is no request."""
        return ()

    @log
    def data_to_send(self, now: float) -> bytes:
        """Return nothing: all was said at once."""
        return b""

    @log
    def end_of_object(self, owed: bytes) -> int:
        """Return how much of `owed` is still to be written of the object under way."""
        return owed.find(b"\n") + 1
