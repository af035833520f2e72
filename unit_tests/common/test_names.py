# ruff: noqa: RUF001 - letters that look like others are what this module is about
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.names import (
    ALL,
    RESERVED,
    check_name,
    check_room,
    fold,
    is_room,
)
from errors import NameRefused

MARK = "\N{COMBINING ACUTE ACCENT}"


def rule_against(name: str, longest: int = 25) -> str:
    with pytest.raises(NameRefused) as caught:
        check_name(name, longest)
    return caught.value.rule


@pytest.mark.parametrize(
    "name",
    [
        "alice",
        "Alice",
        "a",
        "7",
        "a.b_c-d",
        "_a",
        "-a-",
        "алиса",
        "Ёжик",
        "Ελένη",
        "أليس",
        "אליס",
        "एलिस",
        "அலிஸ்",
        "อลิส",
        "アリス",
        "ありす",
        "愛麗絲",
        "앨리스",
        "ალისა",
        "Ալիսա",
        "አሊስ",
        "Ａlice",
        "Zoë",
        "Zoe\N{COMBINING DIAERESIS}",
        "ﬁona",
        "٧",
        "𝒜lice",
        "ʻOkina",
    ],
)
def test_letters_of_any_script_with_digits_and_dots_are_a_name(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "names",
    [
        "ကျော် ရွှေ အောင်ဆန်းစုကြည် ကြွယ် ပအိုဝ်ႉ ၸဝ်ႈၾႃႉ",  # Burmese, Pa'o, Shan
        "علی‌رضا امیر‌علی مُحَمَّد ٱللّٰه ܐܒܪܗܡ ދިވެހި ߡߊ߬ߘߎ߬ 𞤀𞤣𞤤𞤢𞤥",
        "ශ්‍රී ශ්‍රීමාලි සූර්‍ය චන්ද්‍රිකා ප්‍රියන්ත",  # Sinhala
        "श्रीकृष्ण र्‍यामी नरेंद्र দীপঙ্কর র‍্যাফেল রব্‌বানী ਗੁਰਪ੍ਰੀਤ નરેન્દ્ર ପଟ୍ଟନାୟକ",
        "ஸ்ரீ கார்த்திக் లక్ష్మి శ్రీనివాస్ ರಾಮಕೃಷ್ಣ ಅರ್ಜುನ್‌ಕುಮಾರ್ ശ്രീജിത്ത് അനില്‍",
        "กฤษฎิ์ น้ำฝน สุทธิ์ ວຽງຈັນ ស៊ីសុវត្ថិ ព្រះ ᩉᩖᩅ᩠ᨦ ᨾᩯ᩵ ꦗꦮ ᬓ᭄ᬢᬸᬢ᭄",  # south-east Asia
        "བསྟན་འཛིན རྒྱ་མཚོ སྒྲོལ་མ ᠮᠣᠩᠭᠣᠯ ᠰᠠᠷᠠ᠎ᠠ ꆈꌠ ꓡꓲ-ꓢꓴ",  # Tibetan, Mongolian, Yi, Lisu
        "O’Brien N’Golo Мар’яна Gal·la ʻOkina Hawaiʻi Kǃung ǂKhomani Ŋmbe",
        "Nguyễn Ọlọ́runtobi Ẹ̀bùn Łukasz Þórður İbrahim ßtraße Ὀδυσσεὺς ᾍδης",
        "Сергій Ґалаґан Әсел Ӏбрагьим Ա՚րա Մարի֊Աննա გიორგი ᲒᲘᲝᲠᲒᲘ ሀይለሥላሴ ᏣᎳᎩ ᐃᓄᒃ",
        "שָׁלוֹם צה״ל רמב״ם ג׳ורג׳",  # points of vowels, abbreviations, a geresh
        "ジャン・ポール ダニエル゠モーゼ 佐々木 〇一 𠮷野家 김철수 欧阳娜娜",
    ],
)
def test_names_of_people_in_every_script_are_names(names: str) -> None:
    for name in names.split():
        assert check_name(name) == name
        assert check_room(f"#{name}") == f"#{name}"


def test_an_apostrophe_as_typed_is_kept_as_one_that_no_shell_takes_for_a_quote() -> (
    None
):
    assert check_name("O'Brien") == "O’Brien"
    assert check_room("#d'accord") == "#d’accord"
    assert fold("o'brien") == fold("O’Brien")


@pytest.mark.parametrize(
    "name",
    [
        "a\u200cb", "a\u200db", "\u200cعلی", "علی\u200c", "ب\u200c1", "1\u200d2",
        "愛\u200d愛", "ש\u200cל", "a\u180eb", "\u180b\u1820", "’a", "a’", "a’’b", "a·",
        "་བ", "״ל", "׳ל",
    ],
)  # fmt: skip
def test_what_stands_between_letters_is_refused_where_no_script_has_it(
    name: str,
) -> None:
    assert "are allowed, not U+" in rule_against(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علی\u200cرضا", "علیرضا"),
        ("ශ්\u200dරී", "ශ්රී"),
        ("ᠰᠠᠷᠠ\u180eᠠ", "ᠰᠠᠷᠠᠠ"),
        ("Мар’яна", "Марʼяна"),
    ],
)
def test_a_name_with_a_joiner_is_the_name_without(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("two words", "U+0020"),
        ("#room", "U+0023"),
        ("@alice", "U+0040"),
        ("a/b", "U+002F"),
        ("a:b", "U+003A"),
        ("a\0", "U+0000"),
        ("a\n", "U+000A"),
        ("\x1b[31m", "U+001B"),
        ("a\x9b", "U+009B"),
        ("a\u202eb", "U+202E"),
        ("a\u200bb", "U+200B"),
        ("a\u200db", "U+200D"),
        ("a\u00adb", "U+00AD"),
        ("a\ufeff", "U+FEFF"),
        ("a\u00a0b", "U+00A0"),
        ("a😀", "U+1F600"),
        ("½", "U+00BD"),
        ("x²", "U+00B2"),
        ("Ⅷ", "U+2167"),
        ("①", "U+2460"),
        ("a\ue000", "U+E000"),
        ("a\U000e0041", "U+E0041"),
        ("a\ud800", "U+D800"),
        ("a\U0010ffff", "U+10FFFF"),
        ("a‿b", "U+203F"),
        ("a–b", "U+2013"),
    ],
)
def test_another_character_is_refused_and_named(name: str, character: str) -> None:
    rule = rule_against(name)
    assert rule.endswith(f"not {character}")
    assert "letters, digits and . _ -" in rule


@pytest.mark.parametrize(
    "letter",
    ["\u115f", "\u1160", "\u3164", "\uffa0", "\u034f", "\u17b4", "\u17b5", "\u180b",
     "\ufe0f", "\U000e0100", "\U000e01ef"],
)  # fmt: skip
def test_a_letter_or_mark_that_draws_nothing_is_refused(letter: str) -> None:
    # Unicode counts them as letters and marks: only a list can tell.
    assert unicodedata.category(letter)[0] in "LM"
    assert f"U+{ord(letter):04X}" in rule_against(f"a{letter}b")


def test_an_empty_name_is_refused() -> None:
    assert rule_against("") == "it is empty"


@pytest.mark.parametrize("name", [".", "_", "-", "...", "._-", "-" * 25, "．", "＿"])
def test_a_name_of_punctuation_only_is_refused(name: str) -> None:
    rule_against(name)


@pytest.mark.parametrize("letter", ["a", "ж", "愛", "𝒜"])
def test_a_name_of_25_characters_is_allowed(letter: str) -> None:
    assert check_name(letter * 25) == letter * 25


@pytest.mark.parametrize("letter", ["a", "ж", "愛", "𝒜"])
def test_a_name_of_26_characters_is_refused(letter: str) -> None:
    assert rule_against(letter * 26) == "it is longer than 25 characters"


def test_the_longest_length_is_the_callers() -> None:
    assert check_name("abc", 3) == "abc"
    assert rule_against("abcd", 3) == "it is longer than 3 characters"


def test_a_name_that_grows_past_the_limit_in_its_compared_form_is_refused() -> None:
    assert check_name("ﬃ" * 8) == "ﬃ" * 8  # 24 letters when compared
    assert rule_against("ﬃ" * 9) == "it is longer than 25 characters"


def test_a_letter_whose_compared_form_holds_spaces_is_refused() -> None:
    assert "U+0020" in rule_against("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}")


def test_a_tower_of_marks_on_one_letter_is_refused() -> None:
    stacked = "a" + "\N{COMBINING TILDE BELOW}\N{COMBINING DOUBLE ACUTE ACCENT}"
    assert check_name(stacked) == stacked
    assert "marks on one letter" in rule_against("q" + MARK * 3)
    assert "marks on one letter" in rule_against("a\u0301\u0302\u0303")
    assert "marks on one letter" in rule_against("ရ" + "ွှေ" * 2)


def test_a_name_may_not_begin_with_a_mark() -> None:
    assert "begins with a mark" in rule_against(MARK + "a")


@pytest.mark.parametrize(
    "name", ["server", "Server", "SERVER", "ｓerver", "all", "ALL"]
)
def test_the_servers_own_names_are_refused(name: str) -> None:
    assert fold(name) in RESERVED
    assert "server's own" in rule_against(name)


ANYTHING = st.text(
    st.characters(exclude_categories=[])
    | st.characters(categories=["L", "M", "N"])
    | st.sampled_from("._-#aA\u0345"),
    max_size=30,
)


def well_formed(name: str) -> bool:
    try:
        check_name(name)
    except NameRefused:
        return False
    return True


NAMES = st.text(
    st.characters(categories=["L", "M", "Nd"])
    | st.sampled_from("aAıIİßσς._-’\u0345\u200c\u200d"),
    min_size=1,
    max_size=6,
).filter(well_formed)


@given(ANYTHING)
def test_any_text_is_a_name_or_refused_by_a_rule(name: str) -> None:
    try:
        assert check_name(name) == name.replace("'", "’")
    except NameRefused as refused:
        assert refused.code == 400
        assert refused.rule in str(refused)


@given(NAMES)
def test_what_is_compared_obeys_the_rules_of_a_name_too(name: str) -> None:
    assert well_formed(unicodedata.normalize("NFKC", name))


def test_what_is_too_long_for_a_name_is_not_folded_and_costs_no_time() -> None:
    # To put its marks in order would take a quarter of an hour.
    long = "A" + "\u0301\u0316" * 400_000
    assert fold(long) == long
    assert fold("A" * 128) == "a" * 128


@given(ANYTHING)
@example("İ")
@example("ẞß")
@example("ﬃ")
@example("ΣΑΣ")
@example("\u1fc7\u0345")
def test_a_folded_name_folds_to_itself(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alice", "alice"),
        ("ALICE", "alice"),
        ("Ａlice", "alice"),
        ("𝒜lice", "alice"),
        ("Алиса", "аЛИСА"),
        ("Straße", "STRASSE"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("Zoë", "Zoe\N{COMBINING DIAERESIS}"),
        ("ﬁona", "fiona"),
        ("ｱ", "ア"),
        ("ą́", "a\N{COMBINING ACUTE ACCENT}\N{COMBINING OGONEK}"),
    ],
)
def test_spellings_that_differ_in_case_or_form_only_are_one_name(
    one: str, other: str
) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("alice", "alicia"), ("ёж", "еж"), ("ı", "i"), ("a.b", "a_b"), ("a", "а")],
)
def test_different_names_are_compared_as_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("room", ["#all", "#a", "#кухня", "#a.b-c_d", "#7", "#server"])
def test_a_room_is_a_sharp_and_a_name(room: str) -> None:
    assert is_room(room)
    assert check_room(room) == room


@pytest.mark.parametrize(
    ("room", "words"),
    [
        ("", "begins with #"),
        ("all", "begins with #"),
        ("＃all", "begins with #"),
        ("#", "nothing follows"),
        ("##", "U+0023"),
        ("#a b", "U+0020"),
        ("#...", "a letter or a digit"),
        ("#a\u202e", "U+202E"),
        (f"#{MARK}a", "begins with a mark"),
        ("#" + "a" * 25, "longer than 25"),
        ("#" + "ﬃ" * 9, "longer than 25"),
    ],
)
def test_a_room_name_against_the_rules_is_refused(room: str, words: str) -> None:
    with pytest.raises(NameRefused, match=re.escape(words)):
        check_room(room)


def test_a_room_name_of_25_characters_with_its_sharp_is_allowed() -> None:
    assert check_room("#" + "a" * 24) == "#" + "a" * 24


@given(ANYTHING.map("#".__add__))
def test_any_text_is_a_room_name_or_refused_by_a_rule(room: str) -> None:
    try:
        assert check_room(room) == room.replace("'", "’")
    except NameRefused as refused:
        assert refused.rule in str(refused)


def test_all_is_a_room_and_folds_to_itself() -> None:
    assert check_room(ALL) == fold(ALL) == "#all"


def test_a_name_is_never_taken_for_a_room() -> None:
    assert not is_room("alice")
    assert not well_formed("#alice")
