import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.objects import read_object
from errors import BadRequest

SAID = "s3cret-text"


def problem_of(raw: bytes) -> str:
    with pytest.raises(BadRequest) as caught:
        read_object(raw)
    assert caught.value.code == 400
    return str(caught.value)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b' { "a" : 1 } \r\n', {"a": 1}),
        (b'{"a":{"a":[{"a":1},{"a":2}]}}', {"a": {"a": [{"a": 1}, {"a": 2}]}}),
        (b'{"time":"12:30:00","a:b":":"}', {"time": "12:30:00", "a:b": ":"}),
        (rb'{"a\":1,\"a":1,"b":":"}', {'a":1,"a': 1, "b": ":"}),
        (b'{"a":1,"A":2,"b":":"}', {"a": 1, "A": 2, "b": ":"}),
        (rb'{"a":"\u0000\u001b"}', {"a": "\0\x1b"}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "😀"}),
        ('{"a":"привет 😀"}'.encode(), {"a": "привет 😀"}),
        (b'{"a":9007199254740991}', {"a": 2**53 - 1}),
        (b'{"a":[null,true,false,-1.5e3]}', {"a": [None, True, False, -1500.0]}),
    ],
)
def test_a_good_object_is_read(raw: bytes, value: dict[str, Any]) -> None:
    assert read_object(raw) == value


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a" :1,"a"\t: 2}',
        b'{"a"\n:1,"b":2,"a"  :3}',
        b'{"b":{"a":1,"a":2}}',
        b'{"b":[[{"a":1,"a":2}]]}',
        b'{"a":{"a":1},"a":2}',
        b'{"a":":","a":":::"}',
        b'{"t":"12:30:00","b":{"a":1,"a":2}}',
        rb'{"a":1,"\u0061":2}',
        rb'{"t":":","a":1,"\u0061":2}',
        b'{"":1,"":2}',
    ],
)
def test_a_key_that_comes_twice_is_refused(raw: bytes) -> None:
    assert "a key comes twice" in problem_of(raw)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"a":1e999}', "a number is out of range"),
        (b'{"a":-1e999}', "a number is out of range"),
        (b'{"a":' + b"1" * 5000 + b"}", "a number is out of range"),
        (b'{"t":":","a":-' + b"1" * 5000 + b"}", "a number is out of range"),
        (b'{"a":NaN}', "this is not JSON"),
        (b'{"a":Infinity}', "this is not JSON"),
        (b'{"a":-Infinity}', "this is not JSON"),
        (b'{"a":01}', "this is not JSON"),
        (b'{"a":"\xff"}', "the text is not UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "the text is not UTF-8"),
        (b'{"a":"\xc0\x80"}', "the text is not UTF-8"),
        (b'{"\xff":1}', "the text is not UTF-8"),
        (b"{\xff}", "this is not JSON"),
        (b'{"a":"\0"}', "this is not JSON"),
        (b'{"a":\0}', "this is not JSON"),
        (b"\0", "this is not JSON"),
        (b'{"a":"\n"}', "this is not JSON"),
        (b'{"a":1}{"b":2}', "this is not JSON"),
        (b'{"a":1]', "this is not JSON"),
        (b'{"a":1,}', "this is not JSON"),
        (b"{'a':1}", "this is not JSON"),
        (b'\xef\xbb\xbf{"a":1}', "this is not JSON"),
        ('{"a":1}'.encode("utf-16"), "this is not JSON"),
        (b"", "the JSON ends too early"),
        (b'{"a":', "the JSON ends too early"),
        (b'{"a":"b', "the JSON ends too early"),
        (b"[]", "expected a JSON object"),
        (b'"a"', "expected a JSON object"),
        (b"null", "expected a JSON object"),
        (b"1", "expected a JSON object"),
    ],
)
def test_what_is_no_good_object_is_refused_with_the_reason(
    raw: bytes, words: str
) -> None:
    assert words in problem_of(raw)


@pytest.mark.parametrize(
    "raw",
    [
        rb'{"a":"\ud800"}',
        rb'{"a":"\udc00x"}',
        rb'{"\ud800":1}',
        rb'{"a":"\ud83d\u0061"}',
        rb'{"a":"a\ud83d"}',
        rb'{"a":"\ud83dxx"}',
        rb'{"a":"\ud83d\n"}',
        rb'{"a":"\ud83d\ud83d\ude00"}',
        rb'{"b":":","a":["\udfff"]}',
    ],
)
def test_a_lone_surrogate_is_refused_as_that(raw: bytes) -> None:
    assert "half of a surrogate pair" in problem_of(raw)


@pytest.mark.parametrize(
    "raw", [rb'{"a":"\ud83d', rb'{"a":"\ud83d\ude', rb'{"a":"\ud8']
)
def test_an_end_within_a_pair_is_an_end(raw: bytes) -> None:
    assert "the JSON ends too early" in problem_of(raw)


@pytest.mark.parametrize("opening", [b'{"a":', b"[", b'{"a":[', b'{":":'])
def test_a_depth_of_100_000_is_refused(opening: bytes) -> None:
    assert "nested too deeply" in problem_of(opening * 100_000)


def test_a_depth_of_100_is_read_also_by_the_slower_reader() -> None:
    raw = b'{"a":' * 100 + b'":"' + b"}" * 100
    value: Any = read_object(raw)
    for _ in range(100):
        value = value["a"]
    assert value == ":"


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"{SAID}":tru}}',
        f'{{"a":"{SAID}',
        f'{{"a":"{SAID}\\q"}}',
        f'{{"a":"{SAID}\n"}}',
        f'{{"{SAID}":1,"{SAID}":2}}',
        f'{{"a":"{SAID}:\\ud800"}}',
        f"{SAID}",
        f'"{SAID}"',
        f'["{SAID}"]',
        f'{{"a":"{SAID}"}} {SAID}',
        f'{{"a":"{SAID}","b":1e999}}',
    ],
)
def test_no_error_quotes_what_was_said(raw: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_object(raw.encode())
    assert SAID not in str(caught.value)
    assert SAID not in repr(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]) | st.just(":")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(":ab"), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(":ab"), VALUES), st.booleans(), st.booleans())
def test_an_object_comes_back_as_it_was_written(
    value: dict[str, Any], escaped: bool, wide: bool
) -> None:
    raw = json.dumps(value, ensure_ascii=escaped, indent=1 if wide else None)
    assert read_object(raw.encode()) == value


@given(st.binary(max_size=60) | st.text('{}[]":,\\u0d8ae1.-').map(str.encode))
def test_any_bytes_are_an_object_or_a_bad_request(raw: bytes) -> None:
    try:
        value = read_object(raw)
    except BadRequest:
        return
    assert value == json.loads(raw)
