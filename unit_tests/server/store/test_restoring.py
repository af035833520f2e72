import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from errors import Refused, StartError
from server.store.backups import back_up
from server.store.objects import strangers
from server.store.restoring import restore
from server.store.versions import STEPS
from unit_tests.server.store.stores import World, opened, reading

KEPT_1 = Path(__file__).with_name("version_1.sql")


def say(folder: Path, *texts: str) -> str:
    """Say something in a folder's only line; return the id of the store."""
    with opened(folder) as store:
        world = World(store)
        if store.last_id:
            world.names[1] = store.load().accounts[0].name
            world.say(2, 1, *texts)
        else:
            alice = world.account("alice")
            world.say(world.line(alice, alice), alice, *texts)
        return store.store_id


def said(folder: Path) -> list[str]:
    with opened(folder) as store, reading(store) as reader:
        return [row.text for row in reader.missed(1, 0, store.last_id, 99)]


def test_a_backup_takes_the_place_of_what_is_there(
    folder: Path, tmp_path: Path
) -> None:
    before = say(folder, "one")
    back_up(folder, tmp_path / "backup.db")
    say(folder, "two")
    former = restore(tmp_path / "backup.db", folder)
    assert former == folder / "messenger.db.before-restore-1"
    assert not (folder / "search.db").exists()
    assert said(folder) == ["one"]
    with opened(folder) as store:
        assert store.store_id != before
    with closing(sqlite3.connect(former)) as connection:
        rows = connection.execute("SELECT text FROM messages").fetchall()
    assert rows == [("one",), ("two",)]
    assert os.stat(folder / "messenger.db").st_mode & 0o777 == 0o600
    again = restore(tmp_path / "backup.db", folder)
    assert again == folder / "messenger.db.before-restore-2"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "backup.db", folder]


def test_a_folder_that_is_not_there_is_made(folder: Path, tmp_path: Path) -> None:
    say(folder, "one")
    back_up(folder, tmp_path / "backup.db")
    assert restore(tmp_path / "backup.db", tmp_path / "new") is None
    assert said(tmp_path / "new") == ["one"]


def test_what_a_killed_server_had_not_tidied_up_is_kept_as_well(
    folder: Path, tmp_path: Path
) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice")
        world.say(world.line(alice, alice), alice, "one")
        back_up(folder, tmp_path / "backup.db")
        world.say(2, alice, "only in the log")
        killed = tmp_path / "killed"
        killed.mkdir()
        for name in ("messenger.db", "messenger.db-wal"):
            (killed / name).write_bytes((folder / name).read_bytes())
    former = restore(tmp_path / "backup.db", killed)
    assert former is not None
    assert said(killed) == ["one"]
    with closing(sqlite3.connect(former)) as connection:
        assert len(connection.execute("SELECT 1 FROM messages").fetchall()) == 2


def test_a_damaged_database_is_put_aside_with_its_log(
    folder: Path, tmp_path: Path
) -> None:
    say(folder, "one")
    back_up(folder, tmp_path / "backup.db")
    (folder / "messenger.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    (folder / "messenger.db-wal").write_bytes(b"\xff" * 5000)
    former = restore(tmp_path / "backup.db", folder)
    assert former is not None
    assert former.with_name(f"{former.name}-wal").stat().st_size == 5000
    assert said(folder) == ["one"]


def test_while_a_server_runs_nothing_is_restored(folder: Path, tmp_path: Path) -> None:
    say(folder, "one")
    back_up(folder, tmp_path / "backup.db")
    with opened(folder), pytest.raises(StartError, match="another server"):
        restore(tmp_path / "backup.db", folder)


def test_a_backup_of_an_older_version_is_brought_up_to_date_by_the_server(
    folder: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.executescript(KEPT_1.read_text("utf-8"))
    assert restore(tmp_path / "old.db", folder) is None
    with opened(folder) as store:
        assert store.store_id != "0123456789abcdef"
        assert store.last_id == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("PRAGMA application_id = 7", "is not a database of the messenger"),
        ("PRAGMA user_version = 99", "newer version"),
        ("UPDATE state SET last_message = 0", "is damaged"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM identities", "is damaged"),
    ],
)
def test_what_is_not_ours_or_damaged_changes_nothing(
    folder: Path, tmp_path: Path, change: str, sentence: str
) -> None:
    say(folder, "one")
    source = tmp_path / "backup.db"
    back_up(folder, source)
    with closing(sqlite3.connect(source)) as connection:
        connection.executescript(change)
    before = sorted(os.listdir(folder))
    with pytest.raises(Refused, match=sentence):
        restore(source, folder)
    assert sorted(os.listdir(folder)) == before
    assert said(folder) == ["one"]


def test_what_is_no_database_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no file"):
        restore(tmp_path / "nothing.db", folder)
    (tmp_path / "text.db").write_text("hello" * 1000)
    with pytest.raises(Refused, match="is not a database"):
        restore(tmp_path / "text.db", folder)


FOREIGN = {
    "trigger": "CREATE TRIGGER spy AFTER INSERT ON messages BEGIN "
    "DELETE FROM sanctions; END",
    "view": "CREATE VIEW spy AS SELECT * FROM messages",
    "table": "CREATE TABLE spy(text TEXT)",
    "index": "CREATE INDEX spy ON messages(text)",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_somebody_else_has_put_into_a_backup_is_not_restored(
    folder: Path, tmp_path: Path, kind: str
) -> None:
    say(folder, "one")
    backup = tmp_path / "backup.db"
    back_up(folder, backup)
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute(FOREIGN[kind])
    say(folder, "two")
    with pytest.raises(Refused, match=f"a {kind} of somebody else's, spy"):
        restore(backup, folder)
    assert said(folder) == ["one", "two"]
    assert not list(folder.glob("*.before-restore-*"))


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_a_backup_of_each_version_is_made_of_what_is_ours(version: int) -> None:
    kept = KEPT_1.with_name(f"version_{version}.sql")
    with closing(sqlite3.connect(":memory:")) as connection:
        if kept.exists():
            connection.executescript(kept.read_text("utf-8"))
        else:  # the newest
            for step in STEPS:
                connection.executescript(step)
            connection.execute(f"PRAGMA user_version = {version}")
        assert strangers(connection) == []
        connection.execute("DROP INDEX messages_by_conversation")
        assert strangers(connection) == ["no index messages_by_conversation"]
