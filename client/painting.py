"""Lay a line out in rows of a terminal's width, and colour it."""

from __future__ import annotations

from typing import Final

from client.colours import NameColours
from client.line import Line, Tone
from client.mentions import mark_mentions
from client.wrapping import wrapped
from common.cells import most_cells
from decorators import log

__all__ = ["WHITE_ON_BLACK", "Painting", "rows_of"]

#: How a QR code is painted, whatever colours the terminal has.
WHITE_ON_BLACK: Final = "\x1b[97;40m"
_BOLD, _DIM, _RED, _END = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[0m"
_REVERSE: Final = "\x1b[7m"
_COLOURS: Final = {Tone.MARK: _DIM, Tone.TROUBLE: _RED}


class Painting:
    """The colours of one screen; what it paints was made harmless before."""

    @log
    def __init__(self, *, colours: bool) -> None:
        """Without `colours` put nothing before or behind what is painted."""
        self._colours = colours
        self._name_colours = NameColours()

    @log
    def painted(self, text: str, colour: str) -> str:
        """Return a text with the escape sequence of a colour before it."""
        return f"{colour}{text}{_END}" if self._colours and colour and text else text

    @log
    def laid_out(self, line: Line, columns: int) -> str:
        """Return a line in rows of at most `columns`, with its colours."""
        head = wrapped(f"{line.head} ", columns) if line.head else ""
        mark = f" {line.mark}" if line.mark else ""
        used = most_cells(head.rpartition("\n")[2])
        text = wrapped(line.text + mark, columns, used)
        if mark and text.endswith(mark):
            text = text.removesuffix(mark) + self.painted(mark, _DIM)
        if line.me:
            text = mark_mentions(text, line.me, lambda one: self.painted(one, _REVERSE))
        colour = _COLOURS.get(line.tone, "")
        return self._head(head, line.who) + self.painted(text, colour)

    @log
    def fits(self, line: Line, columns: int) -> bool:
        """Tell whether no row has to be broken by the terminal, as an address has."""
        rows = wrapped(f"{line.head} {line.text}", columns).split("\n")
        return max(map(most_cells, rows)) <= columns

    @log
    def _head(self, head: str, who: str) -> str:
        """Return a head in bold, and the name in it in the colour of that name."""
        before, name, behind = head.rpartition(who) if who else (head, "", "")
        colour = _BOLD + self._name_colours.of(who) if name else ""
        painted = self.painted(before, _BOLD) + self.painted(name, colour)
        return painted + self.painted(behind, _BOLD)


@log
def rows_of(text: str) -> int:
    """Return how many rows a text takes that is laid out."""
    return text.count("\n") + 1
