"""Compute the skeletons of names by UTS #39, over its table of confusables."""

import functools
import re
import unicodedata

from common.names import fold

__all__ = ["skeletons"]

# Draw nothing: where they are allowed they only change the letters beside them.
_UNSEEN = re.compile("[\u180b-\u180f\u200c\u200d]")
_FIRST_TO_LEFT = "\u0590"  # the first block of a script that goes to the left
_TO_LEFT = frozenset(("R", "AL"))  # classes of UAX #9
_NUMBERS = frozenset(("EN", "AN"))


def skeletons(name: str) -> frozenset[str]:
    """Return what `name` looks like; names that share one look alike.

    There are several, because upper and lower case are one name and looks know nothing
    of that: a Greek capital Eta looks like H, its small form like n. They are the looks
    of the form in which names are compared, and those of the spelling (a lunate sigma
    looks like c, and is compared as a sigma), brought into that form.
    """
    plain = _UNSEEN.sub("", name)
    spellings = {plain, unicodedata.normalize("NFKC", plain)}
    forms = {fold(name)}
    for spelling in spellings:
        forms.update(map(fold, _skeletons(spelling)))
    return frozenset(look for form in forms for look in _skeletons(form))


def _skeletons(text: str) -> set[str]:
    """Return the skeletons of `text` where lines go to the right and to the left."""
    if text.isascii():
        return {text.translate(_prototypes())}
    return {
        unicodedata.normalize("NFD", shown.translate(_prototypes()))
        for shown in _as_shown(unicodedata.normalize("NFD", text))
    }


def _as_shown(text: str) -> set[str]:
    """Return `text` in the orders in which it is shown, from left to right.

    Letters that go to the left are turned round, with their marks behind them and
    numbers as they are; which of several such parts is first hangs on the line's own
    direction (UAX #9, for what names hold).
    """
    if max(text) < _FIRST_TO_LEFT:
        return {text}
    parts: list[str] = []
    part: list[str] = []
    to_left = False
    before = ""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if part and (kind == "NSM" or kind == before in _NUMBERS):
            part[-1] += character
            continue
        if kind == "L" or kind in _TO_LEFT:
            if to_left != (kind in _TO_LEFT):
                parts.append("".join(reversed(part) if to_left else part))
                part = []
            to_left = kind in _TO_LEFT
        part.append(character)
        before = kind
    parts.append("".join(reversed(part) if to_left else part))
    return {"".join(parts), "".join(reversed(parts))}


@functools.cache
def _prototypes() -> dict[int, str]:
    """Return by its code what each character looks like that looks like another one."""
    # Imported late: few programs compare looks.
    from common.confusables import CONFUSABLES

    table: dict[int, str] = {}
    for line in CONFUSABLES.split("\n")[1:-1]:
        looks, _, others = line.partition(": ")
        prototype = "".join(chr(int(code, 16)) for code in looks.split())
        table.update((int(code, 16), prototype) for code in others.split())
    return table
