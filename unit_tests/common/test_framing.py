import itertools
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.framing import Broken, Flaw, ObjectSplitter

GARBAGE = Broken(Flaw.GARBAGE)
NEWLINE = Broken(Flaw.NEWLINE_IN_STRING)
ABANDONED = Broken(Flaw.ABANDONED)
TOO_DEEP = Broken(Flaw.TOO_DEEP)
TOO_LONG = Broken(Flaw.TOO_LONG)

MAX_BYTES = 40
MAX_DEPTH = 3

Found = list[bytes | Broken]


def split(pieces: Iterable[bytes], max_bytes: int = 0, max_depth: int = 0) -> Found:
    splitter = ObjectSplitter(max_bytes, max_depth)
    return [found for piece in pieces for found in splitter.receive_data(piece)]


def byte_by_byte(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


PRIVET = '{"m":"привет"}'.encode()

TABLE: list[tuple[str, bytes, Found]] = [
    ("nothing", b"", []),
    ("white space only", b" \r\n\t\n\r", []),
    ("an empty object", b"{}", [b"{}"]),
    ("one object", b'{"a":1}', [b'{"a":1}']),
    ("a newline after it", b'{"a":1}\n', [b'{"a":1}']),
    (
        "the newline of a library family",
        b'{"a":1}\n\r{"b":2}\n\r',
        [b'{"a":1}', b'{"b":2}'],
    ),
    ("nine glued objects", b'{"a":1}' * 9, [b'{"a":1}'] * 9),
    ("space inside is kept", b'{ "a" :\n 1 }', [b'{ "a" :\n 1 }']),
    ("an object in an object", b'{"a":{"b":{}}}', [b'{"a":{"b":{}}}']),
    ("objects in a list", b'{"a":[{},{},{}]}', [b'{"a":[{},{},{}]}']),
    ("a brace in a string", b'{"a":"}{"}', [b'{"a":"}{"}']),
    ("a bracket in a string", b'{"a":"]["}', [b'{"a":"]["}']),
    ("an escaped quote", rb'{"a":"\"}"}', [rb'{"a":"\"}"}']),
    ("an escaped backslash", rb'{"a":"\\"}{}', [rb'{"a":"\\"}', b"{}"]),
    ("an escaped newline letter", rb'{"a":"\n"}', [rb'{"a":"\n"}']),
    ("a letter of several bytes", PRIVET, [PRIVET]),
    ("a lone byte of a letter", b'{"a":"\xd0"}', [b'{"a":"\xd0"}']),
    ("NUL in a string", b'{"a":"\0"}', [b'{"a":"\0"}']),
    ("a comma between objects", b"{},{}", [b"{}", GARBAGE, b"{}"]),
    ("a list", b"[1,2]\n{}", [GARBAGE, b"{}"]),
    ("a list of objects", b"[{}]\n{}", [GARBAGE, b"{}", GARBAGE, b"{}"]),
    ("garbage is one flaw a line", b"abc def\nghi\n{}", [GARBAGE, GARBAGE, b"{}"]),
    ("garbage before an object", b"abc{}", [GARBAGE, b"{}"]),
    ("a closing brace too many", b"{}}\n{}", [b"{}", GARBAGE, b"{}"]),
    ("an HTTP request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", [GARBAGE, GARBAGE]),
    ("a newline in a string", b'{"a":"b\n{}', [NEWLINE, b"{}"]),
    ("a newline in an open string", b'{"a\n"b":1}\n{}', [NEWLINE, GARBAGE, b"{}"]),
    ("an escaped raw newline", b'{"a":"\\\n"}', [b'{"a":"\\\n"}']),
    ("a new object instead of a key", b'{"a":1 {"b":2}', [ABANDONED, b'{"b":2}']),
    ("a new object after a key", b'{"a"{"b":2}', [ABANDONED, b'{"b":2}']),
    ("a new object at once", b'{ {"b":2}', [ABANDONED, b'{"b":2}']),
    ("a new object behind a comma", b'{"a":true,\n{"b":2}', [ABANDONED, b'{"b":2}']),
    ("behind a list", b'{"a":[{}],\n{"b":2}', [ABANDONED, b'{"b":2}']),
    ("behind an inner comma", b'{"a":{"b":1,\n{"c":3}', [ABANDONED, b'{"c":3}']),
    ("an object in a list", b'{"a":[1,\n{"b":2}]}', [b'{"a":[1,\n{"b":2}]}']),
    (
        "an object as a value",
        b'{"a":\n{"b":2},\n"c":\n{}}',
        [b'{"a":\n{"b":2},\n"c":\n{}}'],
    ),
    ("objects in a list", b'{"a":[{}\n,\n{}]}', [b'{"a":[{}\n,\n{}]}']),
    ("three begun objects", b'{"a"{"b"{"c":3}', [ABANDONED, ABANDONED, b'{"c":3}']),
    ("brackets of the wrong kind", b'{"a":1]', [b'{"a":1]']),
    ("an object that does not end", b'{"a":1', []),
    ("depth at the limit", b'{"a":[[]]}', [b'{"a":[[]]}']),
    ("depth past the limit", b'{"a":[[[]]]}{}', [TOO_DEEP, b"{}"]),
    ("depth is told once", b'{"a":[[[[[]]]],[[[]]]]}{}', [TOO_DEEP, b"{}"]),
    ("a deep object left", b'{"a":[[["\n{}', [TOO_DEEP, b"{}"]),
    ("brackets in a string are no depth", b'{"a":"[[[["}', [b'{"a":"[[[["}']),
    (
        "an object of the largest size",
        b'{"a":"' + b"x" * 32 + b'"}{}',
        [b'{"a":"' + b"x" * 32 + b'"}', b"{}"],
    ),
    ("an object one byte too long", b'{"a":"' + b"x" * 33 + b'"}{}', [TOO_LONG]),
    ("a string without end", b'{"a":"' + b"x" * 100, [TOO_LONG]),
    ("an object without end", b'{"a":' + b" " * 100, [TOO_LONG]),
    ("backslashes without end", b'{"a":"' + b"\\" * 101, [TOO_LONG]),
    ("after the fatal flaw nothing counts", b'{"' + b"x" * 60 + b'"}\n{}', [TOO_LONG]),
    ("long garbage is not fatal", b"x" * 100 + b"\n{}", [GARBAGE, b"{}"]),
    ("long white space is not fatal", b" " * 100 + b"{}", [b"{}"]),
]
BY_NAME = pytest.mark.parametrize(
    ("data", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)


@BY_NAME
def test_a_whole_stream_gives_its_objects(data: bytes, expected: Found) -> None:
    assert split([data], MAX_BYTES, MAX_DEPTH) == expected


@BY_NAME
def test_a_stream_byte_by_byte_gives_the_same(data: bytes, expected: Found) -> None:
    assert split(byte_by_byte(data), MAX_BYTES, MAX_DEPTH) == expected


@BY_NAME
def test_a_stream_cut_once_anywhere_gives_the_same(
    data: bytes, expected: Found
) -> None:
    for at in range(len(data) + 1):
        assert split([data[:at], data[at:]], MAX_BYTES, MAX_DEPTH) == expected, at


JSON_LIKE = st.lists(
    st.sampled_from(
        [*b'{}[]",:\\ \n\r', *b"a1\0\xff", *'"ж'.encode()],
    ),
    max_size=120,
).map(bytes)


@st.composite
def cut_streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    data = draw(st.one_of(JSON_LIKE, st.binary(max_size=120)))
    places = st.integers(0, len(data))
    cuts = sorted(draw(st.lists(places, max_size=12)))
    edges = [0, *cuts, len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    return data, pieces


@given(cut_streams(), st.sampled_from([0, 1, 2, 7, 30]), st.integers(0, 4))
def test_any_cut_of_any_stream_gives_what_the_whole_gives(
    stream: tuple[bytes, list[bytes]], max_bytes: int, max_depth: int
) -> None:
    data, pieces = stream
    whole = split([data], max_bytes, max_depth)
    assert split(pieces, max_bytes, max_depth) == whole
    assert split(byte_by_byte(data), max_bytes, max_depth) == whole


@given(JSON_LIKE, st.sampled_from([0, 7, 30]))
def test_what_is_found_stands_in_the_stream_in_order_and_within_the_limit(
    data: bytes, max_bytes: int
) -> None:
    at = 0
    for found in split([data], max_bytes):
        if isinstance(found, bytes):
            assert found[:1] == b"{"
            assert not max_bytes or len(found) <= max_bytes
            at = data.index(found, at) + len(found)


@given(st.binary(max_size=200))
def test_an_object_after_a_newline_is_found_whatever_came_before(data: bytes) -> None:
    # Two newlines: the first may be escaped by a backslash before it; the closing
    # braces end whatever else is still open.
    tail = b"\n\n" + b"]}" * len(data) + b'\n"\n\n{"last":1}'
    assert split([data, tail])[-1] == b'{"last":1}'


def test_a_letter_may_be_split_between_two_reads() -> None:
    splitter = ObjectSplitter()
    middle = PRIVET.index("в".encode()) + 1
    assert splitter.receive_data(PRIVET[:middle]) == []
    assert splitter.receive_data(PRIVET[middle:]) == [PRIVET]


def test_objects_are_given_out_as_soon_as_they_are_whole() -> None:
    splitter = ObjectSplitter()
    assert splitter.receive_data(b'{"a":1}{"b"') == [b'{"a":1}']
    assert splitter.receive_data(b":2}") == [b'{"b":2}']


def test_the_splitter_is_idle_only_between_objects() -> None:
    splitter = ObjectSplitter(max_bytes=10)
    states = []
    for piece in (b" \n", b"{", b"}", b"x", b"\n", b"{" + b" " * 10, b"}"):
        splitter.receive_data(piece)
        states.append(splitter.idle)
    assert states == [True, False, True, False, True, False, False]


def test_too_long_is_told_before_the_rest_has_come() -> None:
    splitter = ObjectSplitter(max_bytes=10)
    assert splitter.receive_data(b'{"a":"12345') == [TOO_LONG]


def test_only_too_long_is_fatal() -> None:
    assert [flaw for flaw in Flaw if Broken(flaw).fatal] == [Flaw.TOO_LONG]


def test_without_limits_long_and_deep_objects_pass() -> None:
    data = (
        b'{"a":' + b"[" * 10_000 + b'"' + b"x" * 100_000 + b'"' + b"]" * 10_000 + b"}"
    )
    assert split([data]) == [data]


def bytes_searched(run: Callable[[], object]) -> int:
    """Return how many bytes the searches of `run` had before them at most.

    Counted by the profiler's hook: nothing of the splitter is replaced.
    """
    searched = 0

    def count(frame: FrameType, event: str, what: Any) -> None:
        nonlocal searched
        if event == "c_call" and what.__name__ == "search":
            splitter = frame.f_locals["self"]
            searched += len(splitter._buffer) - splitter._at

    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(None)
    return searched


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":"' + b"x" * 20_000 + b'"}',
        b'{"a":' + b" " * 20_000 + b"1}",
        b'{"a":"' + b"\\" * 20_000 + b'"}',
        b'{"a":[' + b"{}," * 7_000 + b"{}]}",
        b"x" * 20_000 + b"\n",
        b" " * 20_000,
    ],
    ids=["string", "space", "backslashes", "objects", "garbage", "nothing"],
)
def test_no_byte_is_searched_again_when_bytes_come_one_by_one(data: bytes) -> None:
    pieces = byte_by_byte(data)
    assert bytes_searched(lambda: split(pieces)) <= 4 * len(data)


def test_the_counter_of_searched_bytes_sees_them() -> None:
    splitter = ObjectSplitter()
    assert bytes_searched(lambda: splitter.receive_data(b"x" * 100)) == 200


@given(st.lists(st.sampled_from([b"{}", b"x\n", b'{"a":1}', b" "])), st.integers(1, 5))
def test_a_bounded_call_leaves_the_rest_for_the_next(
    pieces: list[bytes], most: int
) -> None:
    data = b"".join(pieces)
    splitter = ObjectSplitter()
    found = splitter.receive_data(data, most)
    everything = list(found)
    while splitter.has_more:
        assert not splitter.idle
        found = splitter.receive_data(b"", most)
        assert len(found) <= most
        everything += found
    assert everything == ObjectSplitter().receive_data(data)
