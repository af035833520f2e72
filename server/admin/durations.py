"""How long something lasts, as people type it: 30m, 2h, 3d, 1w; and as we say it."""

import re

from decorators import log

__all__ = ["seconds_of", "spoken"]

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FORM = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhdw]?)")


@log
def seconds_of(text: str) -> float:
    """Return the seconds; raises ValueError with a sentence."""
    found = _FORM.fullmatch(text.strip().lower())
    if found is None or not float(found[1]):
        raise ValueError("a time is a number and a unit: 30m, 2h, 3d or 1w")
    return float(found[1]) * _UNITS[found[2]]


@log
def spoken(seconds: float) -> str:
    """Return a time in the largest unit that it is a whole number of: 2 h."""
    units = ((unit, size) for unit, size in reversed(_UNITS.items()) if unit)
    unit, size = next((one for one in units if not seconds % one[1]), ("s", 1))
    return f"{seconds / size:g} {'min' if unit == 'm' else unit}"
