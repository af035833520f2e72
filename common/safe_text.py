"""Text from others made harmless for a terminal: what would act is shown instead."""

import re

__all__ = ["visible", "visible_json"]

# Control characters (C0, DEL, C1), the bidi controls that turn round what stands in
# or around them (embeddings, overrides and isolates of UAX #9), line and paragraph
# separators, interlinear annotation and the invisible operators. What stays: the
# joiners, which Persian and emoji need, and marks that move nothing but themselves, as
# browsers and editors leave them behind (U+061C, U+180E, U+200B, U+200E, U+200F,
# U+2060, U+FEFF). No name holds one.
_ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2061-\u206f\ufff9-\ufffb\ud800-\udfff]"
)
_ACTING_BUT_NEWLINE = re.compile(
    _ACTING.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f")
)


def visible(text: str, *, keep_newlines: bool = False) -> str:
    r"""Return `text` with every acting character as an escape like \x1b or \u202e.

    With `keep_newlines` a newline stays one (for a screen that indents what
    follows); without it the result is always a single line. A tab becomes spaces, up
    to the next eighth column of the text, and a line end of two characters (CR LF) is
    a newline.
    """
    if "\t" in text:
        text = text.expandtabs()
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    pattern = _ACTING_BUT_NEWLINE if keep_newlines else _ACTING
    return pattern.sub(_escape, text)


def visible_json(text: str) -> str:
    r"""Return JSON that means the same, with \u202e for such a character."""
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape(match: re.Match[str]) -> str:
    return ascii(match[0])[1:-1]
