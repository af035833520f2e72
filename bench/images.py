"""Open crash images: does SQLite open them, are they whole, what have they lost?"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench.disk import Disk, Image
from bench.record import Change, FolderSync, Naming, Record, Sync

__all__ = ["DATABASE", "MOMENTS", "Verdict", "cut_power", "judge"]

DATABASE = "messenger.db"
#: When the power is cut, and how often of a hundred times.
MOMENTS = {
    "just after an acknowledgement": 45,
    "at any write or sync": 35,
    "while the database file is written": 15,
    "while files come and go": 5,
}
_AFTER, _ANY, _DATABASE, _NAMES = MOMENTS


class Verdict(NamedTuple):
    """What became of the promises at one moment.

    `promised` and `lost` count messages; `last_id` is the greatest promised one.
    `fault` is what SQLite found wrong with the file, "" if nothing.
    """

    moment: str
    line: int
    promised: int
    last_id: int
    lost: int
    fault: str


def cut_power(record: Record, count: int, seed: int) -> Iterator[tuple[Verdict, Image]]:
    """Cut the power at `count` moments of the record; yield verdicts and images."""
    dice = random.Random(seed)
    disk = Disk(record)
    promises = iter([*record.promises, None])
    promise = next(promises)
    promised: dict[int, str] = {}
    for line, moment in _moments(record, count, dice):
        disk.advance(line)
        while promise is not None and promise.line <= line:
            promised[promise.message_id] = promise.text
            promise = next(promises)
        image = disk.image(dice)
        with image.written() as folder:
            lost, fault = judge(folder, promised)
        last = max(promised, default=0)
        yield Verdict(moment, line, len(promised), last, lost, fault), image


def judge(folder: Path, promised: dict[int, str]) -> tuple[int, str]:
    """Open the database; return how many promised texts it has not, and its fault."""
    rows: dict[int, str] = {}
    try:
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check")]
            if database.execute(
                "SELECT 1 FROM sqlite_schema WHERE name = 'messages'"
            ).fetchone():
                rows = dict(database.execute("SELECT id, text FROM messages"))
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    lost = sum(rows.get(number) != text for number, text in promised.items())
    return lost, "" if found == ["ok"] else found[0]


def _moments(record: Record, count: int, dice: random.Random) -> list[tuple[int, str]]:
    """Choose lines of the record at which the power is cut, in their order."""
    files = record.files(f"/{DATABASE}")
    names = [
        index
        for index, event in enumerate(record.events)
        if isinstance(event, Naming | FolderSync)
    ]
    lines = {
        _AFTER: [one.line for one in record.promises if one.acknowledges],
        _ANY: [event.line for event in record.events],
        _DATABASE: [
            event.line
            for event in record.events
            if isinstance(event, Change | Sync) and event.file in files
        ],
        # Also soon after a change of names: it takes effect with what follows.
        _NAMES: [e.line for index in names for e in record.events[index : index + 4]],
    }
    chosen = dice.choices(list(MOMENTS), list(MOMENTS.values()), k=count)
    return sorted((dice.choice(lines[moment]), moment) for moment in chosen)
