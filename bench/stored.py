"""Is the database whole, and does it hold what was acknowledged, once?"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from bench.judge import Breach, Promise, Record, message_of
from bench.numbered import text_of

__all__ = ["examine", "hours_back"]

_FILES = ("messenger.db", "search.db")


def examine(folder: Path, records: Sequence[Record]) -> list[Breach]:
    """Return what is wrong with the files of a server that has ended."""
    wrong = []
    for name in _FILES:
        if (folder / name).exists():
            wrong += [f"{name}: {fault}" for fault in _faults(folder / name)]
    if not wrong:
        with closing(sqlite3.connect(folder / _FILES[0])) as database:
            rows = database.execute("SELECT id, text FROM messages").fetchall()
        wrong += _differences(rows, records)
    return [Breach(Promise.FILE, "server", what) for what in wrong]


def hours_back(folder: Path) -> float:
    """Return how far the clock was set back in all, by the messages' times."""
    with closing(sqlite3.connect(folder / _FILES[0])) as database:
        rows = database.execute("SELECT time FROM messages ORDER BY id").fetchall()
    times = [float(time) for (time,) in rows]
    steps = [later - one for one, later in pairwise(times)]
    return -sum((step for step in steps if step < 0), 0.0) / 3600


def _faults(path: Path) -> list[str]:
    try:
        with closing(sqlite3.connect(path)) as database:
            found = [str(row[0]) for row in database.execute("PRAGMA integrity_check")]
            found += map(str, database.execute("PRAGMA foreign_key_check"))
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [one for one in found if one != "ok"]


def _differences(
    rows: Sequence[tuple[int, str]], records: Sequence[Record]
) -> Iterator[str]:
    """Yield what should be there and isn't, and the other way round."""
    ids: dict[str, list[int]] = {}
    for message_id, text in rows:
        ids.setdefault(text, []).append(message_id)
    sent = {(record.device, number) for record in records for number in record.sent}
    for text, found in ids.items():
        if len(found) > 1:
            yield f"{text[:20]!r} stands there as {found}"
        if message_of(text) not in sent:
            yield f"{text[:20]!r} was never sent"
    for record in records:
        for number, told in record.stored:
            found = ids.get(text_of(record.device, number), [])
            if not found or told not in (None, *found):
                yield (
                    f"{record.device}'s {number}, acknowledged as {told}, "
                    f"is there as {found}"
                )
        for number, _ in record.refused:
            if text_of(record.device, number) in ids:
                yield f"{record.device}'s {number} is there, but was refused"
