"""Share the bytes of an hour among the kinds of lines of a log, and count the rest.

So that no kind, however many can cause it, pushes out what the log is kept for.
"""

import math
import re
import time

__all__ = ["Budget"]

_HOUR_SECONDS = 3600.0
# Kinds come from our own code, which has some fifty.
_MOST_KINDS = 200
_VALUE = re.compile(r"%[-0-9.]*[a-z]")


class Budget:
    """Knows how much each kind of line may still write in the running hour.

    A kind is the format that a record was made with: all `signed in: %s` are one.
    """

    def __init__(self, hourly_bytes: int) -> None:
        #: When sums are due, in seconds of the monotonic clock; never without any.
        self.due_at = math.inf
        self._hourly_bytes = hourly_bytes
        self._ends = time.monotonic() + _HOUR_SECONDS
        self._used: dict[str, int] = {}
        self._skipped: dict[str, int] = {}

    def admits(self, kind: object, size: int) -> bool:
        """Count a line of `size` bytes; tell whether it is to be written."""
        if time.monotonic() >= self._ends and self.due_at == math.inf:
            self._begin()
        name = str(kind)
        if name not in self._used and len(self._used) >= _MOST_KINDS:
            name = "others"
        used = self._used.get(name, 0) + size
        if used > self._hourly_bytes:
            self._skipped[name] = self._skipped.get(name, 0) + 1
            self.due_at = self._ends
            return False
        self._used[name] = used
        return True

    def take_sums(self) -> list[str]:
        """Return a sentence for each kind that had lines too many; begin anew."""
        skipped, self._skipped = self._skipped, {}
        self._begin()
        return [
            f"and {count} more within the hour of: {_VALUE.sub('…', kind)}"
            for kind, count in skipped.items()
        ]

    def _begin(self) -> None:
        self._used.clear()
        self._ends = time.monotonic() + _HOUR_SECONDS
        self.due_at = math.inf
