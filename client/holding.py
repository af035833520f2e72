"""Lines that wait while another program has the terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from client.line import Line
from decorators import log

__all__ = ["Holding"]


class Holding:
    """Holds lines back while `held` lasts; `show` is given them afterwards."""

    @log
    def __init__(self, show: Callable[[Line], None]) -> None:
        self._show = show
        self._holds = False
        self._lines: list[Line] = []

    @log
    def takes(self, line: Line) -> bool:
        """Tell whether a line is held back."""
        if self._holds:
            self._lines.append(line)
        return self._holds

    @contextlib.contextmanager
    @log
    def held(self) -> Iterator[None]:
        """Hold all lines back while the block lasts, and show them then."""
        self._holds = True
        try:
            yield
        finally:
            self._holds = False
            lines, self._lines = self._lines, []
            for line in lines:
                self._show(line)
