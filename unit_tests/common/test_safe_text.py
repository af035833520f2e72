import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.safe_text import visible, visible_json

# Bidi controls of UAX #9 that turn other characters round, said here once more on
# purpose.
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ANYTHING = st.text(
    st.characters(exclude_categories=[])
    | st.sampled_from("\x00\x1b\x07\r\n\t\x7f\x9b" + BIDI)
)
HARMLESS = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]))


def acts(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or (
        character in BIDI
    )


@given(ANYTHING)
def test_no_control_or_bidi_character_survives(text: str) -> None:
    assert not any(map(acts, visible(text)))


@given(ANYTHING)
def test_with_newlines_kept_nothing_else_that_acts_survives(text: str) -> None:
    shown = visible(text, keep_newlines=True)
    assert {c for c in shown if acts(c)} <= {"\n"}
    assert shown.count("\n") == text.count("\n")


@given(ANYTHING)
def test_one_line_stays_one(text: str) -> None:
    assert len(visible(text).splitlines()) <= 1


@given(HARMLESS)
def test_text_without_them_is_unchanged(text: str) -> None:
    assert visible(text) == text
    assert visible(text, keep_newlines=True) == text


@given(ANYTHING)
def test_made_visible_twice_is_as_made_visible_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_every_control_character_of_unicode_is_shown() -> None:
    acting = [chr(code) for code in range(0x110000) if acts(chr(code))]
    assert len(acting) > 2000
    acting.remove("\t")
    assert all(visible(c).startswith("\\") and visible(c).isascii() for c in acting)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\nb", r"a\nb"),
        ("a\r\nb", r"a\nb"),
        ("a\rb", r"a\rb"),
        ("a\n\rb", r"a\n\rb"),
        ("a\tb", "a       b"),
        ("name\tsize\tage", "name    size    age"),
        ("12345678\tb", "12345678        b"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\u202dabc\u202c", r"\u202dabc\u202c"),
        ("\u2066abc\u2069", r"\u2066abc\u2069"),
        ("\u2067abc\u2068", r"\u2067abc\u2068"),
        ("a\u2063b", r"a\u2063b"),
        ("a\u2028b", r"a\u2028b"),
        ("\ud800", r"\ud800"),
        (r"\x1b", r"\x1b"),
        ("می‌خواهم", "می‌خواهم"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
        ("שלום עולם", "שלום עולם"),
    ],
)
def test_what_would_act_is_shown_instead(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "mark",
    ["\u061c", "\u180e", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060",
     "\ufeff", "\u00ad", "\ufe0f"],
)  # fmt: skip
def test_marks_that_move_nothing_but_themselves_are_let_through(mark: str) -> None:
    assert visible(f"a{mark}b") == f"a{mark}b"


def test_line_ends_of_two_characters_are_kept_as_newlines() -> None:
    assert visible("a\r\nb\n", keep_newlines=True) == "a\nb\n"
    assert visible("a\r\r\nb\tc", keep_newlines=True) == "a\\r\nb       c"


@given(st.text())
def test_json_means_the_same_and_nothing_in_it_acts(text: str) -> None:
    line = visible_json(json.dumps({"topic": text}, ensure_ascii=False))
    assert json.loads(line) == {"topic": text}
    assert visible(line) == line
