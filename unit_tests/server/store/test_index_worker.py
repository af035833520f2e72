import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Queue

import pytest

from server.store import index_file, index_worker
from server.store.index_file import IndexFile
from server.store.index_worker import Index, Pace
from server.store.sqlite import SqliteStore
from server.store.words import insert_chosen
from unit_tests.helpers import PATIENCE
from unit_tests.server.store.library import Library
from unit_tests.server.store.stores import World, opened, reading


class Watched(Index):
    """An index that says what it has come to."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.index, library.database)
        self.reached: Queue[int] = Queue()
        self.failures: Queue[bool] = Queue()

    def _catch_up(self, file: IndexFile) -> bool:
        goes_on = super()._catch_up(file)
        self.reached.put(file.upto)
        return goes_on

    def _rest_after_failure(self) -> None:
        self.failures.put(True)
        super()._rest_after_failure()

    def wait_for(self, last_id: int) -> None:
        """Return when everything up to `last_id` is in the index."""
        while self.reached.get(timeout=PATIENCE) != last_id:
            pass


@pytest.fixture
def library(
    store: SqliteStore, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Library:
    monkeypatch.setattr(index_worker, "_GATHER", 0.0)
    monkeypatch.setattr(index_worker, "_SHORTEST_PATIENCE", 0.01)
    return Library(store, folder, tmp_path / "words.db")


@contextmanager
def started(library: Library) -> Iterator[Watched]:
    index = Watched(library)
    index.note(library.store.last_id)
    index.start()
    try:
        yield index
    finally:
        index.close()
        assert not index._thread.is_alive()


def test_it_indexes_what_is_there_and_what_comes(library: Library) -> None:
    old = library.say("old tea")
    with started(library) as index:
        index.wait_for(library.store.last_id)
        new = library.say("new tea")
        assert library.find("tea") == old + new
        index.note(library.store.last_id)
        index.wait_for(library.store.last_id)
        assert index.lag == 0
    assert library.find("tea") == old + new


def test_the_lag_is_what_was_noted_and_not_indexed(library: Library) -> None:
    index = Index(library.index, library.database)
    assert index.lag == 0
    library.say(*["tea"] * 5)
    index.note(library.store.last_id)
    assert index.lag == 5
    index.close()


def test_it_ends_at_once_while_it_waits(library: Library) -> None:
    library.say("tea")
    with started(library) as index:
        index.wait_for(library.store.last_id)


def test_it_ends_in_the_middle_of_a_batch(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A batch that would take minutes.
    monkeypatch.setattr(index_file, "_FIRST_ROWS", 10**9)
    monkeypatch.setattr(index_file, "_MOST_CHARACTERS", 10**12)
    with closing(sqlite3.connect(library.database)) as connection:
        connection.execute(
            "INSERT INTO messages(id, conversation, sender, sender_name, device, time,"
            " text) WITH n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 2000)"
            " SELECT id, ?, ?, 'alice', 0, 1.0, substr(hex(randomblob(20000)), 1)"
            " || ' ' || replace(hex(randomblob(20000)), '7', ' ') FROM n",
            (library.room, library.alice),
        )
        connection.commit()
    begun = threading.Event()

    def insert(*args: object) -> None:
        begun.set()
        insert_chosen(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(index_file, "insert_chosen", insert)
    index = Index(library.index, library.database)
    index.start()
    assert begun.wait(PATIENCE)
    started = time.monotonic()
    index.close()
    assert not index._thread.is_alive()
    assert time.monotonic() - started < PATIENCE
    with closing(library.open()) as file:
        assert file.upto == 0


def test_it_is_closed_twice_or_never_started_without_an_error(library: Library) -> None:
    index = Index(library.index, library.database)
    index.close()
    index.close()
    assert not library.index.exists()


@pytest.mark.parametrize("content", [b"x", b"not a database" * 1000])
def test_a_damaged_file_is_made_anew(
    library: Library, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "server.store")
    library.index.write_bytes(content)
    ids = library.say("tea")
    with started(library) as index:
        index.wait_for(ids[0])
    assert library.find("tea") == ids
    assert ("search index is damaged" in caplog.text) == (len(content) > 512)


def test_a_file_that_is_removed_under_it_is_made_anew(library: Library) -> None:
    ids = library.say("tea")
    with started(library) as index:
        index.wait_for(ids[0])
        library.index.unlink()
        ids += library.say("tea")
        index.note(ids[-1])
        index.wait_for(ids[-1])
        index_of_now = library.index.stat().st_ino
        assert library.find("tea") == ids
        assert library.index.stat().st_ino == index_of_now
    assert library.find("tea") == ids


def test_a_search_that_finds_damage_has_the_index_made_anew(library: Library) -> None:
    ids = library.say(*["tea"] * 20)
    library.take_all()
    with closing(sqlite3.connect(library.index)) as connection:
        connection.execute("UPDATE words_0_data SET block = x'00' WHERE id > 10")
        connection.commit()
    with started(library) as index:
        index.wait_for(ids[-1])
        assert library.find("tea") == ids
        index.note(ids[-1])
        while not library.index.exists():
            index.wait_for(ids[-1])
    assert library.find("tea") == ids
    assert library.index.exists()


def test_a_full_disk_is_waited_out(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "server.store")
    full = threading.Event()
    full.set()
    connecting = IndexFile._connect

    def connect(self: IndexFile, database: Path) -> None:
        connecting(self, database)
        if full.is_set():
            self._connection.execute("PRAGMA main.max_page_count = 2")

    monkeypatch.setattr(IndexFile, "_connect", connect)
    ids = library.say("tea")
    with started(library) as index:
        index.failures.get(timeout=PATIENCE)
        index.failures.get(timeout=PATIENCE)
        assert library.find("tea") == ids
        full.clear()
        index.wait_for(ids[0])
        assert index.lag == 0
    assert "can't be written now (database or disk is full)" in caplog.text
    assert "damaged" not in caplog.text


def test_a_file_that_another_program_holds_is_waited_for(library: Library) -> None:
    ids = library.say("tea")
    library.take_all()
    with closing(sqlite3.connect(library.index)) as other:
        other.execute("BEGIN IMMEDIATE")
        ids += library.say("tea")
        with started(library) as index:
            index.failures.get(timeout=PATIENCE)
            assert library.find("tea") == ids
            other.rollback()
            index.wait_for(ids[-1])


def test_a_place_that_can_not_be_written_is_tried_again(library: Library) -> None:
    ids = library.say("tea")
    library.index.mkdir()
    with started(library) as index:
        index.failures.get(timeout=PATIENCE)
        assert library.find("tea") == ids
        library.index.rmdir()
        index.wait_for(ids[-1])
    assert library.index.is_file()


def test_a_bug_of_ours_does_not_end_it(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "server.store")
    taking = IndexFile.take_batch
    faults = [ZeroDivisionError("a bug")]

    def take(self: IndexFile, wait: object) -> bool:
        if faults:
            raise faults.pop()
        return taking(self, wait)  # type: ignore[arg-type]

    monkeypatch.setattr(IndexFile, "take_batch", take)
    ids = library.say("tea")
    with started(library) as index:
        index.wait_for(ids[-1])
    assert "a bug" in caplog.text


def test_it_rests_longer_from_failure_to_failure(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Index(library.index, library.database)
    waits: list[float] = []
    monkeypatch.setattr(index_worker, "_LONGEST_PATIENCE", 0.05)
    monkeypatch.setattr(index._ending, "wait", waits.append)
    for _ in range(5):
        index._put_off(OSError("no"))
    assert waits == [0.01, 0.02, 0.04, 0.05, 0.05]


def test_the_pace_is_slow_while_messages_come_fast() -> None:
    pace = Pace(0, 100.0)
    assert pace.rest(0.02, 10, 100.02) == 0.0
    assert pace.rest(0.02, 1010, 100.04) == pytest.approx(0.18)
    assert pace.rest(0.02, 1100, 100.24) == 0.0
    assert pace.rest(0.02, 1400, 100.44) == pytest.approx(0.18)
    assert pace.rest(0.5, 5000, 101.0) == 1.0


def test_after_a_silence_messages_are_gathered(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_worker, "_GATHER", PATIENCE)
    with started(library) as index:
        index.wait_for(0)
        for _ in range(10):
            index.note(library.say("tea")[-1])
        assert index.lag == 10
        assert index.reached.empty()


def test_a_store_has_what_it_commits_indexed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_worker, "_GATHER", 0.0)
    reached: Queue[int] = Queue()
    catching_up = Index._catch_up

    def catch_up(self: Index, file: IndexFile) -> bool:
        goes_on = catching_up(self, file)
        reached.put(file.upto)
        return goes_on

    monkeypatch.setattr(Index, "_catch_up", catch_up)
    with opened(folder) as store:
        world = World(store)
        alice = world.guest("alice")
        room = world.room("#tea", alice)
        (said,) = world.say(room, alice, "green tea")
        while reached.get(timeout=PATIENCE) != said:
            pass
        with reading(store) as reader:
            found = reader.search(alice, "TEA", None, None, 10)
    assert [row.id for row in found.rows] == [said]
    assert sorted(path.name for path in folder.iterdir()) == [
        "messenger.db",
        "messenger.lock",
        "search.db",
    ]
