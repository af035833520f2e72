"""Find our name in what others say."""

from __future__ import annotations

import re
from collections.abc import Callable

from common.names import Name, fold
from decorators import log

__all__ = ["mark_mentions", "mentions"]


@log
def mentions(text: str, me: Name | str) -> bool:
    """Tell whether a text holds our name as a word: of `bob-2` bob is no word."""
    return re.search(_pattern(fold(me)), fold(text)) is not None


@log
def mark_mentions(text: str, me: Name | str, paint: Callable[[str], str]) -> str:
    """Return a text with our name painted wherever it stands as a word."""
    pattern = _pattern(me)
    return re.sub(pattern, lambda found: paint(found[0]), text, flags=re.IGNORECASE)


@log
def _pattern(name: Name | str) -> str:
    return rf"(?<!\w)(?<!\w[-.]){re.escape(name)}(?!\w|[-.]\w)"
