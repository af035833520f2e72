"""A text as a QR code in characters, for a camera before the terminal."""

from __future__ import annotations

import io

from common.names import Secret
from decorators import log

__all__ = ["picture"]

# Cameras need less than the four that the standard asks for; a terminal is small.
_BORDER = 2


@log
def picture(text: Secret, columns: int) -> list[str]:
    """Return the rows of a QR code, none where `columns` are too few for it.

    Its light parts are drawn, as is right for light letters on a dark ground.
    """
    # Imported late: few ever ask for it.
    import segno

    code = segno.make(text, error="l", micro=False)
    drawn = io.StringIO()
    code.terminal(drawn, border=_BORDER, compact=True)
    rows = drawn.getvalue().splitlines()
    return rows if max(map(len, rows)) <= columns else []
