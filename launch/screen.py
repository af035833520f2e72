"""The launcher's own terminal: data on stdout, talk on stderr, and the prompt."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from decorators import log
from log_config.wrapped import wrapped

__all__ = ["Screen"]

_PROMPT = "launcher> "
_BOLD, _RED, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"
_ERASE_LINE = "\r\x1b[K"


class Screen:
    """Shows lines, which have to be safe already, around a prompt if there is one."""

    @log
    def __init__(self, *, prompts: bool) -> None:
        """Decide by the terminals and the environment; `prompts` asks for a prompt."""
        self.prompts = prompts
        self._prompt_stands = False
        obeys = sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "", None)
        self._erase = _ERASE_LINE if obeys else "\n"
        self._colours = obeys and not os.environ.get("NO_COLOR")

    @log
    def show(self, line: str) -> None:
        """Write a line of data."""
        self._write(sys.stdout, line)

    @log
    def tell(self, line: str) -> None:
        """Write a line of talk."""
        self._write(sys.stderr, line)

    @log
    def warn(self, line: str) -> None:
        """Write a line of talk about something that went wrong."""
        self.tell(f"{_RED}{line}{_PLAIN}" if self._colours else line)

    @log
    def head(self, line: str) -> None:
        """Write a line of talk as a heading."""
        self.tell(f"{_BOLD}{line}{_PLAIN}" if self._colours else line)

    @log
    def advise(self, rows: Sequence[str]) -> None:
        """Write what to do next: sentences, and indented commands."""
        for row in wrapped(rows, sys.stderr):
            self.tell(row)

    @log
    def ask(self) -> None:
        """Write the prompt; lines that come while it stands go above it."""
        if self.prompts and not self._prompt_stands:
            _put(sys.stderr, _PROMPT)
            self._prompt_stands = True

    @log
    def note_line_typed(self) -> None:
        """Note that the person has ended the prompt's line."""
        self._prompt_stands = False

    @log
    def _write(self, stream: TextIO, line: str) -> None:
        if self._prompt_stands:
            # What the person has typed up to now stays with the terminal.
            _put(sys.stderr, self._erase)
        _put(stream, f"{line}\n")
        if self._prompt_stands:
            _put(sys.stderr, _PROMPT)


@log
def _put(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        # Whoever read it is gone (`| head`, a closed window). What runs goes on, and
        # nothing may be left for the interpreter to complain about at the end.
        with contextlib.suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
