"""Moments as people read them, in local time."""

from __future__ import annotations

import time

from decorators import log

__all__ = ["clock_time", "day_of", "moment"]

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
def _written(form: str, when: float) -> str:
    """Return a moment in some form, "" for one that no calendar holds."""
    try:
        return time.strftime(form, time.localtime(when))
    except (OverflowError, ValueError, OSError):
        return ""
