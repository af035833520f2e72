"""Text from others made harmless for a terminal: what would act is shown instead."""

import re

__all__ = ["visible", "visible_json"]

# Control characters (C0, DEL, C1), the bidi controls that reorder what stands
# around them (UAX #9), line and paragraph separators, interlinear annotation and
# the invisible operators. The joiners U+200C and U+200D stay: Persian and emoji
# need them and they move nothing.
_ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ACTING_BUT_NEWLINE = re.compile(
    _ACTING.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f")
)


def visible(text: str, *, keep_newlines: bool = False) -> str:
    r"""Return `text` with every acting character as an escape like \x1b or \u202e.

    With `keep_newlines` a newline stays one (for a screen that indents what
    follows); without it the result is always a single line.
    """
    pattern = _ACTING_BUT_NEWLINE if keep_newlines else _ACTING
    return pattern.sub(_escape, text)


def visible_json(text: str) -> str:
    r"""Return JSON that means the same, with \u202e for such a character."""
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape(match: re.Match[str]) -> str:
    return ascii(match[0])[1:-1]
