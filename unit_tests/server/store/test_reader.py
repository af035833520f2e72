import itertools
import sqlite3
from typing import Any

import pytest

from common.names import Name
from errors import OutOfService, StoreFailed
from server.store import questions
from server.store.base import MessageRow, Reader
from server.store.reader import SqliteReader
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World, reading

ALICE, BOB, CAROL, TEA = map(Name, ("alice", "bob", "carol", "#tea"))


def ids(rows: list[MessageRow]) -> list[int]:
    return [row.id for row in rows]


class Talk:
    """alice, bob and carol, a room of all three, lines of alice with the others."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.alice, self.bob, self.carol = map(world.guest, ("alice", "bob", "carol"))
        self.room = world.room("#tea", self.alice, self.bob, self.carol)
        self.with_bob = world.line(self.bob, self.alice)
        self.with_carol = world.line(self.alice, self.carol)


@pytest.fixture
def talk(world: World) -> Talk:
    return Talk(world)


def test_missed_is_what_was_said_in_ones_own_conversations(
    talk: Talk, reader: Reader
) -> None:
    talk.world.say(talk.room, talk.alice, "to all")
    talk.world.say(talk.with_bob, talk.bob, "to alice")
    talk.world.say(talk.with_carol, talk.alice, "to carol")
    talk.world.say(talk.world.room("#other"), talk.carol, "elsewhere")
    assert ids(reader.missed(talk.alice, 0, 4, 10)) == [1, 2, 3]
    assert ids(reader.missed(talk.bob, 0, 4, 10)) == [1, 2]
    assert ids(reader.missed(talk.carol, 0, 4, 10)) == [1, 3]
    assert ids(reader.missed(99, 0, 4, 10)) == []


def test_a_missed_message_is_told_with_everything(talk: Talk, reader: Reader) -> None:
    one = talk.world.delivery(talk.with_bob, talk.bob, ["hi"], 1)
    one.device, one.numbers = 17, [4]
    other = talk.world.delivery(talk.room, talk.carol, ["ho"], 2)
    talk.world.store.commit([one, other], (), 12.5)
    assert reader.missed(talk.alice, 0, 10, 10) == [
        MessageRow(1, talk.with_bob, talk.bob, BOB, ALICE, 17, 4, 12.5, "hi"),
        MessageRow(2, talk.room, talk.carol, CAROL, TEA, 0, None, 12.5, "ho"),
    ]


def test_missed_lies_behind_after_and_not_behind_upto(
    talk: Talk, reader: Reader
) -> None:
    talk.world.say(talk.room, talk.alice, *"abcdefgh")
    assert ids(reader.missed(talk.bob, 3, 6, 10)) == [4, 5, 6]
    assert ids(reader.missed(talk.bob, 8, 8, 10)) == []


def test_missed_comes_in_pages_that_join_without_a_gap(
    talk: Talk, reader: Reader
) -> None:
    for n in range(40):
        talk.world.say(talk.room, talk.carol, "in the room")
        talk.world.say(talk.with_bob, talk.bob, *["to alice"] * (n % 3 + 1))
    last = talk.world.store.last_id
    found: list[int] = []
    while page := ids(reader.missed(talk.alice, found[-1] if found else 0, last, 7)):
        assert len(page) <= 7
        found += page
    assert found == [*range(1, last + 1)]


def test_nobody_misses_what_was_said_before_they_came(
    talk: Talk, reader: Reader
) -> None:
    dave = talk.world.guest("dave")
    talk.world.say(talk.room, talk.alice, "one", "two")
    talk.world.store.enter(talk.room, dave, 1)
    talk.world.say(talk.room, talk.alice, "three")
    assert ids(reader.missed(dave, 0, 10, 10)) == [2, 3]
    assert ids(reader.missed(dave, 2, 10, 10)) == [3]


def test_a_note_to_oneself_is_found_once(talk: Talk, reader: Reader) -> None:
    notes = talk.world.line(talk.bob, talk.bob)
    talk.world.say(notes, talk.bob, "a note")
    (row,) = reader.missed(talk.bob, 0, 10, 10)
    assert (row.sender, row.to) == ("bob", "bob")
    lines, _ = reader.conversations(talk.bob, None, 10)
    assert [(line.whom, line.unread) for line in lines] == [("bob", 0)]


def test_history_is_the_newest_page_then_pages_below_it(
    talk: Talk, reader: Reader
) -> None:
    talk.world.say(talk.room, talk.alice, *"abcdefgh")
    talk.world.say(talk.with_bob, talk.alice, "between")
    talk.world.say(talk.room, talk.bob, *"ij")
    rows, more = reader.history(talk.room, None, None, 4)
    assert (ids(rows), more) == ([7, 8, 10, 11], True)
    rows, more = reader.history(talk.room, 7, None, 4)
    assert (ids(rows), more) == ([3, 4, 5, 6], True)
    rows, more = reader.history(talk.room, 3, None, 4)
    assert (ids(rows), more) == ([1, 2], False)
    assert reader.history(talk.room, 1, None, 4) == ([], False)
    assert [row.to for row in reader.history(talk.room, None, None, 4)[0]] == [
        "#tea"
    ] * 4


def test_history_goes_on_above_after(talk: Talk, reader: Reader) -> None:
    talk.world.say(talk.room, talk.alice, *"abcdefgh")
    rows, more = reader.history(talk.room, None, 2, 4)
    assert (ids(rows), more) == ([3, 4, 5, 6], True)
    rows, more = reader.history(talk.room, None, 6, 4)
    assert (ids(rows), more) == ([7, 8], False)
    rows, more = reader.history(talk.room, 6, 2, 4)
    assert (ids(rows), more) == ([3, 4, 5], False)


def test_history_of_a_room_that_has_ended_remains(talk: Talk, reader: Reader) -> None:
    talk.world.say(talk.room, talk.alice, "one")
    talk.world.store.end_room(talk.room)
    talk.world.commit()
    (row,) = reader.history(talk.room, None, None, 10)[0]
    assert row.to == "#tea"


def test_conversations_come_newest_first_in_pages(talk: Talk, reader: Reader) -> None:
    talk.world.say(talk.with_carol, talk.carol, "one")
    talk.world.say(talk.room, talk.alice, "two", "three")
    talk.world.say(talk.with_bob, talk.alice, "four")
    found, more = reader.conversations(talk.alice, None, 2)
    assert more
    assert [(line.whom, line.last.id, line.last.text) for line in found] == [
        ("bob", 4, "four"),
        ("#tea", 3, "three"),
    ]
    found, more = reader.conversations(talk.alice, found[-1].last.id, 2)
    assert not more
    assert [(line.whom, line.conversation) for line in found] == [
        ("carol", talk.with_carol)
    ]
    assert found[0].last.to == "alice"


def test_a_conversation_without_messages_is_not_in_the_list(
    talk: Talk, reader: Reader
) -> None:
    talk.world.commit()
    assert reader.conversations(talk.alice, None, 10) == ([], False)


def test_a_room_is_in_the_list_once_something_was_said_behind_ones_coming(
    talk: Talk, reader: Reader
) -> None:
    dave = talk.world.guest("dave")
    talk.world.say(talk.room, talk.alice, "one", "two")
    talk.world.store.enter(talk.room, dave, 2)
    talk.world.commit()
    assert reader.conversations(dave, None, 10) == ([], False)
    talk.world.say(talk.room, talk.alice, "three")
    (line,) = reader.conversations(dave, None, 10)[0]
    assert (line.unread, line.read, line.last.id) == (1, 0, 3)


def test_unread_is_what_others_said_behind_the_read_position(
    talk: Talk, reader: Reader
) -> None:
    talk.world.say(talk.room, talk.alice, "one", "two", "three")
    talk.world.say(talk.room, talk.bob, "four")
    talk.world.store.note_read(talk.room, talk.bob, 1)
    talk.world.store.note_read(talk.room, talk.alice, 4)
    talk.world.commit()
    found = {
        name: [
            (line.unread, line.read)
            for line in reader.conversations(identity, None, 10)[0]
        ]
        for name, identity in (("a", talk.alice), ("b", talk.bob), ("c", talk.carol))
    }
    assert found == {"a": [(0, 4)], "b": [(2, 1)], "c": [(4, 0)]}


def test_unread_is_counted_up_to_a_thousand(talk: Talk, reader: Reader) -> None:
    talk.world.say(talk.with_bob, talk.bob, *["x"] * 1500)
    (line,) = reader.conversations(talk.alice, None, 10)[0]
    assert line.unread == 1000


def test_a_partner_who_is_gone_keeps_the_name(talk: Talk, reader: Reader) -> None:
    talk.world.say(talk.with_bob, talk.alice, "one")
    talk.world.store.forget_person(talk.bob)
    new = talk.world.guest("bob")
    talk.world.say(talk.world.line(talk.alice, new), new, "two")
    lines, _ = reader.conversations(talk.alice, None, 10)
    assert [(line.whom, line.last.to) for line in lines] == [
        ("bob", "alice"),
        ("bob", "bob"),
    ]
    assert reader.conversations(new, None, 10)[0][0].last.text == "two"


PLANS: dict[str, tuple[str, Any]] = {
    f"{name}, {'with' if blocked else 'without'} blocks": (
        statements[blocked],
        {
            "me": 1,
            "conversation": 1,
            "after": 0,
            "above": 0,
            "upto": 9,
            "before": 9,
            "below": 9,
            "limit": 5,
        },
    )
    for name, statements in {
        "missed": questions.MISSED,
        "newest": questions.NEWEST,
        "oldest": questions.OLDEST,
        "conversations": questions.CONVERSATIONS,
    }.items()
    for blocked in (False, True)
}


@pytest.mark.parametrize("name", PLANS)
def test_no_question_looks_at_all_messages(store: SqliteStore, name: str) -> None:
    statement, given = PLANS[name]
    plan = store._connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
    steps = [step for *_, step in plan]
    tables = {
        "m",
        "one",
        "page",
        "messages",
        "lines",
        "members",
        "identities",
        "rooms",
        "b",
    }
    scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
    # In the list of conversations "page" is the page itself, not a table.
    assert not scanned & tables - ({"page"} if "conversations" in name else set())
    assert any("messages_by_conversation (conversation=?" in step for step in steps)


class Steps:
    """Counts how much work a statement is, in instructions of SQLite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.count = 0

    def __enter__(self) -> "Steps":
        self._connection.set_progress_handler(self._step, 10)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.set_progress_handler(None, 10)

    def _step(self) -> None:
        self.count += 10


def test_a_page_costs_the_same_however_much_waits(
    talk: Talk, store: SqliteStore
) -> None:
    conversations = itertools.cycle((talk.room, talk.with_bob, talk.with_carol))

    def say_much(times: int) -> None:
        for conversation, _ in zip(conversations, range(times), strict=False):
            talk.world.say(conversation, talk.alice, *["x"] * 1000)

    work: dict[str, list[int]] = {"missed": [], "history": [], "conversations": []}
    for times in (3, 27):
        say_much(times)
        reader = store.open_reader()
        for name, counts in work.items():
            with Steps(reader._connection) as steps:
                if name == "missed":
                    assert len(reader.missed(talk.alice, 0, 10**9, 100)) == 100
                elif name == "history":
                    assert len(reader.history(talk.room, None, None, 100)[0]) == 100
                else:
                    assert len(reader.conversations(talk.bob, None, 100)[0]) == 2
            counts.append(steps.count)
        reader.close()
    for few, many in work.values():
        assert many < few * 1.2


def test_a_reader_can_not_write(store: SqliteStore) -> None:
    with reading(store) as reader:
        assert isinstance(reader, SqliteReader)
        with pytest.raises(sqlite3.OperationalError):
            reader._connection.execute("DELETE FROM messages")


def test_a_reader_is_not_in_the_way_of_the_writer(talk: Talk, reader: Reader) -> None:
    talk.world.say(talk.room, talk.alice, *"abc")
    assert isinstance(reader, SqliteReader)
    rows = reader._connection.execute("SELECT id FROM messages ORDER BY id")
    assert rows.fetchone() == (1,)
    talk.world.say(talk.room, talk.alice, *"def")
    assert [*rows] == [(2,), (3,)]
    assert len(reader.history(talk.room, None, None, 10)[0]) == 6


def test_a_database_that_can_not_be_read_now_is_told_as_such(
    talk: Talk, store: SqliteStore
) -> None:
    reader = store.open_reader()
    reader._connection.set_progress_handler(lambda: 1, 1)  # interrupts everything
    with pytest.raises(OutOfService, match="try again later"):
        reader.history(talk.room, None, None, 10)
    reader.close()


def test_a_reader_without_a_file_is_told_as_such(store: SqliteStore) -> None:
    store._files.database.unlink()
    with pytest.raises(OutOfService, match="try again later"):
        store.open_reader()


def test_a_damaged_database_ends_the_server(talk: Talk, store: SqliteStore) -> None:
    talk.world.say(talk.room, talk.alice, *["x" * 100] * 1000)
    connection = store._connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page = "SELECT rootpage FROM sqlite_schema WHERE name = 'messages_by_conversation'"
    (root,) = connection.execute(page).fetchone()
    with open(store._files.database, "r+b", buffering=0) as file:
        file.seek((root - 1) * 2048)
        file.write(b"\xff" * 2048)
    with reading(store) as reader, pytest.raises(StoreFailed, match="damaged"):
        reader.history(talk.room, None, None, 10)
