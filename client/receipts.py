"""The word to the server that messages have arrived here."""

from __future__ import annotations

from client.encoding import encode_received
from client.memory import Memory
from decorators import log

__all__ = ["Receipts"]

# How often the server is told what we have, at most.
_SECONDS = 1.0


class Receipts:
    """Says now and then up to which message everything has come."""

    @log
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._said = 0
        self._when = 0.0

    @log
    def begin_anew(self) -> None:
        """Forget what was said: it may have been lost with its connection."""
        self._said = 0

    @log
    def maybe_encode(self, now: float) -> bytes:
        """Return the word if it is due at `now`, in UNIX seconds; nothing else."""
        # The lower bound is for a clock that was set back.
        return b"" if 0 <= now - self._when < _SECONDS else self.encode(now)

    @log
    def encode(self, now: float) -> bytes:
        """Return the word if it is news to the server; nothing else."""
        newest = self._memory.newest
        if not self._memory.keeps_history or newest <= self._said:
            return b""
        self._said, self._when = newest, now
        return encode_received(now, newest)
