"""The last lines that a process wrote into its log."""

from __future__ import annotations

import os
from pathlib import Path

from common.safe_text import visible
from decorators import log

__all__ = ["last_lines"]

_LINES = 5
# The call log is busy: the lines that say something may stand far before the end.
_READ_BYTES = 512 * 1024


@log
def last_lines(path: Path, pid: int, most: int = _LINES) -> list[str]:
    """Return up to `most` last lines of process `pid`, in order and safe to show.

    Lines of the call log are left out unless there are no others. A log that can't
    be read gives none.
    """
    try:
        text = _read_end(path)
    except OSError:
        return []
    # As text or as JSON.
    of_process = (f" [{pid}] ", f'"process": {pid},')
    of_call = (" DEBUG [", '"level": "DEBUG"')
    lines = [one for one in text.splitlines() if any(o in one for o in of_process)]
    telling = [line for line in lines if not any(call in line for call in of_call)]
    return [visible(line) for line in (telling or lines)[-most:]]


@log
def _read_end(path: Path) -> str:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _READ_BYTES))
        return file.read().decode(errors="replace")
