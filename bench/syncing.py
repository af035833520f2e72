"""What one sync of this disk costs: the least that a stored message can take."""

import os
import statistics
import tempfile
import time
from pathlib import Path

__all__ = ["sync_seconds"]

_PAGE = 4096
_PAGES = 256


def sync_seconds(folder: Path, count: int) -> float:
    """Return the median of `fdatasync` after overwriting 4 KiB of a file of 1 MiB."""
    took = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        number = file.fileno()
        os.pwrite(number, bytes(_PAGE * _PAGES), 0)
        os.fsync(number)
        for step in range(count):
            started = time.perf_counter()
            os.pwrite(number, os.urandom(_PAGE), step % _PAGES * _PAGE)
            os.fdatasync(number)
            took.append(time.perf_counter() - started)
    return statistics.median(took)
