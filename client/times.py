"""Moments and durations as people read and write them; moments in local time."""

from __future__ import annotations

import re
import time
from typing import Final

from decorators import log

__all__ = [
    "DURATION",
    "ago",
    "clock_time",
    "day_of",
    "lasting",
    "moment",
    "said_at",
    "seconds_of",
]

#: How a duration may be written: 10m, 2h, 3d, 2 weeks.
DURATION: Final = (
    r"[1-9][0-9]{0,4} ?(?:m|min|minutes?|h|hours?|d|days?|w|weeks?)(?![^\s])"
)
_READ: Final = re.compile(r"([0-9]+) ?([mhdw])", re.IGNORECASE)
_SECONDS: Final = {"m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
# Further back the day itself says more than how long ago it was.
_MOST_DAYS_AGO = 30
_NO_DAY = "????-??-??"
_NO_TIME = "??:??"


@log
def day_of(when: float) -> str:
    """Return the day of a moment in UNIX seconds, as 2026-03-04."""
    return _written("%Y-%m-%d", when) or _NO_DAY


@log
def clock_time(when: float) -> str:
    """Return the time of the day, as 12:34."""
    return _written("%H:%M", when) or _NO_TIME


@log
def moment(when: float, now: float) -> str:
    """Return the time, with its day before it unless that is today."""
    day = _written("%Y-%m-%d", when)
    if not day or day == day_of(now):
        return clock_time(when)
    return f"{day} {clock_time(when)}"


@log
def said_at(when: float, now: float, *, by_day: bool) -> str:
    """Return when something was said, with its day unless that is known.

    Who watches sees the days go by (`by_day`); in a file each line stands alone.
    """
    return moment(when, now) if by_day else f"{day_of(when)} {clock_time(when)}"


@log
def ago(when: float, now: float) -> str:
    """Return how long ago a moment was, as `2 h ago`; a day where that is long ago."""
    passed = now - when
    if passed > _MOST_DAYS_AGO * _DAY:
        return f"on {day_of(when)}"
    if passed >= _DAY:
        return f"{_days(passed)} ago"
    if passed >= _HOUR:
        return f"{int(passed // _HOUR)} h ago"
    if passed >= _MINUTE:
        return f"{int(passed // _MINUTE)} min ago"
    return "just now"


@log
def lasting(seconds: float) -> str:
    """Return a duration as `10 min`, `2 h` or `3 days`."""
    if seconds < _HOUR or seconds % _HOUR:
        return f"{max(1, round(seconds / _MINUTE))} min"
    if seconds < _DAY or seconds % _DAY:
        return f"{int(seconds // _HOUR)} h"
    return _days(seconds)


@log
def _days(seconds: float) -> str:
    days = int(seconds // _DAY)
    return f"{days} day{'' if days == 1 else 's'}"


@log
def seconds_of(duration: str) -> float:
    """Return how long a duration is that matches DURATION."""
    found = _READ.match(duration)
    assert found is not None
    return int(found[1]) * _SECONDS[found[2].lower()]


@log
def _written(form: str, when: float) -> str:
    """Return a moment in some form, "" for one that no calendar holds."""
    try:
        return time.strftime(form, time.localtime(when))
    except (OverflowError, ValueError, OSError):
        return ""
