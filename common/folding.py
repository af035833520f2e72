"""How texts are compared in a search: without regard to case, accents, and ё or е."""

import re
import unicodedata
from itertools import chain

from common.names import fold_form

__all__ = [
    "CONVERSATION_MARK",
    "PICTURE_MARK",
    "PLUS_MARK",
    "SHARP_MARK",
    "fold_text",
]

# Stand in an index; no folded text holds one.
#: Begins the word that names a conversation.
CONVERSATION_MARK = "\ue000"
#: Stand for the signs of C++ and #tea, and before the number of a picture.
PLUS_MARK, SHARP_MARK, PICTURE_MARK = "\ue001", "\ue002", "\ue003"

# Latin and Greek letters with accents, and accents that stand for themselves.
_ACCENTED = chain(range(0xC0, 0x370), range(0x374, 0x400), range(0x1E00, 0x2000))
_LOOSE = range(0x300, 0x370)
# Vowels and doublings of Hebrew and Arabic, which most writers leave out, and what only
# makes a word longer.
_POINTS = chain(
    range(0x591, 0x5BE), (0x5BF, 0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7, 0x640, 0x670),
    range(0x64B, 0x653),
)  # fmt: skip
# What nobody sees, wherever it stands in a word: soft hyphens, joiners, the selectors
# of a variant of the character before.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
# Sorting the accents of one letter takes time with the square of their number, so a
# text is folded in pieces, which end behind a space where there is one.
_PIECES = re.compile(r".{1,127}(?:\s|$)|.{1,128}", re.DOTALL)


def fold_text(text: str) -> str:
    """Return the form of `text` of which the words are compared.

    That is NFKC and no case, ё as е, Latin and Greek letters without accents (й, ї and
    ў are letters of their own), Hebrew and Arabic ones without points, nothing
    invisible and no NUL.
    """
    if text.isascii():
        return text.lower().replace("\x00", " ")
    # What is invisible goes first: it keeps letters and accents apart.
    pieces = _PIECES.findall(_INVISIBLE.sub("", text))
    return "".join(map(fold_form, pieces)).translate(_BARE)


def _bare(code: int) -> str:
    """Return a letter without its accents, and nothing for an accent alone."""
    letter = unicodedata.normalize("NFD", chr(code))[0]
    return "" if ord(letter) in _LOOSE else letter


_BARE = (
    {code: _bare(code) for code in _ACCENTED}
    | dict.fromkeys(_POINTS, "")
    | {
        ord("ё"): "е",
        0: " ",
        **{
            ord(mark): " "
            for mark in (CONVERSATION_MARK, PLUS_MARK, SHARP_MARK, PICTURE_MARK)
        },
    }
)
