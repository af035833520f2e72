"""`read` at a MineChat server: a line a message, for as long as somebody listens."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from client.line_source import LineSplitter
from client.rows import KeptMessage
from client.scripts.arguments import ReadArguments
from client.scripts.history_file import HistoryFile
from client.scripts.output import Output
from client.scripts.talk import complain
from client.stream import open_stream, place
from client.way import hang_up
from common.names import ALL
from decorators import log
from errors import ExitCode, Unreachable
from log_config.loader import flush

__all__ = ["read_minechat"]

_READ_BYTES = 64 * 1024
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0


@log
async def read_minechat(given: ReadArguments) -> ExitCode:
    """Read until it is stopped; raises ProgramError and OSError.

    What is said while there is no connection is lost: this protocol has no ids.
    """
    path = given.settings.history
    history = HistoryFile(Path(path), keeps_state=False) if path else None
    listener = _Listener(given, Output(history, as_json=given.as_json))
    try:
        await listener.run()
    finally:
        if history is not None:
            history.close()
    return ExitCode.DONE


class _Listener:
    """One run of `read`, over as many connections as it takes."""

    @log
    def __init__(self, given: ReadArguments, output: Output) -> None:
        self._given = given
        self._output = output
        self._was_in = False
        self._pause = _FIRST_PAUSE_SECONDS

    @log
    async def run(self) -> None:
        """Listen for ever; raises Unreachable where the server was never there."""
        while True:
            try:
                await self._listen()
            except Unreachable as problem:
                if not self._was_in:
                    raise
                if self._pause == _FIRST_PAUSE_SECONDS:
                    complain(f"{problem}; trying again")
            flush("client")
            await asyncio.sleep(self._pause * random.uniform(0.8, 1.2))
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)

    @log
    async def _listen(self) -> None:
        """Listen on one connection until it ends; raises Unreachable."""
        settings = self._given.settings
        where = place(settings.host, settings.read_port)
        reader, writer = await open_stream(
            settings.host, settings.read_port, settings.timeout
        )
        if self._was_in:
            complain("connected again")
        self._was_in = True
        splitter = LineSplitter()
        try:
            while data := await _read(reader):
                self._pause = _FIRST_PAUSE_SECONDS
                self._tell([str(line) for line in splitter.receive_data(data)])
                flush("client")
            # Better half of a message than none of it.
            self._tell([str(line) for line in splitter.receive_eof()])
        finally:
            await hang_up(writer)
        raise Unreachable(f"the connection to {where} is lost")

    @log
    def _tell(self, lines: list[str]) -> None:
        now = time.time()
        rows = [_row(line, now) for line in lines if line.strip()]
        self._output.write([one for one in rows if self._given.wanted.holds(one)])


@log
async def _read(reader: asyncio.StreamReader) -> bytes:
    """Return what came; nothing when the connection is gone, however it went."""
    try:
        return await reader.read(_READ_BYTES)
    except OSError:
        return b""


@log
def _row(line: str, now: float) -> KeptMessage:
    """Return a line `name: text` as a message; some lines have no name."""
    name, colon, text = line.partition(": ")
    if not colon:
        name, text = "", line
    return KeptMessage(0, now, name, ALL, text)
