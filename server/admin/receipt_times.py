"""Look up in receipts.log when devices got and people read a message.

The database knows that, not when. A line of the log tells of all that a second has
brought: `at 1767225600.123 got 7:4721 3:4720 read 12/3:4721`, where device 7 has all up
to message 4721, and the person 12 has read the conversation 3 up to there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from decorators import log

__all__ = ["receipt_times"]

_LINE = re.compile(r"\bat (\d+\.\d+) got ([\d: ]*)read ([\d/: ]*)")


@log
def receipt_times(
    folder: Path, message_id: int, since: float, wanted: set[str]
) -> dict[str, float]:
    """Return by when each of `wanted` had come to the message, where that is known.

    One of them is a device as `7`, or a reader of a conversation as `12/3`; `since` is
    when the message was stored. Times are UNIX seconds.
    """
    found: dict[str, float] = {}
    for when, positions in _positions(folder, since):
        for who, upto in positions:
            if who in wanted and who not in found and int(upto) >= message_id:
                found[who] = when
        if len(found) == len(wanted):
            break
    return found


@log
def _positions(
    folder: Path, since: float
) -> Iterator[tuple[float, list[tuple[str, str]]]]:
    """Yield what the lines say that are not older, the oldest first."""
    for path in sorted(folder.glob("receipts.log*"), key=_age, reverse=True):
        try:
            if path.stat().st_mtime < since:
                continue
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    match = _LINE.search(line)
                    if match is not None and float(match[1]) >= since:
                        words = f"{match[2]} {match[3]}".split()
                        yield (
                            float(match[1]),
                            [(who, upto) for who, _, upto in map(_parted, words)],
                        )
        except OSError:
            continue  # rotated away, or somebody else's: then the time is not known


@log
def _parted(word: str) -> tuple[str, str, str]:
    return word.partition(":")


@log
def _age(path: Path) -> int:
    """Return 0 for the file that is written, and more for those before it."""
    number = path.suffix.lstrip(".")
    return int(number) if number.isdecimal() else 0
