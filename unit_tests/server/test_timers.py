"""When a connection is looked at again."""

from contextlib import ExitStack

from server.states import Move
from server.timers import Timers
from unit_tests.server.connections import Desk


def test_a_connection_is_due_at_its_time_and_once() -> None:
    timers = Timers()
    with Desk().connection() as (connection, _):
        assert timers.next_due() is None
        timers.look_again(connection, 5.0)
        assert timers.next_due() == 5.0
        assert list(timers.due(4.9)) == []
        assert list(timers.due(5.0)) == [connection]
        assert list(timers.due(9.0)) == []


def test_an_earlier_time_overtakes_a_later_one() -> None:
    timers = Timers()
    with Desk().connection() as (connection, _):
        timers.look_again(connection, 9.0)
        timers.look_again(connection, 5.0)
        timers.look_again(connection, 7.0)
        assert list(timers.due(6.0)) == [connection]
        assert list(timers.due(99.0)) == []


def test_a_closed_connection_is_passed_over() -> None:
    timers = Timers()
    with Desk().connection() as (connection, _):
        timers.look_again(connection, 5.0)
        connection.move(Move.CLOSE)
        assert list(timers.due(5.0)) == []


def test_a_crowd_does_not_come_all_at_once_and_nobody_is_forgotten() -> None:
    timers = Timers()
    desk = Desk()
    with ExitStack() as stack:
        crowd = [stack.enter_context(desk.connection())[0] for _ in range(100)]
        for connection in crowd:
            timers.look_again(connection, 1.0)
        first = list(timers.due(1.0))
        assert 0 < len(first) < len(crowd)
        seen = set(first)
        while more := list(timers.due(1.0)):
            seen.update(more)
        assert seen == set(crowd)
