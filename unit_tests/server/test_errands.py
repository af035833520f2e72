"""What a worker does for a session: the session waits, and a fault stays in it."""

from collections.abc import Callable
from typing import Any

import pytest

from errors import NotAllowed, TooSoon
from server.events import Goodbye, ListRooms, Refused, RoomList
from unit_tests.server.people_of_a_hub import Somebody, World, only

Finish = Callable[[Any], None]


class Errand:
    """One that somebody waits for; the test plays the worker."""

    def __init__(self, world: World, whose: Somebody) -> None:
        self.world, self.whose = world, whose
        self.results: list[Any] = []
        self.finish: Finish | None = None
        world.hub.work(whose.session, ListRooms(1), self._start, self.results.append)

    def _start(self, finish: Finish) -> None:
        self.finish = finish

    def ends(self, result: Any) -> None:
        assert self.finish is not None
        self.finish(result)
        self.world.end_turn()


@pytest.fixture
def bob() -> Somebody:
    return World().guest("bob")


def errand(bob: Somebody) -> Errand:
    one = Errand(bob._world, bob)
    one.world.end_turn()
    return one


def test_it_begins_only_when_the_turn_is_stored(bob: Somebody) -> None:
    one = Errand(bob._world, bob)
    assert one.finish is None
    one.world.end_turn()
    assert one.finish is not None


def test_what_is_said_meanwhile_waits_and_then_goes_on(bob: Somebody) -> None:
    one = errand(bob)
    assert bob.says(ListRooms(2), ListRooms(3)) == []
    one.ends("result")
    assert one.results == ["result"]
    assert [
        answer.request for answer in bob.takes() if isinstance(answer, RoomList)
    ] == [
        2,
        3,
    ]
    assert one.world.hub.freed == [bob.session]


def test_an_error_is_the_answer(bob: Somebody) -> None:
    one = errand(bob)
    one.ends(NotAllowed("no"))
    answer = only(bob.takes(), Refused)
    assert (str(answer.error), answer.request) == ("no", 1)


def test_who_takes_no_errand_is_told_why(bob: Somebody) -> None:
    world = bob._world

    def start(_: Finish) -> None:
        raise TooSoon("too many", 1)

    world.hub.work(bob.session, ListRooms(1), start, lambda _: None)
    world.end_turn()
    assert only(bob.takes(), Refused).error.code == 429
    assert not bob.session.busy


def test_of_who_has_left_nothing_is_carried_out(bob: Somebody) -> None:
    one = errand(bob)
    bob.goes()
    one.ends("result")
    assert one.results == []
    assert bob.takes() == []


def test_a_fault_of_ours_ends_that_session_only(
    bob: Somebody, caplog: pytest.LogCaptureFixture
) -> None:
    other = bob._world.guest("carl")
    one = errand(bob)
    one.ends(ZeroDivisionError())
    assert only(bob.takes(), Goodbye).error.code == 500
    assert "a fault of ours" in caplog.text
    assert isinstance(other.says(ListRooms())[0], RoomList)
