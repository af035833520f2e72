"""The text of a message from standard input."""

from __future__ import annotations

import sys

from common.byte_order_mark import without_mark
from decorators import log
from errors import ExitCode, NotUtf8, ProgramError, TooLong

__all__ = ["read_text"]

# No server takes a longer text.
_LONGEST_BYTES = 1024 * 1024


@log
def read_text() -> str:
    """Return all of standard input, without a byte order mark and the last newline.

    Raises ProgramError where there is nothing, too much, or no text.
    """
    data = sys.stdin.buffer.read(_LONGEST_BYTES + 1)
    if len(data) > _LONGEST_BYTES:
        raise ProgramError(str(TooLong("the text", _LONGEST_BYTES)))
    try:
        text = without_mark(data).decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        # Not `from`: that error holds the text.
        raise ProgramError(f"nothing sent: {NotUtf8('standard input')}") from None
    if not text.strip():
        raise ProgramError(
            "standard input is empty: there is nothing to send", ExitCode.USAGE
        )
    return text
