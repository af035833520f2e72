"""Rows of a line: nothing of a text begins in the first column but its beginning."""

import random

import pytest
from prompt_toolkit.utils import get_cwidth

from client.wrapping import INDENT, wrapped


@pytest.mark.parametrize(
    ("text", "used", "rows"),
    [
        ("", 0, [""]),
        ("1234567890", 0, ["1234567890"]),
        ("one two three", 0, ["one two ", "      thre", "      e"]),
        ("one two thr", 0, ["one two ", "      thr"]),
        ("1234567890a", 0, ["1234567890", "      a"]),
        ("one\ntwo", 0, ["one", "      two"]),
        ("one two", 5, ["one ", "      two"]),
        ("onetwo", 5, ["onetw", "      o"]),
        ("one", 10, ["", "      one"]),
        ("日本語日本語", 0, ["日本語日本", "      語"]),
        ("日本語", 5, ["日本", "      語"]),
        ("e\u0301" * 11, 0, ["e\u0301" * 10, "      e\u0301"]),
        ("❤\ufe0f" * 6, 0, ["❤\ufe0f" * 5, "      ❤\ufe0f"]),
        ("🇩🇪" * 4, 0, ["🇩🇪" * 2, "      🇩🇪", "      🇩🇪"]),
        ("👍🏽👍🏽👍🏽", 0, ["👍🏽👍🏽", "      👍🏽"]),
        ("ab 👩‍👩‍👧 cd", 0, ["ab 👩‍👩‍👧 ", "      cd"]),
        ("1️⃣" * 6, 0, ["1️⃣" * 5, "      1️⃣"]),
        ("각" * 6, 0, ["각" * 5, "      각"]),
    ],
)
def test_a_text_becomes_rows_of_ten_columns(
    text: str, used: int, rows: list[str]
) -> None:
    assert wrapped(text, 10, used).split("\n") == rows


ADDRESS = "https://example.com/a?b=c#d"


@pytest.mark.parametrize(
    ("text", "used", "rows"),
    [
        (ADDRESS, 0, [ADDRESS]),
        (f"see {ADDRESS}", 0, [f"see {ADDRESS}"]),
        # 31 columns are a whole row of 30 and one.
        (f"see {ADDRESS} and then on it goes", 0, [
            f"see {ADDRESS} and then on it goes",
        ]),
        (f"see {ADDRESS} and then on it goes and on, all", 0, [
            f"see {ADDRESS} and then on it goes and on, ", "      all",
        ]),
        (f"{ADDRESS}{ADDRESS}", 3, [f"{ADDRESS}{ADDRESS}"]),
        ("a longer beginning http://a.example", 0, [
            "a longer beginning ", "      http://a.example",
        ]),
        ("見http://a.example/12345", 8, ["見", "      http://a.example/12345"]),
        ("ssh://a.example/12345\u00a012:00 bob: hi", 0, [
            "ssh://a.example/12345\u00a012:00 ", "      bob: hi",
        ]),
    ],
)  # fmt: skip
def test_an_address_is_one_piece_whatever_the_window_of_thirty_columns_holds(
    text: str, used: int, rows: list[str]
) -> None:
    assert wrapped(text, 30, used).split("\n") == rows


@pytest.mark.parametrize("columns", [1, 7, 8, 9, 20, 80])
def test_no_row_is_too_wide_and_nothing_is_lost(columns: int) -> None:
    chance = random.Random(columns)
    for _ in range(300):
        text = "".join(chance.choices("ab  \u0301日🇩👋\n", k=chance.randrange(200)))
        used = chance.randrange(columns)
        first, *others = wrapped(text, columns, used).split("\n")
        limit = max(columns, len(INDENT) + 4)
        assert used + get_cwidth(first) <= limit
        assert all(get_cwidth(row) <= limit for row in others)
        assert all(row.startswith(INDENT) for row in others)
        kept = first + "".join(row.removeprefix(INDENT) for row in others)
        assert kept == text.replace("\n", "")


def test_a_window_of_no_width_still_shows_everything() -> None:
    assert wrapped("abcd", 0, 0).split("\n") == ["abcd"]
