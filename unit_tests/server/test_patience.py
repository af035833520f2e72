"""Time limits of a peer, with a clock that the tests turn."""

import pytest

from server.patience import Patience
from unit_tests.server.connections import Desk


def test_who_does_not_sign_in_is_told_goodbye_when_the_time_is_over() -> None:
    desk = Desk(sign_in_seconds=15.0)
    patience = Patience(desk.limits, desk.hub)
    with desk.connection(now=100.0) as (connection, _):
        assert patience.check(connection, 100.0) == 115.0
        assert patience.check(connection, 114.9) == 115.0
        assert desk.told(connection) == b""
        assert patience.check(connection, 115.0) is None
        assert b"did not sign in within 15 seconds" in desk.told(connection)
        assert connection.session.ended


def test_silence_is_probed_and_ends_after_three_unanswered_probes() -> None:
    desk = Desk(silence_seconds=60.0, unanswered_probes=3)
    patience = Patience(desk.limits, desk.hub)
    with desk.connection() as (connection, _):
        desk.sign_in(connection)
        desk.told(connection)
        assert patience.check(connection, 59.0) == 60.0
        for now in (60.0, 120.0, 180.0):
            assert patience.check(connection, now) == now + 60.0
            assert b'"probe"' in desk.told(connection)
        assert patience.check(connection, 240.0) is None
        assert b"answered no probe" in desk.told(connection)


def test_any_sign_of_life_begins_the_count_again() -> None:
    desk = Desk(silence_seconds=60.0, unanswered_probes=1)
    patience = Patience(desk.limits, desk.hub)
    with desk.connection() as (connection, _):
        desk.sign_in(connection)
        for now in (60.0, 120.0, 180.0):
            assert patience.check(connection, now) is not None
            connection.heard = now + 0.1
        assert not connection.session.ended


@pytest.mark.parametrize("limit", ["sign_in_seconds", "silence_seconds"])
def test_a_limit_of_0_is_off(limit: str) -> None:
    desk = Desk(**{limit: 0.0})
    patience = Patience(desk.limits, desk.hub)
    with desk.connection() as (connection, _):
        if limit == "silence_seconds":
            desk.sign_in(connection)
        assert patience.check(connection, 1e9) is None
        assert not connection.session.ended


def test_who_answers_no_probes_by_nature_is_never_probed() -> None:
    desk = Desk()
    patience = Patience(desk.limits, desk.hub)
    with desk.connection() as (connection, _):
        desk.sign_in(connection)
        connection.dialect.answers_probes = False
        assert patience.check(connection, 1e9) is None


def test_a_handshake_has_a_time_of_its_own() -> None:
    desk = Desk(sign_in_seconds=15.0, handshake_seconds=10.0)
    patience = Patience(desk.limits, desk.hub)
    with desk.connection(now=100.0) as (connection, _):
        connection.secured_by = 112.0
        assert patience.check(connection, 100.0) == 112.0
        connection.secured_by = None  # it is over; signing in goes on
        assert patience.check(connection, 112.0) == 115.0
    with desk.connection(now=100.0) as (connection, _):
        connection.secured_by = 112.0
        assert patience.check(connection, 112.0) is None
        assert b"handshake" in desk.told(connection)
        assert connection.session.ended


def test_the_time_to_sign_in_runs_on_in_a_handshake() -> None:
    desk = Desk(sign_in_seconds=15.0)
    patience = Patience(desk.limits, desk.hub)
    with desk.connection(now=100.0) as (connection, _):
        connection.secured_by = 999.0
        assert patience.check(connection, 100.0) == 115.0
        assert patience.check(connection, 115.0) is None
        assert b"did not sign in" in desk.told(connection)


def test_the_owners_shell_never_signs_in_and_may_stay() -> None:
    desk = Desk(sign_in_seconds=15.0)
    patience = Patience(desk.limits, desk.hub)
    with desk.connection() as (connection, _):
        connection.session.is_admin = True
        assert patience.check(connection, 1e9) is None
        assert not connection.session.ended
