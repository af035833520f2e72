"""Break what is told to people where their terminal is narrow, but never a command."""

import os
import textwrap
from collections.abc import Iterable
from typing import TextIO

__all__ = ["wrapped"]


def wrapped(rows: Iterable[str], stream: TextIO) -> list[str]:
    """Return the rows for the terminal that `stream` is, if it is one.

    A sentence is broken at its words; what is indented is a command, or something else
    to be copied, and stays whole, for a terminal that breaks it itself copies it whole.
    """
    width = _width_of(stream)
    if not width:
        return list(rows)
    broken: list[str] = []
    for row in rows:
        if row.startswith(" "):
            broken.append(row)
        else:
            broken += textwrap.wrap(
                row, width, break_long_words=False, break_on_hyphens=False
            )
    return broken


def _width_of(stream: TextIO) -> int:
    """Return how many columns a terminal has; 0 where it is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0
