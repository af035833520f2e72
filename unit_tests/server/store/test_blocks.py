"""What somebody does not see: of people they have blocked, of rooms by invitation."""

from contextlib import closing
from pathlib import Path

import pytest

from server.store.base import Reader
from server.store.reader import SqliteReader
from server.store.sqlite import SqliteStore
from unit_tests.server.store.library import Library
from unit_tests.server.store.stores import World


class Feud:
    """alice has blocked bob for a while; carol is there as well."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.alice, self.bob, self.carol = map(world.account, ("alice", "bob", "carol"))
        self.room = world.room("#tea", self.alice, self.bob, self.carol)
        self.line = world.line(self.alice, self.bob)
        world.say(self.room, self.bob, "before")  # 1
        world.store.add_block(self.alice, self.bob, 1)
        world.say(self.room, self.bob, "hidden")  # 2
        world.say(self.room, self.carol, "others")  # 3
        world.say(self.line, self.bob, "hidden", "and again")  # 4, 5
        world.say(self.line, self.alice, "my own")  # 6

    def reconcile(self) -> None:
        """Let alice hear bob again."""
        self.world.store.end_block(self.alice, self.bob, self.world.store.last_id)
        self.world.say(self.room, self.bob, "after")  # 7
        self.world.say(self.line, self.bob, "after")  # 8


@pytest.fixture
def feud(world: World) -> Feud:
    return Feud(world)


def missed(reader: Reader, identity: int) -> list[int]:
    return [row.id for row in reader.missed(identity, 0, 99, 99) if not row.is_hidden]


def history(reader: Reader, conversation: int, identity: int | None) -> list[int]:
    pages = (
        reader.history(conversation, None, None, 99, identity),
        reader.history(conversation, None, 0, 99, identity),
    )
    newest, oldest = ([row.id for row in rows] for rows, _ in pages)
    assert newest == oldest
    return newest


def unread(reader: Reader, identity: int) -> dict[str, tuple[int, int]]:
    lines, _ = reader.conversations(identity, None, 9)
    return {line.whom: (line.last.id, line.unread) for line in lines}


def test_what_a_blocked_person_says_is_nowhere(feud: Feud, reader: Reader) -> None:
    assert missed(reader, feud.alice) == [1, 3, 6]
    assert history(reader, feud.room, feud.alice) == [1, 3]
    assert history(reader, feud.line, feud.alice) == [6]
    assert unread(reader, feud.alice) == {"#tea": (3, 2), "bob": (6, 0)}


def test_what_was_said_while_blocked_stays_hidden(feud: Feud, reader: Reader) -> None:
    feud.reconcile()
    assert missed(reader, feud.alice) == [1, 3, 6, 7, 8]
    assert history(reader, feud.room, feud.alice) == [1, 3, 7]
    assert history(reader, feud.line, feud.alice) == [6, 8]
    assert unread(reader, feud.alice) == {"#tea": (7, 3), "bob": (8, 1)}


def test_others_see_everything(feud: Feud, reader: Reader) -> None:
    assert missed(reader, feud.bob) == [1, 2, 3, 4, 5, 6]
    assert missed(reader, feud.carol) == [1, 2, 3]
    assert history(reader, feud.room, feud.carol) == [1, 2, 3]
    assert history(reader, feud.line, None) == [4, 5, 6]
    assert unread(reader, feud.bob) == {"#tea": (3, 1), "alice": (6, 1)}


def test_a_page_of_hidden_messages_leads_to_the_next_one(
    feud: Feud, reader: Reader
) -> None:
    feud.world.say(feud.line, feud.bob, *["spam"] * 30)
    feud.world.say(feud.room, feud.carol, "at last")
    last, cursor, seen = feud.world.store.last_id, 0, []
    while rows := reader.missed(feud.alice, cursor, last, 4):
        cursor = rows[-1].id
        seen += [row.id for row in rows if not row.is_hidden]
    assert seen == [1, 3, 6, last]


def test_pages_of_history_are_filled_with_what_is_seen(
    feud: Feud, reader: Reader
) -> None:
    feud.world.say(feud.room, feud.bob, *["spam"] * 30)
    feud.world.say(feud.room, feud.carol, "at last")
    rows, more = reader.history(feud.room, None, None, 2, feud.alice)
    assert ([row.id for row in rows], more) == ([3, 37], True)
    rows, more = reader.history(feud.room, rows[0].id, None, 2, feud.alice)
    assert ([row.id for row in rows], more) == ([1], False)


def test_however_often_somebody_was_blocked_a_page_costs_the_same(
    feud: Feud, store: SqliteStore
) -> None:
    """Else who blocks and hears again all day slows the loop down for everybody."""
    connection = store._connection  # who counts SQLite's steps must look inside
    connection.execute(
        "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n LIMIT 5000) "
        "INSERT INTO blocks SELECT ?, ?, -n - 1, -n - 1 FROM n",
        (feud.alice, feud.bob),
    )
    feud.world.say(feud.line, feud.bob, *["after"] * 100)
    feud.reconcile()
    thousands: list[None] = []
    with closing(SqliteReader(store._files.database, store._files.index)) as reader:
        reader._connection.set_progress_handler(lambda: thousands.append(None), 1000)
        assert len(reader.missed(feud.alice, 6, 200, 200)) == 102
    assert len(thousands) < 20


def test_a_conversation_of_nothing_but_hidden_messages_is_not_in_the_list(
    world: World, reader: Reader
) -> None:
    alice, bob = world.account("alice"), world.account("bob")
    world.store.add_block(alice, bob, 0)
    world.say(world.line(alice, bob), bob, "hello?", "hello?")
    assert reader.conversations(alice, None, 9) == ([], False)


def test_of_a_room_by_invitation_one_sees_what_came_since(
    world: World, reader: Reader
) -> None:
    alice, bob, carol = map(world.account, ("alice", "bob", "carol"))
    room = world.room("#tea", alice)
    world.store.set_access(room, "invited")
    world.say(room, alice, "one", "two")
    world.store.enter(room, bob, 2)
    world.say(room, alice, "three")
    assert history(reader, room, alice) == [1, 2, 3]
    assert history(reader, room, bob) == [3]
    assert history(reader, room, carol) == []
    assert history(reader, room, None) == [1, 2, 3]
    world.store.set_access(room, "open")
    world.commit()
    assert history(reader, room, bob) == [1, 2, 3]


@pytest.fixture
def library(store: SqliteStore, folder: Path, tmp_path: Path) -> Library:
    return Library(store, folder, tmp_path / "index.db")


@pytest.mark.parametrize("indexed", [False, True])
def test_a_search_finds_nothing_that_is_hidden(library: Library, indexed: bool) -> None:
    room, (alice, bob, carol) = (
        library.room,
        (library.alice, library.bob, library.carol),
    )
    library.say("a cup of tea")  # 1
    library.store.add_block(bob, alice, 1)
    library.say("more tea")  # 2
    library.store.end_block(bob, alice, 2)
    library.say("tea again")  # 3
    library.store.add_block(carol, bob, 0)
    library.world.say(library.line, bob, "tea for two")  # 4
    if indexed:
        library.take_all()
    assert library.find("tea", alice) == [1, 2, 3]
    assert library.find("tea", bob) == [1, 3, 4]
    assert library.find("tea", carol) == []
    assert [row.id for row in library.search("tea", bob, limit=2).rows] == [3, 4]
    library.store.set_access(room, "invited")
    library.store.enter(room, carol, 1)
    library.world.commit()
    assert library.find("tea", carol) == [2, 3]
    assert library.find("tea", carol, room) == [2, 3]
