from pathlib import Path

import pytest

from errors import NoSuchName, NoSuchRoom, Refused
from server.store.counting import count
from server.store.exporting import export
from server.store.sqlite import SqliteStore
from server.store.versions import STEPS
from unit_tests.server.store.stores import World


class Town:
    """alice and bob talk in a room and alone; carol was in the room and is gone."""

    def __init__(self, store: SqliteStore) -> None:
        self.world = world = World(store)
        self.alice, self.bob = map(world.account, ("alice", "Bob"))
        self.carol = world.guest("carol", "d")
        self.room = world.room("#Tea", self.alice, self.bob, self.carol)
        self.line = world.line(self.alice, self.bob)
        world.say(self.room, self.alice, "one")
        world.say(self.line, self.bob, "two")
        world.say(world.line(self.alice, self.alice), self.alice, "three")
        world.say(self.room, self.carol, "four")
        world.say(world.room("#other", self.bob), self.bob, "five")


@pytest.fixture
def town(store: SqliteStore) -> Town:
    return Town(store)


def texts(
    folder: Path, person: str | None = None, room: str | None = None
) -> list[str]:
    return [row["text"] for row in export(folder, person, room)]


def test_everything_is_told_in_order(town: Town, folder: Path) -> None:
    rows = list(export(folder))
    assert [row["message_id"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0] == {
        "message_id": 1,
        "time": 1000.0,
        "from": "alice",
        "to": "#Tea",
        "conversation": "room",
        "text": "one",
    }
    assert (rows[1]["to"], rows[1]["conversation"]) == ("alice", "direct")


def test_a_person_has_their_lines_their_rooms_and_what_they_said(
    town: Town, folder: Path
) -> None:
    assert texts(folder, "ALICE") == ["one", "two", "three", "four"]
    assert texts(folder, "bob") == ["one", "two", "four", "five"]
    town.world.store.leave(town.room, town.alice)
    town.world.commit()
    assert texts(folder, "alice") == ["one", "two", "three"]


def test_a_room_is_told_alone(town: Town, folder: Path) -> None:
    assert texts(folder, room="#tea") == ["one", "four"]
    assert texts(folder, "alice", "#tea") == ["one", "four"]


def test_of_a_room_by_invitation_one_has_what_came_since(
    town: Town, folder: Path
) -> None:
    town.world.store.set_access(town.room, "invited")
    town.world.store.enter(town.room, town.bob, 3)
    town.world.commit()
    assert texts(folder, "bob", "#tea") == ["four"]
    assert texts(folder, room="#tea") == ["one", "four"]


def test_who_is_gone_is_found_unless_somebody_has_the_name(
    town: Town, folder: Path
) -> None:
    town.world.store.forget_person(town.carol)
    town.world.store.end_room(town.room)
    town.world.commit()
    assert texts(folder, "carol") == ["four"]
    assert texts(folder, room="#tea") == ["one", "four"]
    town.world.guest("Carol", "another")
    town.world.room("#TEA")
    town.world.commit()
    assert texts(folder, "carol") == []
    assert texts(folder, room="#tea") == []


def test_unknown_names_are_refused(town: Town, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NoSuchName):
        texts(folder, "dave")
    with pytest.raises(NoSuchRoom):
        texts(folder, room="#coffee")
    with pytest.raises(Refused):
        texts(tmp_path)


def test_what_there_is_is_counted(town: Town, folder: Path) -> None:
    counts = count(folder)
    assert (counts.messages, counts.last_id, counts.version) == (5, 5, len(STEPS))
    assert (counts.accounts, counts.guests, counts.rooms, counts.lines) == (2, 1, 2, 2)
    assert (counts.first_time, counts.last_time) == (1000.0, 1000.0)
    assert counts.files["messenger.db"] == (folder / "messenger.db").stat().st_size
    assert counts.free_bytes == 0
