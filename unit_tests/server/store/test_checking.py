import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server.store.checking import check
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World, opened

KEPT_1 = Path(__file__).with_name("version_1.sql")


@pytest.fixture
def filled(folder: Path) -> Path:
    """Return a data folder with much in it, whose server has ended."""
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice")
        world.say(world.line(alice, alice), alice, *["hello"] * 1000)
    return folder


def about(folder: Path) -> list[str]:
    return [finding.about for finding in check(folder)]


def change(folder: Path, script: str) -> None:
    with closing(sqlite3.connect(folder / "messenger.db")) as connection:
        connection.executescript(script)


def test_a_folder_that_is_well_gives_nothing(filled: Path) -> None:
    assert check(filled) == []


def test_a_running_server_is_no_trouble(store: SqliteStore, folder: Path) -> None:
    World(store).account("alice")
    assert check(folder) == []


def test_who_else_may_read_is_told(filled: Path) -> None:
    filled.chmod(0o750)
    (filled / "messenger.db").chmod(0o640)
    folder, file = check(filled)
    assert folder.about == file.about == "permissions"
    assert folder.sentence == f"others may use {filled}: chmod 700 keeps them out"
    path = filled / "messenger.db"
    assert file.sentence == f"others may use {path}: chmod 600 keeps them out"


def test_an_older_version_is_told(folder: Path) -> None:
    folder.mkdir(0o700)
    change(folder, KEPT_1.read_text("utf-8"))
    os.chmod(folder / "messenger.db", 0o600)
    assert about(folder) == ["version"]


@pytest.mark.parametrize(
    ("script", "area"),
    [
        ("UPDATE state SET last_message = 5", "counters"),
        ("DELETE FROM identities", "references"),
        ("PRAGMA application_id = 5", "folder"),
        (
            "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema"
            " WHERE name = 'messages_by_conversation'",
            "integrity",
        ),
    ],
)
def test_what_is_broken_is_told(filled: Path, script: str, area: str) -> None:
    change(filled, script)
    assert set(about(filled)) == {area}
    assert len(check(filled)) <= 10


def test_damaged_pages_are_told(filled: Path) -> None:
    path = filled / "messenger.db"
    with open(path, "r+b") as file:
        file.seek(2048 * 20)
        file.write(b"\xff" * 4096)
    assert about(filled)[0] == "integrity"


@pytest.mark.parametrize("content", [None, b"hello" * 1000])
def test_a_folder_without_a_database_is_told(
    folder: Path, content: bytes | None
) -> None:
    if content is not None:
        folder.mkdir(0o700)
        (folder / "messenger.db").write_bytes(content)
        os.chmod(folder / "messenger.db", 0o600)
    assert about(folder) == ["folder"]
