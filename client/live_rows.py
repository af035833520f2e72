"""Keep our last rows where they can still be changed: right above the prompt.

A terminal scrolls what is printed out of our reach. So a row of ours is painted with
the line being typed for as long as nothing else is printed, and its mark is changed in
place.
"""

from __future__ import annotations

from client.line import Line
from decorators import log

__all__ = ["LiveRows"]

# More would push what others say off a small screen.
_MOST_LIVE = 5


class LiveRows:
    """The rows of ours that are not printed yet, the oldest first."""

    @log
    def __init__(self) -> None:
        self._rows: dict[int, Line] = {}

    @property
    @log
    def rows(self) -> list[Line]:
        """What is to be painted above the prompt."""
        return list(self._rows.values())

    @log
    def takes(self, line: Line) -> bool:
        """Take a new row or a changed one; tell whether it is among the live ones."""
        if line.new or line.key in self._rows:
            self._rows[line.key] = line
            return True
        return False

    @log
    def take_oldest(self) -> list[Line]:
        """Return what is to be printed because there are too many."""
        rows = self.rows[:-_MOST_LIVE]
        for row in rows:
            del self._rows[row.key]
        return rows

    @log
    def take_all(self) -> list[Line]:
        """Return all of them, to be printed before something else is."""
        rows = self.rows
        self._rows.clear()
        return rows
