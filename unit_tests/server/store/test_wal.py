from pathlib import Path

import pytest

from errors import StoreFailed
from server.store.base import Reader
from server.store.reader import SqliteReader
from unit_tests.server.store.stores import World, opened
from unit_tests.server.store.test_failures import no_file_longer_than

LENGTH = 32 + 4000 * (2048 + 24)
PAGES = ["x" * 4000] * 100  # a page each


@pytest.fixture(autouse=True)
def short_log() -> None:
    """Leave the log as it is: this is about its length."""


def speaker(world: World) -> tuple[int, int]:
    alice = world.account("alice")
    return world.line(alice, alice), alice


def test_the_log_has_its_length_from_the_start(folder: Path) -> None:
    with opened(folder) as store:
        log = folder / "messenger.db-wal"
        assert log.stat().st_size == LENGTH
        World(store).account("alice")
        assert log.stat().st_size == LENGTH


def test_the_log_goes_into_the_database_when_it_is_long(
    world: World, folder: Path
) -> None:
    # What reads meanwhile keeps the log from going in: the search index does.
    world.store._index.close()
    line, alice = speaker(world)
    database, log = folder / "messenger.db", folder / "messenger.db-wal"
    for turn in range(1, 101):
        world.say(line, alice, *PAGES)
        assert log.stat().st_size < LENGTH * 1.2
        if turn in (8, 50, 100):
            # All but what came since the last checkpoint.
            assert database.stat().st_size > (turn - 12) * len(PAGES) * 4096


def test_a_log_that_is_short_stays_where_it_is(world: World, folder: Path) -> None:
    line, alice = speaker(world)
    before = (folder / "messenger.db").stat().st_mtime_ns
    for _ in range(8):
        world.say(line, alice, *PAGES)
    assert (folder / "messenger.db").stat().st_mtime_ns == before


def test_while_somebody_reads_the_log_grows_and_is_begun_anew_afterwards(
    world: World, reader: Reader, folder: Path
) -> None:
    line, alice = speaker(world)
    log = folder / "messenger.db-wal"
    world.say(line, alice, "one", "two")
    assert isinstance(reader, SqliteReader)
    rows = reader._connection.execute("SELECT id FROM messages ORDER BY id")
    rows.fetchone()
    for _ in range(60):
        world.say(line, alice, *PAGES)
    long = log.stat().st_size
    assert long > 2.5 * LENGTH
    assert len(rows.fetchall()) == 1
    for _ in range(60):
        world.say(line, alice, *PAGES)
    # Begun anew, it is cut as well: nobody needs so much of the disk.
    assert log.stat().st_size <= 2 * LENGTH
    assert len(reader.history(line, None, None, 20_000)[0]) == 12_002


def test_a_checkpoint_that_fails_ends_the_server(folder: Path) -> None:
    with opened(folder) as store:
        world = World(store)
        line, alice = speaker(world)
        while (folder / "messenger.db").stat().st_size < 2 * LENGTH:
            world.say(line, alice, *PAGES)
        with no_file_longer_than(int(1.5 * LENGTH)):
            last = 0
            with pytest.raises(StoreFailed, match="SQLITE_IOERR"):
                for _ in range(20):
                    last = world.say(line, alice, *PAGES)[-1]
        assert last
        with pytest.raises(StoreFailed):
            world.say(line, alice, "nothing is acknowledged after it")
    with opened(folder) as store:
        assert store.last_id >= last
        check = store._connection.execute("PRAGMA integrity_check").fetchall()
        assert check == [("ok",)]


def test_a_log_that_a_crash_left_is_read_and_lengthened(folder: Path) -> None:
    copy = folder.with_name("crashed")
    with opened(folder) as store:
        world = World(store)
        line, alice = speaker(world)
        world.say(line, alice, "one", "two")
        copy.mkdir()
        for name in ("messenger.db", "messenger.db-wal"):
            (copy / name).write_bytes((folder / name).read_bytes()[: LENGTH // 2])
    with opened(copy) as store:
        assert store.last_id == 2
        assert (copy / "messenger.db-wal").stat().st_size == LENGTH
        assert World(store).account("bob") == 3
