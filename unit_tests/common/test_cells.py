"""Columns of texts: letters stay whole, and tables are straight."""

import pytest

from common.cells import beginning, cells, clusters, most_cells, padded

LETTERS = [
    ("a", 1, 1),
    ("é", 1, 1),
    ("e\u0301\u0323", 1, 1),
    ("日", 2, 2),
    ("가", 2, 2),
    ("\u1100\u1161\u11a8", 2, 2),  # the same syllable by its sounds
    ("👋", 2, 2),
    ("👍🏽", 2, 4),  # a skin tone
    ("👩‍👩‍👧", 2, 6),
    ("🇩🇪", 2, 2),
    ("❤\ufe0f", 2, 2),
    ("1\ufe0f\u20e3", 2, 2),
    ("ශ්\u200dරී", 1, 2),
    ("\u0301", 0, 0),
    ("\u200d", 0, 0),
]


@pytest.mark.parametrize(("letter", "columns", "most"), LETTERS)
def test_a_letter_takes_its_columns(letter: str, columns: int, most: int) -> None:
    assert columns <= cells(letter) <= most
    assert cells(letter) <= most_cells(letter)
    assert most <= most_cells(letter) <= most + 2
    assert cells(f"a{letter}") == 1 + cells(letter)


@pytest.mark.parametrize("letter", [one for one, *_ in LETTERS[:-2] if "ශ" not in one])
def test_a_letter_is_kept_together(letter: str) -> None:
    assert list(clusters(f"a{letter}b")) == ["a", letter, "b"]
    for most in range(len(letter)):
        assert beginning(letter + letter, most) == ""
    assert beginning(letter * 3, len(letter) * 2) == letter * 2


def test_a_cell_of_a_table_is_filled_up_to_its_columns() -> None:
    assert padded("日本", 6) == "日本  "
    assert padded("日本", 6, right=True) == "  日本"
    assert padded("too long", 3) == "too long"


def test_a_text_of_flags_only_is_measured_in_no_time() -> None:
    assert cells("🇩" * 60_000) == 60_000
