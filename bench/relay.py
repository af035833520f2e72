"""A relay between a client and a server that cuts connections at a chosen byte."""

import asyncio
import contextlib
import enum
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Break", "Cut", "Relay", "Way"]

_READ_BYTES = 64 * 1024
_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Way(enum.Enum):
    """Which bytes are counted."""

    UP = "client to server"
    DOWN = "server to client"


class Break(enum.Enum):
    """What the two sides see of a cut."""

    CLOSE = "both see the end, behind all bytes that got through"
    RESET = "both see a reset, which may swallow bytes that got through"
    HALF = "the client sees the end; the server hears nothing more, and no end"


class Cut(NamedTuple):
    """Cut when so many bytes (1 or more) have gone that way."""

    way: Way
    after: int
    how: Break


class Relay:
    """Passes connections on to a port of 127.0.0.1; the first ones are cut.

    Each connection takes the next of the `cuts`, None for no cut; later ones are not
    cut. `passed` is how many bytes each connection has passed each way, `done` how many
    cuts were made.
    """

    def __init__(self, target: int, cuts: Iterable[Cut | None] = ()) -> None:
        self.port = 0
        self.passed: list[dict[Way, int]] = []
        self.done = 0
        self._target = target
        self._cuts = iter(cuts)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; `port` says where."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._open:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry one connection from its beginning to its end."""
        client = reader, writer
        self._open.add(writer)
        cut = next(self._cuts, None)
        passed = dict.fromkeys(Way, 0)
        self.passed.append(passed)
        try:
            server = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._open.add(server[1])
        ways = {
            asyncio.create_task(self._pass(Way.UP, client, server, passed, cut)),
            asyncio.create_task(self._pass(Way.DOWN, server, client, passed, cut)),
        }
        try:
            ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in ways:
                one.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        if cut is not None and any(one.result() for one in ended):
            self.done += 1
            self._break(cut.how, writer, server[1])
        else:
            writer.close()
            server[1].close()

    async def _pass(
        self,
        way: Way,
        source: _Stream,
        target: _Stream,
        passed: dict[Way, int],
        cut: Cut | None,
    ) -> bool:
        """Pass bytes on until the end; tell whether it was the cut."""
        left = cut.after if cut is not None and cut.way is way else None
        with contextlib.suppress(OSError):
            while data := await source[0].read(min(left or _READ_BYTES, _READ_BYTES)):
                target[1].write(data)
                await target[1].drain()
                passed[way] += len(data)
                if left is not None:
                    left -= len(data)
                    if not left:
                        return True
        return False

    def _break(
        self, how: Break, client: asyncio.StreamWriter, server: asyncio.StreamWriter
    ) -> None:
        if how is Break.RESET:
            client.transport.abort()
            server.transport.abort()
            return
        client.close()
        if how is Break.HALF:
            # Nothing is read any more: the server may write until nobody takes it.
            server.transport.pause_reading()  # type: ignore[attr-defined]
        else:
            server.close()
