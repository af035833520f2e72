import sqlite3
from pathlib import Path

import pytest

from client.archive import Archive
from client.events import Kind
from client.outbox import Pending
from client.rows import KeptMessage
from unit_tests.client.archives import changes, kept_message, opened


def pending(number: int, text: str = "hi", wire_id: int = 0) -> Pending:
    return Pending(number, Kind.MESSAGE, "bob", text, 5.5, wire_id)


def texts(archive: Archive, whom: str, **place: int) -> list[str]:
    return [one.text for one in archive.history(whom, **place).messages]


def test_where_nothing_was_kept_nothing_is_found(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        assert (archive.kept.store, archive.kept.since) == ("", None)
        assert archive.history("bob").messages == []
        assert archive.search("hi").messages == []
        assert archive.names() == []
        assert not archive.waits


def test_where_a_device_is_and_what_it_has_outlives_it(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(kept_message(7), since=9, last_number=4, guest=False))
    with opened(tmp_path) as archive:
        kept = archive.kept
    assert (kept.store, kept.since, kept.newest) == ("store-1", 9, 7)
    assert (kept.last_number, kept.guest) == (4, False)


def test_a_number_never_goes_back(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(last_number=9))
        archive.keep(changes(last_number=4))
    with opened(tmp_path) as archive:
        assert archive.kept.last_number == 9


def test_what_waits_is_found_again_as_it_was_last(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(outbox={1: pending(1), 2: pending(2), 3: pending(3)}))
        archive.keep(changes(outbox={1: None, 2: pending(2, wire_id=8), 9: None}))
        assert archive.waits
    with opened(tmp_path) as archive:
        assert archive.kept.waiting == [pending(2, wire_id=8), pending(3)]
        assert archive.waits
        archive.keep(changes(outbox={2: None, 3: None}))
        assert not archive.waits


def test_what_a_script_has_not_sent_is_forgotten_but_not_what_waited_before(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as archive:
        archive.forget_unsent()
        archive.keep(changes(outbox={1: pending(1)}))
    with opened(tmp_path) as archive:
        archive.keep(changes(outbox={2: pending(2, wire_id=3)}))
        archive.forget_unsent()
    with opened(tmp_path) as archive:
        assert archive.kept.waiting == [pending(1)]


def test_a_conversation_is_found_by_whom_it_is_with(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(
            changes(
                kept_message(1, "from bob", "bob", "alice"),
                kept_message(2, "to bob", "Alice", "Bob"),
                kept_message(3, "to the room", "alice", "#r"),
                kept_message(4, "in the room", "bob", "#r"),
                kept_message(5, "to myself", "alice", "alice"),
            )
        )
        assert texts(archive, "BOB") == ["from bob", "to bob"]
        assert texts(archive, "#R") == ["to the room", "in the room"]
        assert texts(archive, "alice") == ["to myself"]
        assert texts(archive, "carol") == []
        assert archive.names() == ["alice", "#r", "bob"]


def test_a_conversation_is_turned_back_page_by_page(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(*[kept_message(n, f"text {n}") for n in range(1, 6)]))
        page = archive.history("bob", limit=2)
        seen = [[one.message_id for one in page.messages]]
        while page.more:
            page = archive.history("bob", page.before, limit=2)
            seen.append([one.message_id for one in page.messages])
    assert seen == [[4, 5], [2, 3], [1]]


def test_pages_of_the_server_fill_what_is_missing(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(kept_message(9, "new")))
        archive.keep(changes(kept_message(3, "old"), kept_message(9, "new")))
        assert texts(archive, "bob") == ["old", "new"]


def test_another_store_begins_anew_and_comes_after(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(kept_message(9, "before"), since=9))
        archive.keep(changes(kept_message(9, "after"), store="store-2", since=9))
        assert texts(archive, "bob") == ["before", "after"]
        page = archive.history("bob", limit=1)
        assert [one.text for one in page.messages] == ["after"]
        assert texts(archive, "bob", before=page.before) == ["before"]
        archive.keep(changes(store="store-3", since=2))
    with opened(tmp_path) as archive:
        assert (archive.kept.store, archive.kept.newest) == ("store-3", 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("елка", [1]),
        ("ЁЛКА", [1]),
        ("dinner", [2, 3]),
        ("DINNER ready", [2]),
        ("ready dinner", [2]),
        ("100%", [3]),
        ("dinn", [2, 3]),
        ("inner", []),
        ("#r", [3]),
        ("#ready", []),
        ("海", [4]),
        ("上海", [4]),
        ("海上", []),
        ("c++", [4]),
        ("👍🏽", [4]),
        ("👎", []),
        ("_", []),
        ("", []),
        ("nothing", []),
    ],
)
def test_texts_are_found_by_their_words(
    tmp_path: Path, text: str, found: list[int]
) -> None:
    with opened(tmp_path) as archive:
        archive.keep(
            changes(
                kept_message(1, "Зелёная Ёлка"),
                kept_message(2, "Dinner is ready"),
                kept_message(3, "dinner at 100% of #r", "bob", "#r"),
                kept_message(4, "明天去上海 C++11👍"),
            )
        )
        assert [one.message_id for one in archive.search(text).messages] == found


def test_a_search_is_turned_back_and_kept_to_one_conversation(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(
            changes(
                *[kept_message(n) for n in (1, 2, 3)], kept_message(4, "hi", "carol")
            )
        )
        page = archive.search("hi", "bob", limit=2)
        assert [one.message_id for one in page.messages] == [2, 3]
        assert page.more
        rest = archive.search("hi", "bob", page.before, limit=2)
        assert [one.message_id for one in rest.messages] == [1]
        assert (rest.more, rest.whom, rest.text) == (False, "bob", "hi")


def test_a_hundred_thousand_messages_are_kept_and_paged(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        for first in range(1, 100_001, 1_000):
            rows = [kept_message(n, f"text {n}") for n in range(first, first + 1_000)]
            archive.keep(changes(*rows, since=first + 999))
        assert texts(archive, "bob", limit=1) == ["text 100000"]
        assert [one.message_id for one in archive.search("77777").messages] == [77777]


def database_of(folder: Path) -> Path:
    (path,) = folder.glob("*.db")
    return path


def test_a_file_of_a_newer_version_is_set_aside(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(kept_message(1)))
    path = database_of(tmp_path)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 3")
    newer.close()
    told: list[str] = []
    with opened(tmp_path, told=told) as again:
        assert again.kept.device != archive.kept.device
        again.keep(changes(kept_message(2, "new")))
        assert texts(again, "bob") == ["new"]
    (sentence,) = told
    assert f"{path} was made by a newer version of this program" in sentence
    assert f"{path.name}.aside-1 is it now, a new one begins" in sentence
    assert path.with_name(f"{path.name}.aside-1").exists()


@pytest.mark.parametrize("damage", ["all", "the middle"])
def test_a_damaged_file_is_set_aside(tmp_path: Path, damage: str) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(*[kept_message(n, "x" * 500) for n in range(1, 200)]))
    path = database_of(tmp_path)
    content = bytearray(path.read_bytes())
    content[0 if damage == "all" else 4096 :] = b"\xa5" * 20_000
    path.write_bytes(content)
    told: list[str] = []
    with opened(tmp_path, told=told) as again:
        again.history("bob")
        again.keep(changes(kept_message(2)))
    with opened(tmp_path) as third:
        third.keep(changes(kept_message(3, "new")))
        assert texts(third, "bob")[-1] == "new"
    (sentence,) = told
    assert "is damaged" in sentence


def test_a_database_of_something_else_is_set_aside(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes())
    path = database_of(tmp_path)
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE cookies (taste TEXT)")
    other.close()
    told: list[str] = []
    with opened(tmp_path, told=told) as archive:
        archive.keep(changes(kept_message(1)))
        assert texts(archive, "bob") == ["hi"]
    assert "is something else" in told[0]


def test_files_set_aside_do_not_cover_each_other(tmp_path: Path) -> None:
    for number in (1, 2):
        with opened(tmp_path) as archive:
            archive.keep(changes())
        path = database_of(tmp_path)
        path.write_bytes(b"no database, but as long as one would have to be")
        told: list[str] = []
        with opened(tmp_path, told=told):
            pass
        assert f"aside-{number}" in told[0]


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    told: list[str] = []
    with opened(blocked / "devices", told=told) as archive:
        assert archive.kept.device
        archive.keep(changes(kept_message(1)))
        assert archive.history("bob").messages == []
        assert not archive.waits
    (sentence,) = told
    assert f"{blocked}/devices can't be written (Not a directory)" in sentence


def fill_disk(archive: Archive) -> None:
    """Let the database grow no further, as on a full disk."""
    assert archive._database is not None
    (pages,) = archive._database.execute("PRAGMA page_count").fetchone()
    archive._database.execute(f"PRAGMA max_page_count = {pages}")


def test_on_a_full_disk_the_conversation_goes_on_and_the_file_stays_as_it_was(
    tmp_path: Path,
) -> None:
    told: list[str] = []
    with opened(tmp_path, told=told) as archive:
        archive.keep(changes(kept_message(1, "kept"), since=1))
        fill_disk(archive)
        for number in (2, 3):
            archive.keep(changes(kept_message(number, "x" * 100_000), since=number))
        assert archive.history("bob").messages == []
    (sentence,) = told
    assert "full" in sentence
    with opened(tmp_path) as archive:
        assert archive.kept.since == 1
        assert texts(archive, "bob") == ["kept"]


@pytest.mark.parametrize(
    "row", [kept_message(2**63), kept_message(2, "half \ud800")], ids=["id", "text"]
)
def test_what_no_database_takes_ends_the_archive_and_not_the_talk(
    tmp_path: Path, row: KeptMessage
) -> None:
    told: list[str] = []
    with opened(tmp_path, told=told) as archive:
        archive.keep(changes(kept_message(1)))
        archive.keep(changes(row))
    assert "can't be used" in told[0]
    with opened(tmp_path) as archive:
        assert texts(archive, "bob") == ["hi"]


def test_a_file_that_cannot_be_opened_stays_as_it_is(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        archive.keep(changes(outbox={1: pending(1)}))
    path = database_of(tmp_path)
    keeper = sqlite3.connect(path)
    keeper.execute("BEGIN EXCLUSIVE")
    told: list[str] = []
    with opened(tmp_path, told=told) as archive:
        assert archive.kept.waiting == []
    assert "database is locked" in told[0]
    keeper.close()
    with opened(tmp_path) as archive:
        assert len(archive.kept.waiting) == 1
