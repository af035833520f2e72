"""One mark in front is dropped, and nothing else."""

import pytest

from common.byte_order_mark import may_become_marked, without_mark

TABLE = [
    ("", ""),
    ("\ufeff", ""),
    ("\ufeffalice", "alice"),
    ("\ufeff\ufeffalice", "\ufeffalice"),
    ("alice\ufeff", "alice\ufeff"),
    (" \ufeffalice", " \ufeffalice"),
    ("\ufffealice", "\ufffealice"),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_one_mark_in_front_is_dropped(text: str, expected: str) -> None:
    assert without_mark(text) == expected
    assert without_mark(text.encode()) == expected.encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", True),
        (b"\xef", True),
        (b"\xef\xbb", True),
        (b"\xef\xbb\xbf", False),
        (b"\xef\xbb\xbfa", False),
        (b"\xef\xba", False),
        (b"a", False),
    ],
)
def test_so_little_may_become_a_mark(data: bytes, expected: bool) -> None:
    assert may_become_marked(data) is expected
