"""Messages as lines: for people and files, and as JSON for programs."""

from __future__ import annotations

import re
import time
from typing import Final

import msgspec

from client.rows import KeptMessage
from common.safe_text import visible
from decorators import log

__all__ = ["json_line", "text_line"]

_NO_MOMENT = "??.??.???? ??:??"
_BEYOND_ASCII: Final = re.compile(r"[^ -~]")


@log
def text_line(one: KeptMessage) -> str:
    """Return a message as `[DD.MM.YYYY HH:MM] name: text`, always one line."""
    said = f"{one.sender}: {one.text}" if one.sender else one.text
    return f"[{_moment(one.time)}] {visible(said)}"


@log
def json_line(one: KeptMessage) -> str:
    """Return a message as one line of JSON.

    What acts on a terminal is written as an escape, which JSON reads as the same.
    """
    shown = {
        "message_id": one.message_id or None,
        "time": one.time,
        "from": one.sender,
        "to": one.to,
        "message": one.text,
    }
    text = msgspec.json.encode(shown).decode()
    return _BEYOND_ASCII.sub(_escaped, text)


@log
def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if visible(character) == character:
        return character
    return f"\\u{ord(character):04x}"


@log
def _moment(when: float) -> str:
    try:
        return time.strftime("%d.%m.%Y %H:%M", time.localtime(when))
    except (OverflowError, ValueError, OSError):
        return _NO_MOMENT
