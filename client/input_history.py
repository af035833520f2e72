"""What was typed, kept from one start to the next; only its owner may read it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from decorators import log
from log_config.private_files import make_private_folder

__all__ = ["open_history"]

# Past it the older half goes.
_LARGEST_BYTES = 1024 * 1024


class _LenientHistory(FileHistory):
    """A history whose disk may fill up without an end to the conversation."""

    @log
    def store_string(self, string: str) -> None:
        """Append one entry if that can be done."""
        with contextlib.suppress(OSError):
            super().store_string(string)


@log
def open_history(file: Path) -> History:
    """Return the history in `file`; one that lasts for this run where that fails."""
    try:
        make_private_folder(file.parent)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        if file.stat().st_size > _LARGEST_BYTES:
            _halve(file)
    except OSError:
        return InMemoryHistory()
    return _LenientHistory(os.fspath(file))


@log
def _halve(file: Path) -> None:
    """Forget the older entries; each begins with an empty line and its time."""
    kept = file.read_bytes()[-_LARGEST_BYTES // 2 :]
    start = kept.find(b"\n\n#")
    shorter = file.with_suffix(".new")
    shorter.touch(0o600)
    shorter.write_bytes(kept[start:] if start >= 0 else b"")
    shorter.replace(file)
