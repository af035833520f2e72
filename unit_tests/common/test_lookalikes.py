# ruff: noqa: RUF001 - letters that look like others are what this module is about
"""Names that look alike share a skeleton: the table of UTS #39, whole."""

import unicodedata

import pytest
from hypothesis import assume, given

from common.confusables import CONFUSABLES
from common.lookalikes import skeletons
from unit_tests.common.test_names import NAMES, well_formed

SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")


def alike(one: str, other: str) -> bool:
    return bool(skeletons(one) & skeletons(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "аlice"),
        ("alice", "Аlice"),
        ("alice", "аlісе"),
        ("ChanServ", "ChɑnServ"),
        ("chanserv", "ChɑnServ"),
        ("CHANSERV", "ChɑnServ"),
        ("maria", "rnaria"),
        ("MARIA", "rnaria"),
        ("corn", "com"),
        ("l", "1"),
        ("l", "I"),
        ("I", "1"),
        ("alice", "a1ice"),
        ("ALICE", "aIice"),
        ("0", "O"),
        ("bob", "b0b"),
        ("BOB", "b0b"),
        ("HELLO", "ΗELLO"),
        ("hello", "ΗELLO"),
        ("TOM", "ТОМ"),
        ("раураl", "paypal"),
        ("ﬁona", "fiona"),
        ("o", "ο"),
        ("alice", "aliϲe"),
        ("ALICE", "ALIϹE"),
        ("alife", "aliſe"),
        ("alise", "aliſe"),
    ],
)  # fmt: skip
def test_names_that_look_alike_share_a_skeleton(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "bob"),
        ("alice", "alicia"),
        ("алиса", "борис"),
        ("ёж", "еж"),
        ("anna", "hanna"),
        ("bob", "rob"),
        ("愛", "恋"),
        ("alice", "al.ice"),
        ("tim", "tom"),
        ("мама", "папа"),
        ("vera", "viera"),
        ("Tom", "Том"),
        ("ها", "ol"),
    ],
)
def test_names_that_do_not_look_alike_share_no_skeleton(one: str, other: str) -> None:
    assert not alike(one, other)


@given(NAMES)
def test_a_name_looks_like_itself_in_other_cases(name: str) -> None:
    # The iota subscript moves to another place when it becomes a capital iota.
    assume("\u0345" not in unicodedata.normalize("NFD", name))
    for other in (name.upper(), name.lower(), name.title(), name.swapcase()):
        assert alike(name, other), ascii(other)


@given(NAMES)
def test_a_skeleton_is_the_same_for_all_spellings_that_are_one_name(name: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert alike(name, unicodedata.normalize(form, name)), form


def test_every_single_letter_in_use_looks_like_itself_in_other_cases() -> None:
    letters = [chr(code) for code in range(0x3000) if chr(code).isalpha()]
    letters = [letter for letter in letters if well_formed(letter)]
    assert len(letters) > 5000
    for letter in letters:
        if "\u0345" not in unicodedata.normalize("NFD", letter):
            assert alike(letter, letter.upper()), hex(ord(letter))
            assert alike(letter, letter.lower()), hex(ord(letter))


def pairs() -> list[tuple[str, str]]:
    """Return each character of the table with what it looks like."""
    rows = [line.split(": ") for line in CONFUSABLES.split("\n")[1:-1]]
    return [
        (chr(int(code, 16)), "".join(chr(int(one, 16)) for one in looks.split()))
        for looks, codes in rows
        for code in codes.split()
    ]


def is_of_europe(text: str) -> bool:
    return any(unicodedata.name(one, "").startswith(SCRIPTS) for one in text)


def test_every_confusable_of_a_latin_greek_or_cyrillic_letter_shares_its_skeleton() -> (
    None
):
    alike_to: dict[str, set[str]] = {}
    for character, looks in pairs():
        alike_to.setdefault(looks, {looks}).add(character)
    checked = 0
    for looks, all_alike in alike_to.items():
        names = [one for one in all_alike if well_formed(one)]
        if not any(map(is_of_europe, names)):
            continue
        for name in names:
            assert alike(name, looks), (ascii(name), ascii(looks))
            assert alike(f"x{name}x", f"x{looks}x"), (ascii(name), ascii(looks))
            checked += 1
    assert checked > 1500


@pytest.mark.parametrize(
    ("line", "looks"),
    [
        ("03F2", "c"), ("03F9", "C"), ("017F", "f"), ("0430", "a"), ("0251", "a"),
        ("0131", "i"), ("0399", "l"), ("0417", "3"), ("006D", "rn"),
        ("0031", "l"), ("13A0", "D"), ("A4F2", "l"), ("1D5BA", "a"),
    ],
)  # fmt: skip
def test_the_table_says_what_unicode_says(line: str, looks: str) -> None:
    assert dict(pairs())[chr(int(line, 16))] == looks


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ها", "lo"),  # goes to the left: the alef, like an l, is the first to be seen
        ("a߀", "aO"),
        ("bob1ها", "bob1lo"),
        ("ב12", "12ב"),
    ],
)
def test_letters_that_go_to_the_left_look_like_what_is_seen(
    one: str, other: str
) -> None:
    assert alike(one, other)


def test_a_joiner_changes_no_look() -> None:
    assert alike("علی\u200cرضا", "علیرضا")
