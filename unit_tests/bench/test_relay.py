"""The relay of the crash tests cuts at the byte that was asked for, and no other."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bench.relay import Break, Cut, Relay, Way

_PATIENCE_SECONDS = 20.0
_BEHIND = Cut(Way.UP, 1000, Break.CLOSE)  # more than anybody says here

Talk = Callable[[Relay, "Echo"], Coroutine[Any, Any, None]]


class Echo:
    """A server that says back what it hears; `heard` is that, by connection.

    `ends` counts the connections that have ended.
    """

    def __init__(self) -> None:
        self.heard: list[bytearray] = []
        self.ends = asyncio.Semaphore(0)
        self.closed: list[asyncio.Task[None]] = []

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        heard = bytearray()
        self.heard.append(heard)
        task = asyncio.current_task()
        assert task is not None
        self.closed.append(task)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(100):
                heard += data
                writer.write(data)
        writer.close()
        self.ends.release()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def run(talk: Talk, *cuts: Cut | None) -> None:
    async def live() -> None:
        echo = Echo()
        server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
        relay = Relay(server.sockets[0].getsockname()[1], cuts)
        await relay.start()
        async with asyncio.timeout(_PATIENCE_SECONDS), server:
            await talk(relay, echo)
            await relay.stop()
            await asyncio.gather(*echo.closed)

    asyncio.run(live())


async def say(port: int, data: bytes, count: int) -> tuple[bytes, bool]:
    """Say something; return the `count` bytes that come back, or fewer and an end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await reader.readexactly(count), False
    except asyncio.IncompleteReadError as error:
        return error.partial, True
    except ConnectionResetError:
        return b"", True
    finally:
        writer.close()


@pytest.mark.parametrize("after", range(1, 12))
def test_no_more_bytes_than_asked_for_go_up(after: int) -> None:
    async def talk(relay: Relay, echo: Echo) -> None:
        data = b"hello world"
        came, _ = await say(relay.port, data, len(data) + 1)
        await echo.ends.acquire()
        assert echo.heard == [data[:after]]
        assert data.startswith(came)
        assert relay.done == 1

    run(talk, Cut(Way.UP, after, Break.CLOSE))


@pytest.mark.parametrize("after", range(1, 12))
def test_exactly_the_bytes_asked_for_come_down(after: int) -> None:
    async def talk(relay: Relay, echo: Echo) -> None:
        data = b"hello world"
        assert await say(relay.port, data, 20) == (data[:after], True)
        assert echo.heard == [data]
        assert relay.done == 1

    run(talk, Cut(Way.DOWN, after, Break.CLOSE))


@pytest.mark.parametrize("how", Break)
def test_every_kind_of_cut_ends_the_client(how: Break) -> None:
    async def talk(relay: Relay, echo: Echo) -> None:
        _, ended = await say(relay.port, b"hello", 6)
        assert ended
        assert relay.done == 1

    run(talk, Cut(Way.UP, 5, how))


def test_after_half_a_cut_the_server_hears_no_end() -> None:
    async def talk(relay: Relay, echo: Echo) -> None:
        await say(relay.port, b"hello", 6)
        # Another connection comes and goes, so the end would have come by now.
        assert await say(relay.port, b"x", 1) == (b"x", False)
        await echo.ends.acquire()
        assert echo.heard == [b"hello", b"x"]
        assert echo.ends.locked()

    run(talk, Cut(Way.UP, 5, Break.HALF))


def test_each_connection_takes_the_next_cut_and_later_ones_none() -> None:
    async def talk(relay: Relay, echo: Echo) -> None:
        assert await say(relay.port, b"hello", 5) == (b"hello", False)
        assert await say(relay.port, b"hello", 5) == (b"he", True)
        assert await say(relay.port, b"hello", 5) == (b"hello", False)
        assert await say(relay.port, b"hello", 5) == (b"hello", False)
        assert relay.done == 1
        assert [passed[Way.DOWN] for passed in relay.passed] == [5, 2, 5, 5]

    run(talk, None, Cut(Way.DOWN, 2, Break.CLOSE), _BEHIND)
