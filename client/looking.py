"""Tell which rows of a terminal somebody has looked at.

Printed is not read: nobody may sit before the terminal, and what has left it upwards is
in nobody's view. A key that is pressed shows that somebody looks, at what is on the
screen then; a terminal that reports its focus shows it also while no key is pressed.
"""

from __future__ import annotations

from collections import deque

from client.line import Seen
from decorators import log

__all__ = ["Looking"]

# More messages are on no screen.
_MOST_SHOWN = 10_000


class Looking:
    """The rows that a terminal has been given, counted from the first."""

    @log
    def __init__(self) -> None:
        """Begin with an empty screen that nobody is known to look at."""
        #: Whether the terminal says that it is the one that is typed into.
        self.focused = False
        self._rows = 0
        self._shown: deque[tuple[int, Seen]] = deque(maxlen=_MOST_SHOWN)

    @log
    def show(self, rows: int, seen: Seen | None = None) -> None:
        """Note that rows were printed; the last of them ends a message, if any."""
        self._rows += rows
        if seen is not None:
            self._shown.append((self._rows, seen))

    @log
    def clear(self) -> None:
        """Note that the screen was emptied: what was on it can't be looked at."""
        self._shown.clear()

    @log
    def look(self, window_rows: int) -> list[Seen]:
        """Return the messages that are on a screen of so many rows, each once.

        What has left it is looked at by nobody any more.
        """
        first = self._rows - window_rows
        seen = [one for row, one in self._shown if row > first]
        self._shown.clear()
        return seen
