import os
import sqlite3
import stat
from pathlib import Path

import pytest

from common.names import RoomName
from common.roles import Role
from errors import StartError
from server.store import schema
from server.store.base import PairRow, PermitRow, RoomRow
from server.store.schema import APPLICATION_ID
from server.store.sqlite import SqliteStore
from server.store.versions import STEPS
from unit_tests.server.store.stores import World, opened, reading

#: A file of each version, as it was then.
FILES = [Path(__file__).with_name(f"version_{n}.sql") for n in range(1, len(STEPS) + 1)]
KEPT, KEPT_2 = FILES[:2]


def made(folder: Path, script: str) -> Path:
    """Return a database file that other hands have made in a data folder."""
    folder.mkdir(exist_ok=True)
    path = folder / "messenger.db"
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def refusal(folder: Path) -> str:
    """Return the sentence with which the file is refused; it must not be touched."""
    path = folder / "messenger.db"
    before = path.read_bytes()
    with pytest.raises(StartError) as caught:
        SqliteStore(folder)
    assert path.read_bytes() == before
    assert not path.with_name("messenger.db-wal").exists()
    return str(caught.value)


def tables(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name")
    rows = found.fetchall()
    connection.close()
    return rows


def test_a_file_of_a_newer_version_is_refused(folder: Path) -> None:
    with opened(folder):
        pass
    made(folder, "PRAGMA user_version = 99; PRAGMA journal_mode = DELETE")
    assert "newer version" in refusal(folder)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE notes(text)",
        "PRAGMA application_id = 1234; CREATE TABLE notes(text)",
        "PRAGMA user_version = 1; CREATE TABLE messages(id)",
        "PRAGMA user_version = 1",
        f"PRAGMA application_id = {APPLICATION_ID}",
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = -1",
    ],
)
def test_the_file_of_another_program_is_refused(folder: Path, script: str) -> None:
    made(folder, script)
    sentence = refusal(folder)
    assert "is not a database of the messenger" in sentence
    assert str(folder) in sentence
    assert "--data-dir" in sentence


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\0", b"\xff" * 5000])
def test_what_is_no_database_is_refused(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "messenger.db").write_bytes(content)
    assert "is not a database of the messenger" in refusal(folder)


def test_a_refused_folder_is_free_again(folder: Path) -> None:
    path = made(folder, "CREATE TABLE notes(text)")
    refusal(folder)
    path.unlink()
    with opened(folder):
        pass


def test_an_empty_file_is_a_new_database(folder: Path) -> None:
    folder.mkdir()
    (folder / "messenger.db").touch()
    with opened(folder) as store:
        assert store.last_id == 0


def test_a_file_that_a_crash_left_without_tables_is_a_new_database(
    folder: Path,
) -> None:
    made(folder, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")
    with opened(folder) as store:
        assert store.last_id == 0


def test_a_database_that_has_lost_its_file_is_refused(folder: Path) -> None:
    folder.mkdir()
    log = folder / "messenger.db-wal"
    log.write_bytes(b"somebody's messages")
    with pytest.raises(StartError, match="is missing"):
        SqliteStore(folder)
    assert log.read_bytes() == b"somebody's messages"


def test_the_kept_file_of_version_1_opens(folder: Path) -> None:
    made(folder, KEPT.read_text("utf-8"))
    with opened(folder) as store, reading(store) as reader:
        contents = store.load()
        assert (store.store_id, store.last_id) == ("0123456789abcdef", 3)
        assert store.new_number() == 11
        assert [(one.name, one.is_open) for one in contents.accounts] == [
            ("alice", False),
            ("dora", True),
        ]
        assert [(one.name, one.kept_until) for one in contents.guests] == [
            ("bob", 1700000900.0)
        ]
        assert [(one.name, one.owner) for one in contents.rooms] == [
            ("#all", None),
            ("#Tea", 1),
        ]
        assert {(one.conversation, one.since) for one in contents.members} == {
            (6, 0),
            (7, 0),
            (7, 1),
        }
        (device,) = store.find_devices(1)
        assert (device.settled, device.refused, device.received) == (4, [3], 2)
        (token,) = store.find_tokens(1)
        assert (token.used, token.device) == (1700000100.5, device.device)
        rows = reader.missed(1, 0, store.last_id, 10)
        assert [(row.sender, row.to, row.text, row.number) for row in rows] == [
            ("bob", "alice", "привет", None),
            ("alice", "bob", "hello", 2),
            ("alice", "#Tea", "tea?", 4),
        ]
        lines, _ = reader.conversations(2, None, 10)
        assert [(line.whom, line.unread, line.read) for line in lines] == [
            ("#Tea", 1, 0),
            ("alice", 0, 2),
        ]
        world = World(store)
        world.names[1] = rows[1].sender
        assert world.say(7, 1, "goes on") == [4]


def test_what_version_1_did_not_know_has_its_usual_value(folder: Path) -> None:
    made(folder, KEPT.read_text("utf-8"))
    with opened(folder) as store:
        contents = store.load()
        assert {(one.role, one.seen, one.shows_seen) for one in contents.accounts} == {
            (Role.MEMBER, None, True)
        }
        assert {(one.access, one.topic, one.keep_days) for one in contents.rooms} == {
            ("open", "", None)
        }
        assert not (contents.permits or contents.invites or contents.sanctions)
        assert not (contents.blocks or contents.contacts)
        assert store.audit_head() == (0, "")


def test_a_file_of_version_1_is_copied_before_it_is_changed(folder: Path) -> None:
    before = tables(made(folder, KEPT.read_text("utf-8")))
    with opened(folder):
        pass
    copy = folder / "messenger.db.v1.bak"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert tables(copy) == before
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    texts = [text for (text,) in connection.execute("SELECT text FROM messages")]
    connection.close()
    assert texts == ["привет", "hello", "tea?"]


def test_the_kept_file_of_version_2_opens(folder: Path) -> None:
    made(folder, KEPT_2.read_text("utf-8"))
    with opened(folder) as store, reading(store) as reader:
        contents = store.load()
        assert [
            (one.name, one.role, one.seen, one.shows_seen) for one in contents.accounts
        ] == [
            ("alice", Role.OWNER, 1700000400.5, True),
            ("dora", Role.MEMBER, None, True),
            ("eve", Role.MODERATOR, None, False),
        ]
        assert contents.rooms[1] == RoomRow(
            7, RoomName("#Tea"), 1, "invited", "чай", 30.0, 1000000
        )
        assert contents.permits == [PermitRow(7, 10)]
        (invite,) = contents.invites
        assert (invite.role, invite.room, invite.uses_left, invite.used) == (
            Role.MEMBER,
            7,
            2,
            1,
        )
        assert [
            (one.kind, one.conversation, one.identity, one.name, one.network, one.until)
            for one in contents.sanctions
        ] == [
            ("ban", None, None, "mallory", "192.0.2.0/24", 1700003600.0),
            ("mute", 7, 10, "dora", None, None),
        ]
        assert contents.blocks == [PairRow(1, 2)]
        assert contents.contacts == [PairRow(1, 10)]
        assert store.audit_head() == (5, "ee" * 32)
        assert [row.is_hidden for row in reader.missed(1, 0, 3, 10)] == [False] * 3
    assert (folder / "messenger.db.v2.bak").exists()


@pytest.mark.parametrize("kept", FILES)
def test_the_clock_of_a_kept_file_is_what_it_was(folder: Path, kept: Path) -> None:
    made(folder, kept.read_text("utf-8"))
    sure = 1700000200.25 if kept == KEPT else 1700000400.5
    with opened(folder) as store:
        assert store.clock() == (sure, 1700000003.5)


@pytest.mark.parametrize("kept", FILES)
def test_a_token_of_a_kept_file_outlives_its_device(folder: Path, kept: Path) -> None:
    made(folder, kept.read_text("utf-8"))
    with opened(folder) as store:
        (token,) = store.find_tokens(1)
        store.forget_devices(4e9)
        store.commit((), (), 1.0)
        assert store.find_devices(1) == []
        (left,) = store.find_tokens(1)
        assert (left.token, left.created) == (token.token, token.created)
        assert (token.device is not None, left.device) == (True, None)


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_the_tables_of_a_version_are_what_they_were(folder: Path, version: int) -> None:
    kept, script = FILES[version - 1], "".join(STEPS[:version])
    then = made(folder, kept.read_text("utf-8"))
    today = made(folder.with_name("today"), script)
    assert tables(then) == tables(today)


MOTTO = "ALTER TABLE rooms ADD COLUMN motto TEXT; UPDATE rooms SET motto = name"


def prepared(folder: Path, steps: tuple[str, ...]) -> sqlite3.Connection:
    path = folder / "messenger.db"
    connection = schema.connect(path, writes=True)
    try:
        schema.prepare(connection, path, steps)
    except BaseException:
        connection.close()
        raise
    return connection


def test_an_older_file_is_copied_and_migrated(folder: Path) -> None:
    with opened(folder) as store:
        world = World(store)
        room = world.room("#tea")
        world.say(room, world.guest("alice", "d"), "hello")
        before = tables(folder / "messenger.db")
    connection = prepared(folder, (*STEPS, MOTTO, "CREATE TABLE last(one)"))
    assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS) + 2,)
    assert connection.execute("SELECT motto FROM rooms").fetchall() == [("#tea",)]
    connection.close()
    copy = folder / f"messenger.db.v{len(STEPS)}.bak"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert tables(copy) == before
    names = {"messenger.db", copy.name, "messenger.lock"}
    assert set(os.listdir(folder)) - {"search.db"} == names
    with pytest.raises(StartError, match="newer version"):
        SqliteStore(folder)
    copy.replace(folder / "messenger.db")
    with opened(folder) as store, reading(store) as reader:
        assert [row.text for row in reader.history(room, None, None, 9)[0]] == ["hello"]


def test_a_migration_that_fails_changes_nothing(folder: Path) -> None:
    with opened(folder):
        pass
    before = tables(folder / "messenger.db")
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError):
            prepared(folder, (*STEPS, f"{MOTTO}; SELECT * FROM nothing"))
    assert tables(folder / "messenger.db") == before
    with opened(folder):
        pass


def test_a_new_file_takes_all_steps_and_needs_no_copy(folder: Path) -> None:
    folder.mkdir()
    (folder / "messenger.db").touch()
    connection = prepared(folder, (*STEPS, MOTTO))
    version = connection.execute("PRAGMA user_version").fetchone()
    assert version == (len(STEPS) + 1,)
    connection.close()
    assert os.listdir(folder) == ["messenger.db"]


def test_a_file_of_the_newest_version_is_not_copied(folder: Path) -> None:
    for _ in range(2):
        with opened(folder):
            pass
    left = set(os.listdir(folder)) - {"search.db"}
    assert left == {"messenger.db", "messenger.lock"}
