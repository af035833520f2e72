"""Lines are the same however they come, and what is no text is dropped."""

import random

import pytest

from server.dialects.text_lines import LineCutter

STREAMS = [
    (b"a\nbb\nccc", [b"a", b"bb"], b"ccc"),
    (b"a\r\nb\r\n", [b"a", b"b"], None),
    (b"\n\n", [b"", b""], None),
    (b"12345678\n123456789\nx\n", [b"12345678", None, b"x"], None),
    (b"123456789" * 50 + b"\nx", [None], b"x"),
    (b"123456789", [None], None),
    (b"12345678\r\n", [b"12345678"], None),
    (b"\xff\xfb\x01hi\xff\xfd\x03\n", [b"hi"], None),
    (b"h\xff\xf4i\xff\xff\xfd\x06!\n", [b"hi!"], None),
    (b"a\xff\xfa\x18\x00xterm\xff\xf0b\n", [b"ab"], None),
    (b"a\xff\xfa\x18\xff\xff\xff\xf0b\n", [b"ab"], None),
    (b"a\xff\xfano end\nb\n", [b"a", b"b"], None),
    (b"a\xff\xfa\xff\nb\n", [b"a", b"b"], None),
    (b"a\xff\xfb\n\nb\n", [b"a", b"b"], None),
    ("щука\n".encode(), ["щука".encode()], None),
    ("\ufeffщук\n".encode(), ["щук".encode()], None),
    ("\ufeff12345678\n".encode(), [b"12345678"], None),
    (
        "\ufeff\ufeffa\n\ufeffb\n".encode(),
        ["\ufeffa".encode(), "\ufeffb".encode()],
        None,
    ),
    ("\ufeff".encode(), [], None),
    ("\ufeffa".encode(), [], b"a"),
    (b"\xef\xbb\n\xef\xbb\xbfa\n", [b"\xef\xbb", b"\xef\xbb\xbfa"], None),
    (b"\xff\xfb\x01\xef\xbb\xbfhi\n", [b"hi"], None),
]


def cut(cutter: LineCutter, pieces: list[bytes], most: int = 100) -> list[bytes | None]:
    lines: list[bytes | None] = []
    for piece in pieces:
        cutter.receive_data(piece)
        lines += cutter.take(most)
        while cutter.has_more:
            lines += cutter.take(most)
    return lines


@pytest.mark.parametrize(("stream", "lines", "rest"), STREAMS)
def test_lines_come_whole(
    stream: bytes, lines: list[bytes | None], rest: bytes | None
) -> None:
    cutter = LineCutter(8)
    assert cut(cutter, [stream]) == lines
    assert cutter.take_rest() == rest
    assert not cutter.has_rest


@pytest.mark.parametrize(("stream", "lines", "rest"), STREAMS)
def test_it_makes_no_difference_how_they_were_cut(
    stream: bytes, lines: list[bytes | None], rest: bytes | None
) -> None:
    for place in range(len(stream) + 1):
        cutter = LineCutter(8)
        assert cut(cutter, [stream[:place], stream[place:]]) == lines
        assert cutter.take_rest() == rest
    cutter = LineCutter(8)
    single = [stream[at : at + 1] for at in range(len(stream))]
    assert cut(cutter, single) == lines
    assert cutter.take_rest() == rest


def test_a_few_at_a_time_are_the_same() -> None:
    cutter = LineCutter(8)
    assert cut(cutter, [b"a\n123456789\nb\nc\nd"], most=1) == [b"a", None, b"b", b"c"]
    assert cutter.has_rest
    assert cutter.take_rest() == b"d"


def test_a_line_without_end_takes_no_memory() -> None:
    cutter = LineCutter(8)
    assert cut(cutter, [b"x" * 1000] * 1000) == [None]
    assert cutter._buffer == b""
    assert cutter.has_rest
    assert cut(cutter, [b"\nnext\n"]) == [b"next"]


def test_silence_ends_a_line_that_was_too_long() -> None:
    cutter = LineCutter(8)
    assert cut(cutter, [b"123456789"]) == [None]
    assert cutter.take_rest() is None
    assert cut(cutter, [b"next\n"]) == [b"next"]


def test_without_a_limit_every_line_is_taken() -> None:
    assert cut(LineCutter(0), [b"x" * 100_000 + b"\n"]) == [b"x" * 100_000]


def test_garbage_gives_the_same_lines_in_any_pieces() -> None:
    chance = random.Random(3)
    for _ in range(200):
        choice = b"ab\n\r\xff\xfa\xf0\xfb\x00\xd1"
        stream = bytes(chance.choices(choice, k=chance.randrange(60)))
        whole, single = LineCutter(8), LineCutter(8)
        lines = cut(whole, [stream])
        assert cut(single, [stream[at : at + 1] for at in range(len(stream))]) == lines
        assert whole.take_rest() == single.take_rest()
