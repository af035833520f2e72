"""Where `read` puts what it reads: standard output and the history file."""

from __future__ import annotations

import sys

from client.rows import KeptMessage
from client.scripts.history_file import HistoryFile
from client.scripts.lines import json_line, text_line
from decorators import log

__all__ = ["Output"]


class Output:
    """Where messages go: standard output, and a history file if there is one."""

    @log
    def __init__(self, history: HistoryFile | None, *, as_json: bool = False) -> None:
        self._history = history
        self._as_json = as_json

    @log
    def write(
        self, rows: list[KeptMessage], last: int | None = None, shown_above: int = 0
    ) -> None:
        """Write down what is new to the file, then show what is above an id.

        With `rows` everything up to `last` is told, where there are ids. Raises
        ProgramError and OSError.
        """
        if self._history is not None:
            kept = self._history.position.last
            new = [
                text_line(one)
                for one in rows
                if not one.message_id or kept is None or one.message_id > kept
            ]
            if last is not None and kept is not None:
                last = max(last, kept)
            self._history.append(new, last)
        lines = [
            json_line(one) if self._as_json else text_line(one)
            for one in rows
            if not one.message_id or one.message_id > shown_above
        ]
        if lines:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()
