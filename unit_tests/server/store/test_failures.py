import errno
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from common.names import Name, Secret
from errors import ExitCode, NotStored, StoreFailed
from server.store.base import Reader
from server.store.failures import judge
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import Device, World, opened


@contextmanager
def full(store: SqliteStore) -> Iterator[None]:
    """Have no page more in the database than there are."""
    ask = store._connection.execute
    (pages,) = ask("PRAGMA page_count").fetchone()
    ask(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        ask("PRAGMA max_page_count = 1000000000")


@contextmanager
def locked(store: SqliteStore) -> Iterator[None]:
    """Have another program in the middle of a transaction."""
    other = sqlite3.connect(store._files.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def read_only(store: SqliteStore) -> Iterator[None]:
    """Have the database refuse to be written."""
    store._connection.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        store._connection.execute("PRAGMA query_only = OFF")


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Have every write behind `size` bytes fail, as on a disk that is breaking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


Trouble = Callable[[SqliteStore], AbstractContextManager[None]]


@contextmanager
def turned_read_only(store: SqliteStore) -> Iterator[None]:
    """Have the file system refuse every write, also to files that are open."""
    with no_file_longer_than(0), pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.store.files.os.utime", _refuse)
        yield


def _refuse(file: int) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


TROUBLES = pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (full, "the server's disk is full"),
        (locked, "another program holds the server's database"),
        (read_only, "the server's disk can't be written now"),
        (turned_read_only, "the server's disk has turned read-only"),
    ],
)
MUCH = ["x" * 4000] * 5


class Talk:
    """alice and bob and their line."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.store
        self.alice = world.account("alice")
        self.bob = world.account("bob")
        self.device = world.device(self.alice, "digest")
        self.line = world.line(self.alice, self.bob)
        world.say(self.line, self.alice, "before")


@pytest.fixture
def talk(world: World) -> Talk:
    return Talk(world)


@TROUBLES
def test_what_can_not_be_stored_is_refused_and_the_next_turn_works(
    talk: Talk, reader: Reader, trouble: Trouble, reason: str
) -> None:
    with trouble(talk.store):
        for _ in range(2):
            with pytest.raises(NotStored) as caught:
                talk.world.say(talk.line, talk.bob, *MUCH)
            sentence = f"{reason}; nothing was sent, try again later"
            assert str(caught.value) == sentence
            assert talk.store.last_id == 1
            assert len(reader.history(talk.line, None, None, 10)[0]) == 1
    assert talk.world.say(talk.line, talk.bob, *MUCH) == [2, 3, 4, 5, 6]
    assert len(reader.history(talk.line, None, None, 10)[0]) == 6


@TROUBLES
def test_what_waits_is_written_when_the_trouble_is_over(
    folder: Path, trouble: Trouble, reason: str
) -> None:
    with opened(folder) as store:
        talk = Talk(World(store))
        with trouble(store):
            for name in ("carol", "dora"):
                talk.world.guest(name, "d")
                store.note_received(talk.device, 1)
                with pytest.raises(NotStored, match=reason):
                    talk.world.say(talk.line, talk.bob, *MUCH)
                assert store.has_changes
        store.commit((), [Device(talk.device, 9, [8])], 1.0)
        assert not store.has_changes
    with opened(folder) as store:
        assert [one.name for one in store.load().guests] == ["carol", "dora"]
        (device,) = store.find_devices(talk.alice)
        assert (device.received, device.settled, device.refused) == (1, 9, [8])
        assert store.last_id == 1


@TROUBLES
def test_what_is_committed_at_once_happens_wholly_or_not_at_all(
    talk: Talk, reader: Reader, trouble: Trouble, reason: str
) -> None:
    number = talk.store.new_number()
    with trouble(talk.store):
        much = Secret("x" * 40_000)
        with pytest.raises(NotStored, match=f"{reason}; nothing was changed"):
            talk.store.add_account(number, Name("eve"), much, was_guest=False)
        with pytest.raises(NotStored, match=f"{reason}; nothing was changed"):
            talk.store.change_password(talk.alice, much)
        with pytest.raises(NotStored, match=f"{reason}; nothing was changed"):
            talk.store.add_token(number, talk.alice, much, 1.0)
    assert len(talk.store.load().accounts) == 2
    assert reader.password(talk.alice) == "a hash"
    assert talk.store.find_tokens(talk.alice) == []
    talk.store.add_account(number, Name("eve"), much, was_guest=False)
    assert reader.password(number) == much


def test_a_lookup_behind_what_can_not_be_written_is_refused(talk: Talk) -> None:
    carol = talk.world.guest("carol")
    with locked(talk.store), pytest.raises(NotStored, match="nothing was changed"):
        talk.store.find_devices(carol)
    assert talk.store.find_devices(carol) == []


def test_a_lookup_works_where_nothing_waits(talk: Talk) -> None:
    with locked(talk.store):
        assert talk.store.find_line(talk.alice, talk.bob) == talk.line


def test_a_membership_behind_messages_that_came_to_nothing_begins_before_them(
    talk: Talk, reader: Reader
) -> None:
    room = talk.world.room("#tea", talk.alice)
    with locked(talk.store):
        # In one turn alice speaks in the room and bob comes in behind it.
        talk.store.enter(room, talk.bob, 2)
        talk.store.note_read(room, talk.alice, 2)
        talk.store.note_received(talk.device, 2)
        with pytest.raises(NotStored):
            talk.world.say(room, talk.alice, "lost")
    talk.world.say(room, talk.alice, "kept")
    (row,) = reader.missed(talk.bob, 1, 10, 10)
    assert row.text == "kept"
    assert talk.store.read_position(room, talk.alice) == 1
    assert talk.store.find_devices(talk.alice)[0].received == 1


def test_a_write_that_fails_ends_the_server(talk: Talk) -> None:
    with (
        no_file_longer_than(0),
        pytest.raises(StoreFailed, match="SQLITE_IOERR_WRITE") as caught,
    ):
        talk.world.say(talk.line, talk.bob, "lost")
    assert caught.value.exit_code == ExitCode.IO_ERROR
    assert talk.store.last_id == 1
    with pytest.raises(StoreFailed):
        talk.world.say(talk.line, talk.bob, "nothing is acknowledged after it")
    with pytest.raises(StoreFailed):
        talk.store.find_line(talk.alice, talk.bob)
    with pytest.raises(StoreFailed):
        talk.store.delete_account(talk.alice)


def test_what_was_acknowledged_before_a_failed_write_is_there_afterwards(
    folder: Path,
) -> None:
    with opened(folder) as store:
        talk = Talk(World(store))
        with no_file_longer_than(0), pytest.raises(StoreFailed):
            talk.world.say(talk.line, talk.bob, "lost")
    with opened(folder) as store:
        assert store.last_id == 1
        rows = store._connection.execute("SELECT text FROM messages").fetchall()
        assert rows == [("before",)]


def error(code: int) -> sqlite3.Error:
    found = sqlite3.OperationalError("what SQLite says")
    found.sqlite_errorcode = code
    found.sqlite_errorname = "SQLITE_NAME"
    return found


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_BUSY_SNAPSHOT,
        sqlite3.SQLITE_BUSY_RECOVERY,
        sqlite3.SQLITE_LOCKED_SHAREDCACHE,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_READONLY_DIRECTORY,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    ],
)
def test_after_these_the_next_turn_may_work(code: int) -> None:
    verdict = judge(error(code), "nothing was sent")
    assert isinstance(verdict, NotStored)
    assert "SQL" not in str(verdict)


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHMMAP,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CORRUPT_INDEX,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY_DBMOVED,
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_MISUSE,
    ],
)
def test_after_these_nobody_knows_what_is_on_the_disk(code: int) -> None:
    verdict = judge(error(code), "nothing was sent")
    assert isinstance(verdict, StoreFailed)
    assert "SQLITE_NAME" in str(verdict)


def test_an_error_without_a_code_is_not_taken_for_a_passing_one() -> None:
    assert isinstance(judge(sqlite3.ProgrammingError("closed"), ""), StoreFailed)
    assert isinstance(judge(OSError(5, "Input/output error"), ""), StoreFailed)
