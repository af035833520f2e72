"""Time the list of conversations: `python -m bench.conversations [--rows N]`.

One person has a million messages in 200 conversations, half of them their own, nothing
read. Making them takes half a minute.
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench.volume import Promise, make
from server.store.base import LineRow
from server.store.reader import SqliteReader

__all__ = ["Figures", "judge", "main", "measure"]

_ROUNDS = 50
_PAGES = (50, 1000)
# The first of the others that `make` makes.
_HALF = """
UPDATE messages SET sender = (SELECT min(number) FROM identities WHERE kind = 'guest')
WHERE id % 2
"""
_READER = "SELECT identity FROM accounts"


class Figures(NamedTuple):
    """Milliseconds that a page takes, the median, and rows of a page of each size."""

    milliseconds: list[float]
    rows: list[int]


def main() -> None:
    """Make, measure, print; exit with 1 if the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        promises = judge(measure(Path(folder), options.rows))
    for one in promises:
        verdict = "kept" if one.kept else "BROKEN"
        print(f"{one.what:<44}{one.found:>10.1f}  limit {one.limit:g}  {verdict}")
    raise SystemExit(not all(one.kept for one in promises))


def measure(folder: Path, rows: int) -> Figures:
    """Ask for the first page of conversations in a folder that is made for it."""
    make(folder, rows)
    database = folder / "messenger.db"
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(_HALF)
        (reader,) = file.execute(_READER).fetchone()
    found = Figures([], [])
    lines: list[LineRow] = []
    with closing(SqliteReader(database, folder / "search.db")) as asked:
        for size in _PAGES:
            times = []
            for _ in range(_ROUNDS):
                began = time.perf_counter()
                lines, _ = asked.conversations(reader, None, size)
                times.append(time.perf_counter() - began)
            found.milliseconds.append(statistics.median(times) * 1000)
            found.rows.append(len(lines))
    return found


def judge(figures: Figures) -> list[Promise]:
    """Hold the figures against what is promised for a million messages."""
    return [
        Promise(f"{rows} conversations, milliseconds", found, 20.0, found < 20.0)
        for rows, found in zip(figures.rows, figures.milliseconds, strict=True)
    ]


if __name__ == "__main__":
    main()
