import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from errors import NotStored, StoreFailed
from server.store import pruning
from server.store.base import HeadRow, Reader
from server.store.sqlite import SqliteStore
from unit_tests.server.store.library import Library
from unit_tests.server.store.stores import World, opened

FOREVER = float("-inf")


def ids(store: SqliteStore, conversation: int | None = None) -> list[int]:
    rows = store.look(
        lambda connection: connection.execute(
            "SELECT id FROM messages WHERE :of IS NULL OR conversation = :of"
            " ORDER BY id",
            {"of": conversation},
        ).fetchall()
    )
    return [number for (number,) in rows]


def say(world: World, conversation: int, sender: int, time: float, *texts: str) -> None:
    first = world.store.last_id + 1
    world.store.commit([world.delivery(conversation, sender, texts, first)], (), time)


@pytest.fixture
def room(world: World) -> int:
    """Return a room in which one message was said at each of the times 1 to 9."""
    alice = world.account("alice")
    room = world.room("#tea", alice)
    for time in range(1, 10):
        say(world, room, alice, float(time), f"said at {time}")
    return room


def test_what_is_older_is_deleted_and_nothing_else(
    store: SqliteStore, room: int
) -> None:
    pruner = store.open_pruner()
    assert pruner.delete(room, 100, 4.0, 0) == (3, 3 * len("said at 1"))
    assert ids(store) == [4, 5, 6, 7, 8, 9]
    assert pruner.delete(room, 100, 4.0, 0) == (0, 0)


def test_no_more_is_deleted_at_once_than_one_says(
    store: SqliteStore, room: int
) -> None:
    pruner = store.open_pruner()
    assert pruner.delete(room, 2, 5.0, 0)[0] == 2
    assert pruner.delete(room, 2, 5.0, 0)[0] == 2
    assert pruner.delete(room, 2, 5.0, 0)[0] == 0
    assert ids(store) == [5, 6, 7, 8, 9]


def test_as_much_is_deleted_as_was_too_much(store: SqliteStore, room: int) -> None:
    pruner = store.open_pruner()
    assert pruner.delete(room, 100, FOREVER, 10) == (2, 18)
    assert pruner.delete(room, 100, FOREVER, 9) == (1, 9)
    assert ids(store) == [4, 5, 6, 7, 8, 9]


def test_the_last_message_stays(store: SqliteStore, room: int) -> None:
    store.open_pruner().delete(room, 100, 1e9, 0)
    assert ids(store) == [9]


def test_other_conversations_are_left_alone(
    store: SqliteStore, world: World, room: int
) -> None:
    bob = world.account("bob")
    other = world.line(bob, bob)
    say(world, other, bob, 1.0, "a note")
    store.open_pruner().delete(room, 100, 1e9, 0)
    assert ids(store) == [10]


def test_ids_are_not_given_again(folder: Path) -> None:
    with opened(folder) as store:
        world = World(store)
        alice = world.account("alice")
        room = world.room("#tea", alice)
        world.say(room, alice, *"abc")
        store.open_pruner().delete(room, 100, 1e9, 0)
    with opened(folder) as store:
        assert store.last_id == 3


def test_conversations_are_told_with_their_limits(
    store: SqliteStore, world: World, room: int
) -> None:
    bob = world.account("bob")
    line, empty = world.line(bob, bob), world.room("#empty")
    say(world, line, bob, 20.0, "a note")
    store.set_room_keep(room, 1.5, 100)
    world.commit()
    pruner = store.open_pruner()
    tea = HeadRow(room, False, 1.5, 100, 1.0)
    assert pruner.heads(0, 10, limited=False) == [
        tea,
        HeadRow(line, True, None, None, 20.0),
        HeadRow(empty, False, None, None, None),
    ]
    assert pruner.heads(0, 1, limited=False) == [tea]
    assert pruner.heads(room, 1, limited=False)[0].conversation == line
    assert pruner.heads(0, 10, limited=True) == [tea]
    assert pruner.heads(room, 10, limited=True) == []


def test_bytes_are_counted_as_they_are_stored(store: SqliteStore, world: World) -> None:
    alice = world.account("alice")
    line = world.line(alice, alice)
    world.say(line, alice, "чай", "tea", "nul \0 ok")
    pruner = store.open_pruner()
    assert pruner.weigh(line, 0, 2) == (2, 2, 9)
    assert pruner.weigh(line, 2, 2) == (3, 1, 8)
    assert pruner.weigh(line, 3, 2) == (3, 0, 0)


@pytest.mark.parametrize("durability", ["full", "normal"])
def test_only_deletions_are_not_synced(folder: Path, durability: str) -> None:
    with opened(folder, durability) as store:
        world = World(store)
        alice = world.account("alice")
        room = world.room("#tea", alice)
        world.say(room, alice, *"abc")
        seen: list[str] = []
        store._connection.set_trace_callback(seen.append)
        store.open_pruner().delete(room, 2, 1e9, 0)
        world.say(room, alice, "d")
        store._connection.set_trace_callback(None)
    levels = [one for one in seen if "synchronous" in one]
    assert levels == [
        "PRAGMA synchronous = NORMAL",
        f"PRAGMA synchronous = {2 if durability == 'full' else 1}",
    ]
    assert seen.index(levels[1]) < next(
        place
        for place, one in enumerate(seen)
        if one.startswith("INSERT INTO messages")
    )


def test_while_another_program_holds_the_database_nothing_is_deleted(
    store: SqliteStore, room: int
) -> None:
    pruner = store.open_pruner()
    with closing(sqlite3.connect(store._files.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotStored):
            pruner.delete(room, 100, 5.0, 0)
    assert len(ids(store)) == 9
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert pruner.is_ready
    pruner.delete(room, 100, 5.0, 0)
    assert len(ids(store)) == 5


def test_a_file_that_was_replaced_ends_the_server(
    store: SqliteStore, room: int
) -> None:
    store._files.database.unlink()
    with pytest.raises(StoreFailed):
        store.open_pruner().delete(room, 100, 5.0, 0)


def test_it_is_not_ready_while_something_waits(store: SqliteStore, room: int) -> None:
    def is_ready() -> bool:
        return store.open_pruner().is_ready

    assert is_ready()
    store.note_seen(1, 5.0)
    assert not is_ready()
    store.audit_head()  # has a transaction open now
    assert not is_ready()
    store.commit((), (), 0.0)
    assert is_ready()


def test_the_file_becomes_smaller(store: SqliteStore, world: World) -> None:
    alice = world.account("alice")
    line = world.line(alice, alice)
    for _ in range(5):
        world.say(line, alice, *["x" * 1000] * 200)
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = store._files.database.stat().st_size
    pruner = store.open_pruner()
    assert pruner.give_back(100, 0) == 0
    while pruner.delete(line, 100, 1e9, 0)[0]:
        pass
    # Where somebody reads only a part of the log may come into the database.
    store._index.close()
    left = pruner.give_back(100, 50)
    assert left > 100
    while left:
        now = pruner.give_back(100, 50)
        assert now == max(0, left - 100)
        left = now
    assert pruner.tidy()
    assert not pruner.tidy()
    assert store._files.database.stat().st_size < before / 3
    assert store._connection.execute("PRAGMA freelist_count").fetchone() == (50,)
    assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_who_reads_sees_what_is_left(
    store: SqliteStore, world: World, reader: Reader
) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    line = world.line(alice, bob)
    world.say(line, bob, *"abcdef")
    store.note_read(line, alice, 2)
    world.commit()
    store.open_pruner().delete(line, 4, 1e9, 0)
    assert [row.id for row in reader.missed(alice, 3, 6, 9)] == [5, 6]
    assert [row.id for row in reader.missed(alice, 5, 6, 9)] == [6]
    (entry,), _ = reader.conversations(alice, None, 9)
    assert (entry.unread, entry.read, entry.last.id) == (2, 2, 6)
    rows, more = reader.history(line, None, None, 9, alice)
    assert ([row.id for row in rows], more) == ([5, 6], False)
    assert store.read_position(line, alice) == 2


def test_a_deleted_message_is_not_found_and_is_no_lag(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    library = Library(store, folder, tmp_path / "index.db")
    library.say("tea", "more tea")
    library.take_all()
    library.say("tea again", "the last tea")
    store.open_pruner().delete(library.room, 3, 1e9, 0)
    found = library.search("tea")
    assert ([row.id for row in found.rows], found.more, found.lag) == ([4], False, 0)
    library.take_all()
    assert library.find("tea") == [4]


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (pruning._ALL_HEADS, (0, 10)),
        (pruning._LIMITED_HEADS, (0, 10)),
        (pruning._WEIGH, {"of": 1, "after": 0, "most": 10}),
        (pruning._OLDEST, (1, 100, 10)),
        (pruning._DELETE, ("[1]",)),
    ],
)
def test_no_piece_of_work_looks_at_everything(
    store: SqliteStore,
    statement: str,
    given: tuple[object, ...] | dict[str, object],
) -> None:
    plan = store._connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
    steps = [step for *_, step in plan]
    scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
    assert not scanned & {"messages", "conversations", "rooms", "r"}
    if statement is pruning._LIMITED_HEADS:
        assert any("rooms_with_limits" in step for step in steps)
