"""Names of people and rooms: what is allowed, what is the same, what looks alike."""

import functools
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
    "is_room",
    "skeletons",
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
# Letters and marks that draw nothing (Default_Ignorable_Code_Point of Unicode):
# two names may not differ by what nobody sees.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_STACKED_MARKS = 2
# Longer than any name may be by the settings, and than the pieces in which texts are
# folded (folding.py). Folding takes time with the square of some lengths: a second for
# what fits into one object.
_LONGEST_FOLDED = 128
_LEFT_TO_RIGHT_MARK = "\u200e"
# What ASCII's characters look like in Unicode's table of confusables; all others of
# them like themselves.
_LOOKS_OF_ASCII = {
    '"': "''", "%": "º/₀", "0": "O", "1": "l", "I": "l", "`": "'", "m": "rn", "|": "l",
}  # fmt: skip


def is_room(target: str) -> bool:
    """Tell whether a message to `target` is meant for a room."""
    return target.startswith("#")


def check_name(text: str, longest: int = 25) -> Name:
    """Return `text` as a name, or raise NameRefused with the rule it breaks.

    Allowed are letters of any script with their marks, digits and `. _ -`, at
    most `longest` characters; at least one must be a letter or a digit. The
    rules hold for the compatibility form (NFKC) too, which is what is compared.
    """
    if not text:
        raise NameRefused("it is empty")
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
    _check_characters(text[1:], longest)
    _check_characters(unicodedata.normalize("NFKC", text[1:]), longest)
    return RoomName(text)


def _check_characters(text: str, longest: int) -> None:
    if len(text) > longest:
        raise NameRefused(f"it is longer than {longest} characters")
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category[0] == "M" else 0
        if (
            not (category[0] in "LM" or category == "Nd" or character in _PUNCTUATION)
            or character in _INVISIBLE
        ):
            raise NameRefused(
                "only letters, digits and . _ - are allowed, "
                f"not U+{ord(character):04X}"
            )
        if marks > _STACKED_MARKS:
            raise NameRefused(f"more than {_STACKED_MARKS} marks on one letter")
    if unicodedata.category(text[0])[0] == "M":
        raise NameRefused("it begins with a mark that belongs on a letter")
    if all(character in _PUNCTUATION for character in text):
        raise NameRefused("it needs a letter or a digit")


def fold(name: str) -> str:
    """Return the form in which names are compared: NFKC, without regard to case.

    What is too long for a name of anybody is returned as it is.
    """
    if len(name) > _LONGEST_FOLDED:
        return name
    form = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", form)


def skeletons(name: str) -> frozenset[str]:
    """Return what `name` looks like (UTS #39); names that share one look alike.

    There are two, because case folding and looks do not commute: a Greek capital
    Eta looks like H, its small form like n.
    """
    compatible = unicodedata.normalize("NFKC", name)
    folded_looks = unicodedata.normalize("NFD", fold(_skeleton(compatible)))
    return frozenset({_skeleton(fold(name)), folded_looks})


def _skeleton(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    mapped = "".join(map(_prototype, decomposed))
    return unicodedata.normalize("NFD", mapped)


def _prototype(character: str) -> str:
    """Return the character or sequence that stands for all that look like this one."""
    if character.isascii():
        return _LOOKS_OF_ASCII.get(character, character)
    return _prototype_of_table(character)


@functools.lru_cache(maxsize=4096)
def _prototype_of_table(character: str) -> str:
    """Return the prototype of any character.

    The library lists for each character all its neighbours in Unicode's table of
    confusables: many for a prototype, exactly one (the prototype) for the others.
    """
    # Imported late: its table takes 40 ms to load, a quarter of a server's start.
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(character, greedy=True)
    if not found:
        return character
    neighbours = [
        neighbour["c"].replace(_LEFT_TO_RIGHT_MARK, "")
        for neighbour in found[0]["homoglyphs"]
    ]
    if len(neighbours) > 1:
        return character
    other: str = neighbours[0]
    if len(other) == 1 and not _points_elsewhere(other):
        return min(character, other)
    return other


def _points_elsewhere(prototype: str) -> bool:
    """Tell whether `prototype` stands for several, so that it is surely one."""
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(prototype, greedy=True)
    return bool(found) and len(found[0]["homoglyphs"]) > 1
