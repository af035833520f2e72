"""Rooms begin, are entered and left, and end."""

import pytest

from common.names import ALL, Name, RoomName
from common.server_settings import ServerSettings
from errors import NameTaken
from server.people import Person
from server.rooms import MOST_TOLD_MEMBERS, Room, Rooms

ROOM = RoomName("#room")


def person(number: int = 1) -> Person:
    return Person(number, Name(f"p{number}"))


def rooms_of(most: int = 10) -> Rooms:
    """Return rooms of which #all is one."""
    rooms = Rooms(ServerSettings(rooms=most), 900.0)
    rooms.add(Room(ALL, 1, lasts=True), 0.0)
    return rooms


def made(rooms: Rooms, name: str = ROOM, *, lasts: bool = False) -> Room:
    """Return a new room, made at the time 0."""
    room = Room(RoomName(name), 2, lasts=lasts)
    rooms.add(room, 0.0)
    return room


def test_all_exists_from_the_start_and_never_ends() -> None:
    rooms = rooms_of(10)
    one = person()
    rooms.enter(rooms.all, one)
    rooms.leave(rooms.all, one, 0.0)
    assert rooms.expire(10_000.0, 9) == []
    assert rooms.find(ALL) is rooms.all


def test_an_empty_room_ends_after_its_time_and_not_before() -> None:
    rooms = rooms_of(10)
    room, one = made(rooms), person()
    rooms.enter(room, one)
    rooms.leave(room, one, 100.0)
    assert rooms.expire(999.9, 9) == []
    assert rooms.find("#ROOM") is room
    assert rooms.expire(1000.0, 9) == [room]
    assert rooms.find("#room") is None
    assert rooms.expire(5000.0, 9) == []


def test_who_comes_back_in_time_keeps_the_room() -> None:
    rooms = rooms_of(10)
    room, one = made(rooms), person()
    rooms.enter(room, one)
    rooms.leave(room, one, 0.0)
    rooms.enter(room, one)
    assert rooms.expire(5000.0, 9) == []
    assert rooms.find("#room") is room


def test_a_room_ends_only_after_the_last_has_left() -> None:
    rooms = rooms_of(10)
    room, one, two = made(rooms), person(1), person(2)
    rooms.enter(room, one)
    rooms.enter(room, two)
    rooms.leave(room, one, 0.0)
    assert rooms.expire(5000.0, 9) == []
    assert [*room.members] == [two]
    assert one.rooms == []


def test_a_room_that_looks_like_another_is_refused() -> None:
    rooms = rooms_of(10)
    made(rooms, "#alice")
    with pytest.raises(NameTaken):
        made(rooms, "#аlice")


def test_movements_are_told_up_to_a_hundred_members_and_never_in_all() -> None:
    room = Room(ROOM, 2, lasts=False)
    for number in range(MOST_TOLD_MEMBERS):
        room.members[person(number)] = None
    assert room.tells_movements()
    room.members[person(1000)] = None
    assert not room.tells_movements()
    assert not rooms_of().all.tells_movements()


def test_a_room_that_lasts_never_ends() -> None:
    rooms = rooms_of()
    room, one = made(rooms, lasts=True), person()
    rooms.enter(room, one)
    rooms.leave(room, one, 0.0)
    assert rooms.expire(10_000.0, 9) == []
    assert rooms.find(ROOM) is room


def test_a_room_that_nobody_enters_ends() -> None:
    rooms = rooms_of()
    room = made(rooms)
    assert rooms.expire(900.0, 9) == [room]
