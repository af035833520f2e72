"""Split texts into what a search finds: words, pairs of characters, pictures.

Where a script puts no spaces between words (Chinese, Japanese, Thai), each character
begins a pair with the next one, so any part of a sentence is found, and with it some
that have the same pairs apart. A picture is a word by itself, whatever tone its skin
has. `+` and `#` belong to a word that they end or begin (C++, #tea). In what comes out
these stand as marks of ours, which an index takes for letters.
"""

import re
import unicodedata
from collections.abc import Callable
from operator import add

from common.folding import PICTURE_MARK, PLUS_MARK, SHARP_MARK, fold_text

__all__ = ["PICTURES", "SIGNS", "UNSPACED", "begins_word", "kept_words", "sought_words"]

#: Signs that belong to a word, as in C++ and #tea.
SIGNS = "+#"
#: Ranges of characters, as in a pattern: pictures, and scripts without spaces.
PICTURES = "\u2190-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff"
UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"  # Thai, Lao
    "\u1000-\u103f\u104c-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f"  # Burmese, Shan
    "\u1780-\u17d3\u1950-\u19df\u1a20-\u1aad\u1b00-\u1b4c\ua980-\ua9c0"  # beside them
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u309d-\u309f"  # Japanese
    "\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31bf\u31f0-\u31ff\U0001b000-\U0001b16f"
    "\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)

# Ends a word, even a word that goes on behind it (C++11); or begins one.
_ENDED = re.compile(r"(?<=\w)(?:\+\++|[+#]+(?!\w))")
_BEGUN = re.compile(r"(?<!\w)#(?=(\w[^\s#]*))")
_RUN = re.compile(f"[{UNSPACED}]+")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")
_PICTURE = re.compile(f"[{PICTURES}]")
_SPECIAL = re.compile(f"[{SIGNS}{PICTURES}{UNSPACED}]")
_AS_MARKS = str.maketrans({"+": PLUS_MARK, "#": SHARP_MARK})
_MARKS = frozenset((PICTURE_MARK, PLUS_MARK, SHARP_MARK))


def kept_words(text: str) -> str:
    """Return `text`, folded, as it is kept in an index or looked through.

    The last character of a run without spaces stands alone, too, so that each begins
    something. Behind `#tea` stands `tea`.
    """
    return _spelled(text, f"{SHARP_MARK}\\1 ", _pairs_and_last)


def sought_words(text: str) -> list[str]:
    """Return the words of a query; each has to begin one of what is kept."""
    words = _spelled(text, SHARP_MARK, _pairs)
    return "".join(one if _is_in_word(one) else " " for one in words).split()


def begins_word(word: str, kept: str) -> bool:
    """Tell whether `word` of a query begins a word of what `kept_words` returned."""
    at = kept.find(word)
    while at > 0 and _is_in_word(kept[at - 1]):
        at = kept.find(word, at + 1)
    return at >= 0


def _spelled(text: str, begun: str, pairs: Callable[[re.Match[str]], str]) -> str:
    text = fold_text(text)
    if not _SPECIAL.search(text):
        return text
    text = _ENDED.sub(lambda signs: f"{signs[0].translate(_AS_MARKS)} ", text)
    text = _BEGUN.sub(begun, text)
    text = _RUN.sub(pairs, text)
    text = _FLAG.sub(_code, _TONE.sub(" ", text))
    return _PICTURE.sub(_code, text)


def _pairs(run: re.Match[str]) -> str:
    text = run[0]
    return f" {' '.join(map(add, text, text[1:])) or text} "


def _pairs_and_last(run: re.Match[str]) -> str:
    text = run[0]
    return f" {' '.join(map(add, text, text[1:]))} {text[-1]} "


def _code(picture: re.Match[str]) -> str:
    """Return pictures as a word of letters: an index knows them only up to its Unicode.

    Of one picture no code begins another's; flags begin with another letter.
    """
    codes = "".join(f"{ord(one):x}" for one in picture[0])
    return f" {PICTURE_MARK}{'f' * (len(picture[0]) - 1)}{codes} "


def _is_in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in _MARKS
