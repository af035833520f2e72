"""Words to people beside the data: on standard error."""

from __future__ import annotations

import contextlib
import sys

from common.safe_text import visible
from decorators import log

__all__ = ["complain"]


@log
def complain(sentence: str) -> None:
    """Say something on a line of its own."""
    # Who closes standard error does not want to hear it.
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{visible(sentence)}\n")
        sys.stderr.flush()
