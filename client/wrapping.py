"""Long lines broken at the window's width, by us and not by the terminal.

What a terminal breaks goes on in its first column, where another message could begin:
with spaces up to there somebody's text would pass for a line of somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.cells import clusters, most_cells
from decorators import log

__all__ = ["INDENT", "wrapped"]

#: Before every row of a line but its first, so that none can pass for another line.
INDENT = " " * 6
_FEWEST_COLUMNS = 4
# Of what looks like no space, so that a terminal may break it: it copies whole then.
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]{1,20}://[!-~]+)", re.IGNORECASE)


@log
def wrapped(text: str, columns: int, used: int = 0) -> str:
    """Return `text` in rows of at most `columns`; all but the first are indented.

    `used` columns of the first row are taken. Newlines of the text stay. Rows are
    broken behind a space, unless the word behind it is too long for a row; nowhere
    within a letter, nor within an address: what is pasted elsewhere has no blanks.
    """
    columns = max(columns, len(INDENT) + _FEWEST_COLUMNS)
    rows: list[str] = []
    for number, line in enumerate(text.split("\n")):
        rows += _rows_of(line, columns, len(INDENT) if number else used)
    return f"\n{INDENT}".join(rows)


@log
def _rows_of(line: str, columns: int, used: int) -> list[str]:
    rows = []
    room = columns - len(INDENT)
    start, space, behind_space, place = 0, 0, 0, 0
    for part, width in _parts_of(line):
        if used + width > columns:
            word = used - behind_space + width
            if space > start and word <= room:
                rows.append(line[start:space])
                start, used = space, len(INDENT) + word - width
            elif width <= room:
                rows.append(line[start:place])
                start, used = place, len(INDENT)
            else:  # the terminal breaks it, and no space before it counts any more
                used, space = (used + width - 1) % columns + 1 - width, start
        used += width
        place += len(part)
        if part == " ":
            space, behind_space = place, used
    return [*rows, line[start:]]


@log
def _parts_of(line: str) -> Iterator[tuple[str, int]]:
    """Return what is not to be broken, and the columns that it takes."""
    for number, text in enumerate(_ADDRESS.split(line)):
        if number % 2:
            yield text, len(text)
        else:
            for letter in clusters(text):
                yield letter, most_cells(letter)
