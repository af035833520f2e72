"""The launcher's commands: a letter and Enter."""

from __future__ import annotations

import asyncio
import enum
from typing import Final

from client.line_source import LineSource
from common.cells import beginning
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProgramError
from launch.fleet import Fleet
from launch.screen import Screen

__all__ = ["Key", "Menu", "read_key"]

_EXCERPT_CHARACTERS = 20


class Key(enum.Enum):
    """What can be typed."""

    START = "start the server and the clients"
    CLOSE = "close them all"
    LIST = "list what runs"
    QUIT = "close them all and leave"
    HELP = "show these lines"


_KEYS: Final = {
    "s": Key.START,
    "x": Key.CLOSE,
    "l": Key.LIST,
    "q": Key.QUIT,
    "h": Key.HELP,
}
_WORDS: Final = {
    "start": Key.START,
    "close": Key.CLOSE,
    "list": Key.LIST,
    "quit": Key.QUIT,
    "exit": Key.QUIT,
    "help": Key.HELP,
    "?": Key.HELP,
}


@log
def read_key(line: str) -> Key | None:
    """Return what a line asks for; None if that is nothing we know."""
    word = line.strip().lower()
    return _KEYS.get(word) or _WORDS.get(word)


class Menu:
    """Reads lines and does what they say, one after the other."""

    @log
    def __init__(self, fleet: Fleet, screen: Screen, lines: LineSource) -> None:
        self._fleet = fleet
        self._screen = screen
        self._lines = lines
        self._ended = asyncio.Event()
        self._exit_code: int = ExitCode.DONE
        fleet.on_end = self._ended.set

    @log
    async def run(self, *, start: bool) -> int:
        """Obey until `q` or the end of input; return the exit code.

        With `start` the first thing is to start; where no line comes at all, as
        without a terminal, the clients then decide when it is over.
        """
        if self._screen.prompts:
            self._help()
        if start:
            await self._obey(Key.START)
        lines = 0
        while True:
            self._screen.ask()
            line = await self._lines.next_line()
            self._screen.note_line_typed()
            if line is None:
                break
            lines += 1
            text = line if isinstance(line, str) else ""
            if isinstance(line, str) and not text.strip():
                continue
            key = read_key(text)
            if key is Key.QUIT:
                break
            if key is None:
                self._complain(text)
            else:
                await self._obey(key)
        if self._screen.prompts and line is None:
            # Ctrl-D leaves the cursor behind the prompt.
            self._screen.tell("")
        if line is None and not self._screen.prompts:
            # A demo ends by itself, and its result is what was asked for.
            self._exit_code = self._exit_code or await self._fleet.wait_for_demo()
            if start and not lines:
                await self._wait_for_clients()
        # Somebody at a terminal has seen what went wrong; a script asks the code.
        return ExitCode.DONE if self._screen.prompts else self._exit_code

    @log
    async def _wait_for_clients(self) -> None:
        while self._fleet.has_clients:
            self._ended.clear()
            await self._ended.wait()

    @log
    async def _obey(self, key: Key) -> None:
        try:
            match key:
                case Key.START:
                    await self._fleet.start()
                case Key.CLOSE:
                    some = bool(self._fleet.table())
                    await self._fleet.close()
                    self._screen.tell("all closed" if some else "nothing runs")
                case Key.LIST:
                    self._list()
                case Key.HELP:
                    self._help()
        except ProgramError as error:
            self._exit_code = error.exit_code
            self._screen.warn(str(error))

    @log
    def _list(self) -> None:
        lines = self._fleet.table()
        if not lines:
            self._screen.tell("nothing runs; s starts it")
        for line in lines:
            self._screen.show(line)

    @log
    def _help(self) -> None:
        for letter, key in _KEYS.items():
            self._screen.tell(f"  {letter}  {key.value}")

    @log
    def _complain(self, line: str) -> None:
        self._exit_code = ExitCode.REFUSED
        shown = visible(beginning(line.strip(), _EXCERPT_CHARACTERS))
        self._screen.warn(f"'{shown}' is no command here; type s, x, l, q or h")
