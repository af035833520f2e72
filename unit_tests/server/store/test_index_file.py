import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from server.store import index_file as module
from server.store.index_file import IndexFile, is_damage
from server.store.sqlite import SqliteStore
from unit_tests.server.store.library import Library
from unit_tests.server.store.stores import opened


@pytest.fixture
def library(store: SqliteStore, folder: Path, tmp_path: Path) -> Library:
    return Library(store, folder, tmp_path / "words.db")


def take(file: IndexFile) -> bool:
    return file.take_batch(lambda _: None)


def batches(library: Library) -> list[int]:
    """Index all there is; return what was indexed after each batch."""
    with closing(library.open()) as file:
        uptos = []
        while take(file):
            uptos.append(file.upto)
    return uptos


def test_batches_become_longer_up_to_so_many_rows(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_ROWS", 2)
    monkeypatch.setattr(module, "_MOST_ROWS", 7)
    library.say(*["tea"] * 25)
    assert batches(library) == [2, 6, 13, 20, 25]


def test_a_batch_holds_so_many_characters_but_at_least_one_row(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_CHARACTERS", 100)
    library.say(*["x" * 40] * 5, "y" * 500, *"abcdef")
    assert batches(library) == [2, 4, 5, 6, 7, 9, 12]


def test_a_batch_ends_with_its_part(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART", 10)
    library.say(*["tea"] * 25)
    assert batches(library) == [9, 19, 25]
    with closing(sqlite3.connect(library.index)) as connection:
        parts = connection.execute("SELECT number FROM parts").fetchall()
    assert parts == [(0,), (1,), (2,)]


def test_it_goes_on_where_it_was(library: Library) -> None:
    library.say("one")
    library.take_all()
    (two,) = library.say("two")
    with closing(library.open()) as file:
        assert file.upto == two - 1
        assert take(file)
        assert file.upto == two
        assert not take(file)


def test_it_is_for_its_owner_alone(library: Library) -> None:
    library.index.touch(0o644)
    library.say("tea")
    with closing(library.open()) as file:
        take(file)
        beside = [library.index.with_name(f"words.db-{end}") for end in ("wal", "shm")]
        for path in (library.index, *beside):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_holds_no_texts(library: Library) -> None:
    text = "the quick brown fox jumps over the lazy dog"
    library.say(text)
    library.take_all()
    content = library.index.read_bytes()
    assert b"quick brown" not in content
    assert b"jumps" in content


def upto(library: Library) -> int:
    with closing(library.open()) as file:
        return file.upto


def change(library: Library, statement: str) -> None:
    with closing(sqlite3.connect(library.index)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE about SET layout = 'another'",
        "UPDATE about SET store_id = 'another'",
        "UPDATE about SET upto = 99",
        "DELETE FROM about",
    ],
)
def test_one_that_does_not_fit_is_made_anew(library: Library, statement: str) -> None:
    ids = library.say("tea")
    library.take_all()
    assert upto(library) == ids[0]
    change(library, statement)
    assert upto(library) == 0
    library.take_all()
    assert library.find("tea") == ids


def test_one_of_another_store_is_made_anew(library: Library, tmp_path: Path) -> None:
    with opened(tmp_path / "other") as store:
        other = Library(store, tmp_path / "other", library.index)
        other.say("coffee")
        other.take_all()
    library.say("tea", "tea")
    assert upto(library) == 0


def test_a_damaged_file_is_an_error_that_says_so(library: Library) -> None:
    library.index.write_bytes(b"not a database" * 1000)
    with pytest.raises(sqlite3.Error) as caught:
        library.open()
    assert is_damage(caught.value)


def test_a_database_of_somebody_else_is_damage(library: Library) -> None:
    change(library, "CREATE TABLE theirs(x)")
    with pytest.raises(sqlite3.Error) as caught:
        library.open()
    assert is_damage(caught.value)


def test_a_full_disk_is_no_damage_and_takes_nothing_back(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_ROWS", 2000)
    library.say("tea")
    library.take_all()
    ids = library.say(*(f"word{number}" for number in range(2000)))
    with closing(library.open()) as file:
        connection = file._connection
        (pages,) = connection.execute("PRAGMA main.page_count").fetchone()
        connection.execute(f"PRAGMA main.max_page_count = {pages}")
        with pytest.raises(sqlite3.Error) as caught:
            take(file)
        assert caught.value.sqlite_errorcode == sqlite3.SQLITE_FULL
        assert not is_damage(caught.value)
        assert file.upto == ids[0] - 1
        connection.execute("PRAGMA main.max_page_count = 100000")
        assert take(file)
    assert library.find("word1999") == ids[-1:]


def test_it_knows_when_its_file_is_gone_or_another(library: Library) -> None:
    with closing(library.open()) as file:
        assert file.is_in_place()
        library.index.rename(library.index.with_name("elsewhere"))
        assert not file.is_in_place()
        library.index.touch()
        assert not file.is_in_place()


def test_a_search_goes_on_in_a_file_that_is_made_anew(library: Library) -> None:
    ids = library.say("tea")
    library.take_all()
    with closing(sqlite3.connect(library.index)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT * FROM about").fetchall()
        module.remove(library.index)
        library.take_all()
        assert library.find("tea") == ids
        found = reading.execute("SELECT rowid FROM words_0('tea')").fetchall()
    assert found == [(ids[0],)]


def test_broken_characters_in_the_database_are_no_error(library: Library) -> None:
    library.say("tea", "coffee")
    with closing(sqlite3.connect(library.database)) as connection:
        connection.execute("UPDATE messages SET text = CAST(x'ff2074656120fe' AS TEXT)")
        connection.commit()
    with closing(library.open()) as file:
        assert take(file)
        assert file.upto == library.store.last_id


def test_an_interrupted_one_is_closed_tidily(library: Library) -> None:
    library.say("tea")
    file = library.open()
    take(file)
    file.interrupt()
    file.close()
    assert not library.index.with_name("words.db-wal").exists()


def test_what_is_under_way_can_be_interrupted_even_when_closed(
    library: Library,
) -> None:
    file = library.open()
    file.interrupt()
    file.close()
    file.interrupt()


def test_the_main_database_can_be_begun_anew_between_batches(library: Library) -> None:
    library.say(*["tea"] * 10)
    with closing(library.open()) as file:
        assert take(file)
        with closing(sqlite3.connect(library.database)) as writer:
            answer = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert answer == (0, 0, 0)
        assert os.path.getsize(f"{library.database}-wal") == 0
