"""Long lines broken at the window's width, by us and not by the terminal.

What a terminal breaks goes on in its first column, where another message could begin:
with spaces up to there somebody's text would pass for a line of somebody else's.
"""

from __future__ import annotations

from prompt_toolkit.utils import get_cwidth

from decorators import log

__all__ = ["INDENT", "wrapped"]

#: Before every row of a line but its first, so that none can pass for another line.
INDENT = " " * 6
_FEWEST_COLUMNS = 2
# Asks for the wide form of the character before it; its own width counts as none.
_EMOJI_FORM = "\ufe0f"


@log
def wrapped(text: str, columns: int, used: int = 0) -> str:
    """Return `text` in rows of at most `columns`; all but the first are indented.

    `used` columns of the first row are taken. Newlines of the text stay. Rows are
    broken behind a space, unless the word behind it is too long for a row.
    """
    columns = max(columns, len(INDENT) + _FEWEST_COLUMNS)
    rows: list[str] = []
    for number, line in enumerate(text.split("\n")):
        rows += _rows_of(line, columns, len(INDENT) if number else used)
    return f"\n{INDENT}".join(rows)


@log
def _rows_of(line: str, columns: int, used: int) -> list[str]:
    rows = []
    start, space, behind_space = 0, 0, 0
    for place, character in enumerate(line):
        width = get_cwidth(character)
        if width == 1 and line[place + 1 : place + 2] == _EMOJI_FORM:
            width = 2
        if used + width > columns:
            word = used - behind_space
            fits = space > start and len(INDENT) + word + width <= columns
            end = space if fits else place
            rows.append(line[start:end])
            used = len(INDENT) + (word if fits else 0)
            start = end
        used += width
        if character == " ":
            space, behind_space = place + 1, used
    return [*rows, line[start:]]
