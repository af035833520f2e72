"""Mark the days that begin while somebody watches."""

from __future__ import annotations

from client.line import Line, Tone
from client.times import day_of
from decorators import log

__all__ = ["Days"]


class Days:
    """The day that the rows of a screen are of; moments in UNIX seconds."""

    @log
    def __init__(self, now: float) -> None:
        """Begin today: nothing is said of it."""
        self._day = day_of(now)

    @log
    def pass_to(self, now: float) -> list[Line]:
        """Return the row that stands before what is said from `now` on, if any."""
        day = day_of(now)
        if day == self._day:
            return []
        self._day = day
        return [Line(Tone.TALK, f"— {day} —")]
