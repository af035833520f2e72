import sqlite3
from contextlib import closing
from pathlib import Path
from queue import Queue

import pytest

from server.store import finding, index_file, index_renewal, index_worker
from server.store.index_file import IndexFile
from server.store.index_worker import Index
from server.store.pruning import SqlitePruner
from server.store.sqlite import SqliteStore
from unit_tests.helpers import PATIENCE
from unit_tests.server.store.library import Library

DAY = 86400.0


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (index_file, finding, index_worker):
        monkeypatch.setattr(module, "PART", 100)
    monkeypatch.setattr(index_renewal, "_ROWS", 16)


@pytest.fixture
def library(store: SqliteStore, folder: Path, tmp_path: Path) -> Library:
    return Library(store, folder, tmp_path / "words.db")


def delete(library: Library, file: IndexFile, rows: int, now: float) -> None:
    """Delete the oldest messages of the room, all of the first part."""
    done, _ = library.store.open_pruner().delete(library.room, rows, 1e9, 0)
    assert done == rows
    file.note_deleted(0, rows, now)


def forget(file: IndexFile, now: float) -> int:
    """Let the index forget all that is due; return in how many batches."""
    count = 0
    while file.forget_batch(now, lambda _: None):
        count += 1
    return count


def words(path: Path) -> set[str]:
    """Return all words that stand in an index."""
    found: set[str] = set()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN")
        for (part,) in connection.execute("SELECT number FROM parts").fetchall():
            connection.execute(
                f"CREATE VIRTUAL TABLE temp.t USING fts5vocab(main, words_{part}, row)"
            )
            found |= {term for (term,) in connection.execute("SELECT term FROM t")}
            connection.execute("DROP TABLE temp.t")
    return {word for word in found if word.isalnum()}


def test_when_much_is_gone_its_words_are_too(library: Library) -> None:
    library.say(*["secret"] * 30, *["tea"] * 20)
    library.take_all()
    with closing(library.open()) as file:
        assert forget(file, 0.0) == 0
        delete(library, file, 30, 0.0)
        assert forget(file, 0.0) > 3
        assert forget(file, 0.0) == 0
    assert words(library.index) == {"tea"}
    assert library.find("tea") == [*range(31, 51)]


def test_a_little_is_forgotten_a_day_later(library: Library) -> None:
    library.say("secret", *["tea"] * 49)
    library.take_all()
    with closing(library.open()) as file:
        delete(library, file, 1, 1000.0)
        assert forget(file, 1000.0 + DAY - 1) == 0
    assert words(library.index) == {"secret", "tea"}
    with closing(library.open()) as file:
        assert forget(file, 1000.0 + DAY) > 0
    assert words(library.index) == {"tea"}


def test_a_part_of_which_nothing_is_left_is_dropped(library: Library) -> None:
    library.say(*["secret"] * 99, *["tea"] * 10)
    library.take_all()
    with closing(library.open()) as file:
        delete(library, file, 99, 0.0)
        forget(file, 0.0)
    with closing(sqlite3.connect(library.index)) as connection:
        assert connection.execute("SELECT number FROM parts").fetchall() == [(1,)]
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert words(library.index) == {"tea"}
    assert library.find("secret") == []
    assert library.find("tea") == [*range(100, 110)]


def test_what_is_said_meanwhile_is_found(library: Library) -> None:
    library.say(*["secret"] * 30, *["tea"] * 30)
    library.take_all()
    with closing(library.open()) as file:
        delete(library, file, 30, 0.0)
        for _ in range(2):
            assert file.forget_batch(0.0, lambda _: None)
        library.say("more tea")
        while file.take_batch(lambda _: None):
            pass
        assert library.find("tea") == [*range(31, 62)]
        forget(file, 0.0)
    assert library.find("tea") == [*range(31, 62)]
    assert words(library.index) == {"more", "tea"}


def test_what_is_deleted_meanwhile_waits_for_its_day(library: Library) -> None:
    library.say(*["secret"] * 30, "another", *["tea"] * 30)
    library.take_all()
    with closing(library.open()) as file:
        delete(library, file, 30, 0.0)
        for _ in range(3):
            file.forget_batch(0.0, lambda _: None)
        delete(library, file, 1, 0.0)
        forget(file, 0.0)
        assert "another" in words(library.index)
        forget(file, DAY)
    assert words(library.index) == {"tea"}


def test_what_a_crash_has_cut_short_is_begun_again(library: Library) -> None:
    library.say(*["secret"] * 30, *["tea"] * 30)
    library.take_all()
    with closing(library.open()) as file:
        delete(library, file, 30, 0.0)
        for _ in range(2):
            file.forget_batch(0.0, lambda _: None)
    assert library.find("tea") == [*range(31, 61)]
    with closing(library.open()) as file:
        forget(file, 0.0)
    assert words(library.index) == {"tea"}
    assert library.find("tea") == [*range(31, 61)]


class Watched(Index):
    """An index that says when it has forgotten what there was to forget."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.index, library.database)
        self.forgotten: Queue[bool] = Queue()

    def _forget(self, file: IndexFile) -> None:
        super()._forget(file)
        self.forgotten.put(True)


def test_the_index_forgets_behind_the_traffic(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_worker, "_GATHER", 0.0)
    library.say(*["secret"] * 50, "tea")
    index = Watched(library)
    index.start()
    try:
        index.forgotten.get(timeout=PATIENCE)
        SqlitePruner(library.store, index.note_deleted).delete(library.room, 50, 1e9, 0)
        library.say("more")
        index.note(library.store.last_id)
        while words(library.index) != {"tea", "more"}:
            index.forgotten.get(timeout=PATIENCE)
    finally:
        index.close()
    assert library.find("tea") == [51]
