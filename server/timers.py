"""When to look at which connection again: a heap of times, one live entry each."""

import heapq
from itertools import count

from decorators import log
from server.connection import Connection
from server.states import Life

__all__ = ["Timers"]

# A crowd that came at once falls silent at once: it must not hold up the others.
_MOST_AT_ONCE = 32


class Timers:
    """Remembers for each connection the next moment at which something may be due.

    Nothing is ever taken out of the middle: an entry that was overtaken by an earlier
    one, or whose connection is closed, is passed over when its time comes.
    """

    @log
    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Connection]] = []
        self._order = count()  # so that equal times never compare connections

    @log
    def look_again(self, connection: Connection, when: float) -> None:
        """Have `due` return the connection at `when`, or before."""
        if connection.timer is None or when < connection.timer:
            connection.timer = when
            heapq.heappush(self._heap, (when, next(self._order), connection))

    @log
    def next_due(self) -> float | None:
        """Return when the next entry is due; None if there is none."""
        return self._heap[0][0] if self._heap else None

    @log
    def due(self, now: float) -> list[Connection]:
        """Return connections whose time has come, not all at once if they are many."""
        heap = self._heap
        due: list[Connection] = []
        while heap and heap[0][0] <= now and len(due) < _MOST_AT_ONCE:
            when, _, connection = heapq.heappop(heap)
            if connection.timer == when and connection.life is not Life.CLOSED:
                connection.timer = None
                due.append(connection)
        return due
