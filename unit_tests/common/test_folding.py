# ruff: noqa: RUF001 - letters that look like others are what this module is about
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.folding import (
    CONVERSATION_MARK,
    PICTURE_MARK,
    PLUS_MARK,
    SHARP_MARK,
    fold_text,
)

# Letters, accents and spaces that fold in every way there is, and all the others.
TEXTS = st.text(st.sampled_from("aAßéИи\u0306Ёёе\u0308\u0301ΑάςﬁＡ１ \n")) | st.text()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ёлка", "елка"),
        ("ЁЛКА", "Елка"),
        ("е\u0308лка", "елка"),
        ("Привет", "ПРИВЕТ"),
        ("за\u0301мок", "замок"),
        ("Résumé", "resume"),
        ("re\u0301sume\u0301", "RESUME"),
        ("Tiếng Việt", "tieng viet"),
        ("İstanbul", "istanbul"),
        ("straße", "STRASSE"),
        ("ΑΘΗΝΑ", "Αθήνα"),
        ("σοφός", "ΣΟΦΟΣ"),
        ("ｆｕｌｌ", "full"),
        ("ﬁne", "fine"),
        ("№5", "no5"),
        ("при\u00adвет", "привет"),
        ("при\u200bвет", "привет"),
        ("می\u200cخواهم", "میخواهم"),
        ("❤\ufe0f", "❤"),
        ("محمّد", "محمد"),
        ("مُحَمَّد", "محمد"),
        ("ســلام", "سلام"),
        ("שָׁלוֹם", "שלום"),
        ("\ufb2bלום", "שלום"),  # a shin with its dot as one character
    ],
)
def test_these_are_the_same(one: str, other: str) -> None:
    assert fold_text(one) == fold_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("мой", "мои"),
        ("їжа", "іжа"),
        ("ў", "у"),
        ("ґ", "г"),
        ("がく", "かく"),
        ("آب", "اب"),
        ("กิน", "กน"),
        ("की", "क"),
        ("o", "о"),
    ],
)
def test_these_are_not_the_same(one: str, other: str) -> None:
    assert fold_text(one) != fold_text(other)


def test_a_letter_is_the_same_composed_and_not() -> None:
    for text in ("й", "Ї", "ў", "é", "ắ", "が", "한"):
        assert fold_text(unicodedata.normalize("NFD", text)) == fold_text(text)


@given(TEXTS)
@example("\u0345\u0300")
@example("e\u200d\u0301")
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)


@given(TEXTS)
@example("a\x00b")
@example(f"é{CONVERSATION_MARK}17")
@example(f"{PICTURE_MARK}1f44d {PLUS_MARK}é{SHARP_MARK}tea")
def test_nothing_folds_into_what_an_index_reserves(text: str) -> None:
    reserved = {CONVERSATION_MARK, PICTURE_MARK, PLUS_MARK, SHARP_MARK}
    assert not {"\x00", *reserved} & set(fold_text(text))


@pytest.mark.parametrize("gap", [" ", "\n", "\u3000", " \n\n "])
def test_a_long_text_folds_as_its_words_do(gap: str) -> None:
    words = ["Ёжик", "Résumé", "ﬁne", "АБВГД" * 5, "e\u0301" * 20, "plain"] * 60
    assert fold_text(gap.join(words)).split() == [fold_text(word) for word in words]


def test_spaces_are_kept() -> None:
    assert fold_text(" é\n\n  ё ") == " e\n\n  е "
    assert fold_text("\n" * 300 + "ё") == "\n" * 300 + "е"
    assert fold_text("") == ""


def test_a_letter_under_a_tower_of_accents_is_that_letter() -> None:
    assert fold_text("é" + "\u0316\u0301" * 4000 + "z") == "ez"
