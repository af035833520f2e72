"""Sum the calls of turns in which nothing happened: the ticks of an idle loop.

A server that waits makes some thirty calls a second to find that nothing is due. In
full they would fill its log in hours, and push out what somebody may look for.
"""

import math
from collections.abc import Iterable, Iterator

from log_config.lines import Line, Tally

__all__ = ["TICKS_SECONDS", "Ticks"]

#: So long ticks are summed: an idle server's log then grows by a megabyte a day.
TICKS_SECONDS = 600


class Ticks:
    """Knows what is called again and again while nothing happens.

    Of each function and caller the first call is left to be written in full, and so are
    all that fail: what is rare is seen as it is.
    """

    def __init__(self) -> None:
        #: When the sums are due, in seconds of the monotonic clock; never without any.
        self.due_at = math.inf
        self._tallies: dict[tuple[str, str], Tally] = {}
        # Those of the time before are known too: else each would begin in full again.
        self._known: set[tuple[str, str]] = set()

    def sift(self, lines: Iterable[Line], now: float) -> Iterator[Line]:
        """Yield the lines of a quiet turn that are to be written; count the others."""
        for line in lines:
            key = (line.function, line.caller)
            tally = self._tallies.get(key)
            if line.failed or (tally is None and key not in self._known):
                self._known.add(key)
                yield line
                continue
            if not self._tallies:
                self.due_at = now + TICKS_SECONDS
            once = Tally.of(*key, [line.took], 0)
            self._tallies[key] = once if tally is None else tally.with_one(line.took)

    def take(self, now: float) -> tuple[int, list[Tally]]:
        """Return the seconds that were summed with the sums, and begin anew."""
        tallies, self._tallies = self._tallies, {}
        seconds = TICKS_SECONDS - max(0.0, self.due_at - now) if tallies else 0
        self._known, self.due_at = set(tallies), math.inf
        return max(1, round(seconds)), list(tallies.values())
