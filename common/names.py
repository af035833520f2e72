"""Names of people and rooms: what is allowed, and what is the same."""

import unicodedata
from typing import NewType

from errors import NameRefused

__all__ = [
    "ALL",
    "RESERVED",
    "Label",
    "Name",
    "RoomName",
    "Secret",
    "check_name",
    "check_room",
    "fold",
    "fold_form",
    "is_room",
]

Name = NewType("Name", str)
RoomName = NewType("RoomName", str)
#: What a log calls somebody or something: never a text, never a secret.
Label = NewType("Label", str)
#: A password, a token, a device's id: the call log never shows it.
Secret = NewType("Secret", str)

ALL = RoomName("#all")
#: Names that the server itself speaks under.
RESERVED = frozenset({"server", "all"})

_PUNCTUATION = frozenset("._-")
# Stand within a name, between its letters: apostrophes, the middle dots of Catalan
# and Japanese, the Armenian and the Japanese hyphen, the mark between Tibetan
# syllables, Hebrew abbreviations (UAX #31, table 3).
_MEDIAL = frozenset("\u2019\u00b7\u30fb\u30a0\u055a\u058a\u0f0b\u05f4")
_GERESH = "\u05f3"  # ends a name too
_ZERO = "\u3007"  # of the Chinese; Unicode counts it as a numeral of another kind
# As typed; shells and shlex would take it for a quotation mark, so another is kept.
_APOSTROPHE, _KEPT_APOSTROPHE = "'", "\u2019"
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_JOINERS = frozenset((_NON_JOINER, _JOINER))
# Choose the form of the Mongolian letter before them.
_SELECTORS = frozenset("\u180b\u180c\u180d\u180e\u180f")
# Letters and marks that draw nothing (Default_Ignorable_Code_Point of Unicode):
# two names may not differ by what nobody sees.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
# What makes no other name is left out where names are compared; apostrophes are one.
_SAME = dict.fromkeys(map(ord, _JOINERS | _SELECTORS)) | dict.fromkeys(
    (ord(_APOSTROPHE), ord(_KEPT_APOSTROPHE)), "\N{MODIFIER LETTER APOSTROPHE}"
)
_VIRAMA = 9  # the combining class
_ATTACHED = 200  # the first combining class of marks that pile up on any letter
_MOST_ANY, _MOST_PILED, _MOST_NONSPACING, _MOST_MARKS = 2, 2, 4, 6
# Longer than any name may be by the settings, and than the pieces in which texts are
# folded (folding.py). Folding takes time with the square of some lengths: a second for
# what fits into one object.
_LONGEST_FOLDED = 128


def is_room(target: str) -> bool:
    """Tell whether a message to `target` is meant for a room."""
    return target.startswith("#")


def check_name(text: str, longest: int = 25) -> Name:
    """Return `text` as a name, or raise NameRefused with the rule it breaks.

    Allowed are letters of any script with their marks, digits and `. _ -`, at
    most `longest` characters; at least one must be a letter or a digit. What a
    script needs within a name (joiners, an apostrophe) may stand there. The rules
    hold for the compatibility form (NFKC) too, which is what is compared.
    """
    if not text:
        raise NameRefused("it is empty")
    text = text.replace(_APOSTROPHE, _KEPT_APOSTROPHE)
    _check_characters(text, longest)
    _check_characters(unicodedata.normalize("NFKC", text), longest)
    if fold(text) in RESERVED:
        raise NameRefused("it is kept for the server's own messages")
    return Name(text)


def check_room(text: str, longest: int = 25) -> RoomName:
    """Return `text` as a room name: `#` and then what a name may hold.

    Raises NameRefused with the rule it breaks.
    """
    if not is_room(text):
        raise NameRefused("a room's name begins with #")
    if len(text) > longest:
        raise NameRefused(f"it is longer than {longest} characters")
    if len(text) == 1:
        raise NameRefused("nothing follows the #")
    text = text.replace(_APOSTROPHE, _KEPT_APOSTROPHE)
    _check_characters(text[1:], longest)
    _check_characters(unicodedata.normalize("NFKC", text[1:]), longest)
    return RoomName(text)


def _check_characters(text: str, longest: int) -> None:
    if len(text) > longest:
        raise NameRefused(f"it is longer than {longest} characters")
    if text.isascii() and text.isalnum():
        return
    marks = ""
    for place, character in enumerate(text):
        if not _is_allowed(text, place):
            raise NameRefused(
                "only letters, digits and . _ - are allowed, "
                f"not U+{ord(character):04X}"
            )
        if character in _JOINERS or character in _SELECTORS:
            continue
        is_mark = unicodedata.category(character)[0] == "M"
        marks = marks + character if is_mark else ""
        if len(marks) > _MOST_ANY and _is_tower(marks):
            raise NameRefused("too many marks on one letter")
    if unicodedata.category(text[0])[0] == "M":
        raise NameRefused("it begins with a mark that belongs on a letter")
    if all(character in _PUNCTUATION for character in text):
        raise NameRefused("it needs a letter or a digit")


def _is_allowed(text: str, place: int) -> bool:
    """Tell whether the character at a place of a name may stand there."""
    character = text[place]
    if character in _JOINERS:
        return _joins(text, place)
    if character in _SELECTORS:
        return place > 0 and "\u1820" <= text[place - 1] <= "\u18aa"
    if character in _MEDIAL or character == _GERESH:
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        return _is_letter(before) and (_is_letter(after) or character == _GERESH)
    return character in _PUNCTUATION or _is_letter(character)


def _is_letter(character: str) -> bool:
    """Tell whether it is a letter, a mark or a digit; "" is none."""
    if not character or character in _INVISIBLE:
        return False
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd" or character == _ZERO


def _joins(text: str, place: int) -> bool:
    """Tell whether scripts write a joiner there: CONTEXTJ of RFC 5892, and more.

    Bengali has one before the virama as well, and Persian between the parts of a name
    though the letter before it joins no other (امیر‌علی).
    """
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not _is_letter(before):
        return False
    if after and unicodedata.combining(after) == _VIRAMA:
        return True
    if text[place] == _NON_JOINER and _is_arabic(after):
        return _is_arabic(before) or unicodedata.bidirectional(before) == "NSM"
    # Imported late: few names have one.
    import idna

    try:
        return idna.valid_contextj(text, place)
    except ValueError:  # beside a character without joining type
        return False


def _is_arabic(letter: str) -> bool:
    """Tell whether it is one of a script like Arabic, whose letters join; "" is not."""
    return bool(letter) and unicodedata.bidirectional(letter) == "AL"


def _is_tower(marks: str) -> bool:
    """Tell whether more than two marks on one letter are none of a script (UTS #39).

    Burmese or Tibetan syllables have up to five, of which none comes twice.
    """
    nonspacing = [one for one in marks if unicodedata.category(one) != "Mc"]
    piled = [one for one in nonspacing if unicodedata.combining(one) >= _ATTACHED]
    enclosing = [one for one in nonspacing if unicodedata.category(one) == "Me"]
    return (
        len(set(marks)) < len(marks)
        or len(piled) + len(enclosing) > _MOST_PILED
        or len(nonspacing) > _MOST_NONSPACING
        or len(marks) > _MOST_MARKS
    )


def fold(name: str) -> str:
    """Return the form in which names are compared: NFKC, without regard to case.

    Joiners make no difference. What is too long for a name of anybody is returned as it
    is.
    """
    if len(name) > _LONGEST_FOLDED:
        return name
    return fold_form(name.translate(_SAME))


def fold_form(text: str) -> str:
    """Return NFKC of `text`, without regard to case: for short texts."""
    form = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", form)
