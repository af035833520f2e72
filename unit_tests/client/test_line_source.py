import asyncio
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.line_source import LineSource, LineSplitter
from errors import NotUtf8, RequestError, TooLong
from unit_tests.helpers import PATIENCE


def split(*pieces: bytes, longest: int = 10) -> list[str | None]:
    """Return the lines in `pieces`, None for one that can't be sent."""
    splitter = LineSplitter(longest)
    found = [line for piece in pieces for line in splitter.receive_data(piece)]
    found += splitter.receive_eof()
    return [line if isinstance(line, str) else None for line in found]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\nb", ["a", "b"]),
        (b"\n\n", ["", ""]),
        ("привет\n".encode()[:8] + b"\n", ["прив"]),
        (b"\xff\nok\n", [None, "ok"]),
        (b"caf\xe9", [None]),
        # A surrogate is none of UTF-8, nor a longer form than needed.
        (b"\xed\xa0\x80\n\xc0\xaf\n", [None, None]),
        (b"0123456789\n", ["0123456789"]),
        (b"0123456789x\nok\n", [None, "ok"]),
        (b"0123456789x", [None]),
        ("\ufeff2345\n\ufeffx\n".encode(), ["2345", "\ufeffx"]),
        ("\ufeff\ufeffa".encode(), ["\ufeffa"]),
        ("\n\ufeffa\n".encode(), ["", "\ufeffa"]),
    ],
)
def test_bytes_become_lines(data: bytes, lines: list[str | None]) -> None:
    assert split(data) == lines


@given(
    st.lists(
        st.sampled_from(
            [b"a", b"\n", b"\r", b"bcdef", b"\xd0", b"\xb0", b"\xef", b"\xbb\xbf"]
        )
    )
)
def test_how_bytes_are_cut_changes_nothing(pieces: list[bytes]) -> None:
    assert split(*pieces) == split(b"".join(pieces))


def test_it_is_said_why_a_line_can_not_be_sent() -> None:
    splitter = LineSplitter(10)
    long, bad = splitter.receive_data(b"0123456789x\n\xff\n")
    assert isinstance(long, TooLong)
    assert isinstance(bad, NotUtf8)
    assert "not UTF-8 text" in str(bad)


async def read_all(source: LineSource) -> list[str | RequestError]:
    lines = []
    async with asyncio.timeout(PATIENCE):
        while (line := await source.next_line()) is not None:
            lines.append(line)
        assert await source.next_line() is None
    return lines


def test_a_large_file_is_read_to_its_end(tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(100_000)]
    file = tmp_path / "input"
    file.write_text("\n".join(lines))
    with file.open("rb") as stream:

        async def read() -> list[str | RequestError]:
            return await read_all(LineSource(stream.fileno()))

        assert asyncio.run(read()) == lines


def test_the_loop_lives_while_nothing_comes() -> None:
    there, here = os.pipe()

    async def read() -> list[str | RequestError]:
        source = LineSource(there)
        waiting = asyncio.create_task(read_all(source))
        # The loop turns although the thread sits in its read.
        for _ in range(3):
            await asyncio.sleep(0)
        os.write(here, b"late\n")
        os.close(here)
        return await waiting

    assert asyncio.run(read()) == ["late"]
    os.close(there)


def test_a_secret_is_the_next_line_too() -> None:
    there, here = os.pipe()
    typed = b"one\ns3cret\n" + b"x" * 2_000_000 + b"\nlast\n"

    def type_all() -> None:
        with open(here, "wb") as stream:
            stream.write(typed)

    async def read() -> list[object]:
        source = LineSource(there)
        async with asyncio.timeout(PATIENCE):
            return [
                await source.next_line(),
                await source.next_secret(),
                await source.next_secret(),
                await source.next_line(),
                await source.next_secret(),
                await source.next_secret(),
            ]

    typist = threading.Thread(target=type_all)
    typist.start()
    one, secret, long, *end = asyncio.run(read())
    typist.join()
    assert (one, secret, end) == ("one", "s3cret", ["last", None, None])
    assert isinstance(long, TooLong)
    os.close(there)


def test_an_input_that_is_closed_is_at_its_end() -> None:
    async def read() -> list[str | RequestError]:
        return await read_all(LineSource(-1))

    assert asyncio.run(read()) == []


def test_nothing_is_read_while_no_line_is_waited_for() -> None:
    reading, writing = os.pipe()

    async def take_one_line() -> None:
        async with asyncio.timeout(PATIENCE):
            source = LineSource(reading)
            os.write(writing, b"ours\n")
            assert await source.next_line() == "ours"
            # Another program reads the same terminal now.
            os.write(writing, b"theirs\n")
            assert os.read(reading, 100) == b"theirs\n"
            os.write(writing, b"ours again\n")
            assert await source.next_line() == "ours again"

    asyncio.run(take_one_line())
    os.close(writing)
    os.close(reading)
