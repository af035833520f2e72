"""What is wrong in a database file is found when the crash tests look into it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.judge import Record
from bench.numbered import text_of
from bench.stored import examine, hours_back


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a database with alice's messages 1 and 2."""
    with closing(sqlite3.connect(tmp_path / "messenger.db")) as database, database:
        database.execute(
            "CREATE TABLE messages(id INTEGER PRIMARY KEY, text TEXT, time REAL)"
        )
        rows = [(10, text_of("alice1", 1), 7200.0), (11, text_of("alice1", 2), 7201.0)]
        database.executemany("INSERT INTO messages VALUES (?, ?, ?)", rows)
    return tmp_path


@pytest.fixture
def alice() -> Record:
    """Return what alice knows of them."""
    record = Record("alice1", "alice")
    record.sent = {1: "#r", 2: "#r", 3: "#r"}
    record.stored = [(1, 10), (2, None)]
    record.refused = [(3, "the disk is full")]
    return record


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "messenger.db")) as database, database:
        database.execute(statement)


def test_where_all_is_well_nothing_is_found(folder: Path, alice: Record) -> None:
    assert examine(folder, [alice]) == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM messages WHERE id = 10", "alice1's 1, acknowledged as 10"),
        ("UPDATE messages SET id = 12 WHERE id = 10", "is there as [12]"),
        ("DELETE FROM messages WHERE id = 11", "alice1's 2, acknowledged as None"),
        ("INSERT INTO messages SELECT 12, text, 0 FROM messages LIMIT 1", "[10, 12]"),
        ("UPDATE messages SET text = text || 'x' WHERE id = 10", "was never sent"),
        (
            f"INSERT INTO messages VALUES (12, '{text_of('alice1', 3)}', 0)",
            "alice1's 3 is there, but was refused",
        ),
    ],
)
def test_a_planted_fault_is_found(
    folder: Path, alice: Record, statement: str, says: str
) -> None:
    change(folder, statement)
    assert says in " ".join(breach.what for breach in examine(folder, [alice]))


@pytest.mark.parametrize("name", ["messenger.db", "search.db"])
def test_a_damaged_file_is_found(folder: Path, alice: Record, name: str) -> None:
    data = (folder / "messenger.db").read_bytes()
    (folder / name).write_bytes(data[:4200] + b"\xff" * 500)
    found = [breach.what for breach in examine(folder, [alice])]
    assert found
    assert all(what.startswith(name) for what in found)


def test_the_hours_that_a_clock_went_back_are_added_up(folder: Path) -> None:
    assert hours_back(folder) == 0
    change(folder, "INSERT INTO messages VALUES (12, 'x', 3601.0)")
    change(folder, "INSERT INTO messages VALUES (13, 'x', 9000.0)")
    change(folder, "INSERT INTO messages VALUES (14, 'x', 1800.0)")
    assert hours_back(folder) == pytest.approx(3.0)
