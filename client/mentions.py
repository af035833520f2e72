"""Find our name in what others say."""

from __future__ import annotations

import re
from collections.abc import Callable

from common.folding import fold_text
from common.names import Name
from common.search_words import UNSPACED
from decorators import log

__all__ = ["mark_mentions", "mentions"]

# Beside a name they say nothing: words stand without spaces there (小明你好).
_UNSPACED = re.compile(f"[{UNSPACED}]")
_LETTER = rf"(?![{UNSPACED}])\w"


@log
def mentions(text: str, me: Name | str) -> bool:
    """Tell whether a text holds our name as a word: of `bob-2` bob is no word."""
    return re.search(_pattern(_plain(me)), _plain(text)) is not None


@log
def mark_mentions(text: str, me: Name | str, paint: Callable[[str], str]) -> str:
    """Return a text with our name painted wherever it stands as a word."""
    pattern = _pattern(me)
    return re.sub(pattern, lambda found: paint(found[0]), text, flags=re.IGNORECASE)


@log
def _pattern(name: Name | str) -> str:
    before = "" if _UNSPACED.match(name[:1]) else rf"(?<!{_LETTER})(?<!\w[-.])"
    after = "" if _UNSPACED.match(name[-1:]) else rf"(?!{_LETTER}|[-.]\w)"
    return f"{before}{re.escape(name)}{after}"


@log
def _plain(text: str) -> str:
    """Return a text of any length as names are compared, and without accents."""
    return fold_text(text).replace("\u2019", "'")
