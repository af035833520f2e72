import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from errors import Refused
from server.store.backups import back_up
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World, opened


def texts(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute("SELECT text FROM messages ORDER BY id")
        return [text for (text,) in rows]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


def test_a_backup_is_whole_while_the_server_runs(
    store: SqliteStore, folder: Path, target: Path
) -> None:
    world = World(store)
    alice = world.account("alice")
    line = world.line(alice, alice)
    world.say(line, alice, "one", "two")
    size = back_up(folder, target)
    world.say(line, alice, "three")
    assert texts(target) == ["one", "two"]
    assert size == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert {*os.listdir(target.parent)} == {folder.name, target.name}


def test_a_backup_is_the_state_of_one_moment_whatever_is_written_meanwhile(
    store: SqliteStore, folder: Path, target: Path
) -> None:
    world = World(store)
    alice = world.account("alice")
    line = world.line(alice, alice)
    for _ in range(20):
        world.say(line, alice, *["x" * 1000] * 500)
    thread = threading.Thread(target=back_up, args=(folder, target))
    thread.start()
    turns = 0
    while thread.is_alive():
        world.say(line, alice, "meanwhile", "meanwhile")
        turns += 1
    thread.join()
    found = texts(target)
    assert len(found) >= 10_000
    assert len(found) % 2 == 0
    with closing(sqlite3.connect(target)) as connection:
        (last,) = connection.execute("SELECT last_message FROM state").fetchone()
    assert last == len(found)


def test_a_backup_of_a_server_that_was_killed_has_everything(
    folder: Path, target: Path, tmp_path: Path
) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice")
        world.say(world.line(alice, alice), alice, "one")
        killed = tmp_path / "killed"
        killed.mkdir()
        for name in ("messenger.db", "messenger.db-wal"):
            (killed / name).write_bytes((folder / name).read_bytes())
    back_up(killed, target)
    assert texts(target) == ["one"]


def test_what_is_there_is_not_overwritten(
    store: SqliteStore, folder: Path, target: Path
) -> None:
    target.write_text("mine")
    with pytest.raises(Refused, match="is there already"):
        back_up(folder, target)
    assert target.read_text() == "mine"


def test_a_target_that_can_not_be_written_is_told(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="can't be written: No such file"):
        back_up(folder, tmp_path / "nowhere" / "backup.db")


@pytest.mark.parametrize("content", [None, b"", b"hello", b"\0" * 5000])
def test_a_folder_without_a_database_is_refused(
    folder: Path, target: Path, content: bytes | None
) -> None:
    folder.mkdir()
    if content is not None:
        (folder / "messenger.db").write_bytes(content)
    with pytest.raises(Refused, match="database"):
        back_up(folder, target)
    assert not target.exists()
