"""Measure texts in a terminal's columns, and keep together what is one letter there.

A letter is a grapheme cluster (UAX #29): a family of emoji, a flag, a letter with its
marks. How wide it is comes from wcwidth.
"""

import functools
from collections.abc import Iterable

__all__ = ["beginning", "cells", "clusters", "most_cells", "padded"]


def clusters(text: str) -> Iterable[str]:
    """Return the letters of `text`, each as a whole."""
    if text.isascii():
        return text
    # Imported late, here and below: a tenth of the time of --help.
    from wcwidth import iter_graphemes

    return iter_graphemes(text)


def cells(text: str) -> int:
    """Return how many columns a harmless text takes where letters stay together."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    # Letter by letter: wcwidth 0.9.4 takes seconds for a long line of flags.
    return sum(max(0, wcswidth(letter)) for letter in clusters(text))


def most_cells(text: str) -> int:
    """Return how many columns a text takes at most.

    Many terminals know no families or skin tones, and draw the parts side by side.
    """
    return len(text) if text.isascii() else sum(map(_most_cells, clusters(text)))


@functools.lru_cache(maxsize=4096)
def _most_cells(letter: str) -> int:
    from wcwidth import wcwidth

    return max(cells(letter), sum(max(0, wcwidth(part)) for part in letter))


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """Return `text` with the spaces that are missing to `columns`, `right` of them."""
    spaces = " " * (columns - cells(text))
    return spaces + text if right else text + spaces


def beginning(text: str, most: int) -> str:
    """Return the first letters of `text`, all that fit into `most` characters."""
    if len(text) <= most or text.isascii():
        return text[:most]
    end = 0
    for letter in clusters(text):
        if end + len(letter) > most:
            break
        end += len(letter)
    return text[:end]
