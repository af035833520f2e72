import time

import pytest

from client.times import clock_time, day_of, moment

NOON = time.mktime((2026, 3, 4, 12, 0, 0, 0, 0, -1))
HOUR = 3600.0


def test_a_moment_of_today_has_no_day() -> None:
    assert moment(NOON - HOUR, NOON) == "11:00"


def test_a_moment_of_another_day_has_one() -> None:
    assert moment(NOON - 24 * HOUR, NOON) == "2026-03-03 12:00"


@pytest.mark.parametrize("when", [1e300, float("nan"), float("inf"), -1e18])
def test_what_no_calendar_holds_is_said_without_numbers(when: float) -> None:
    assert day_of(when) == "????-??-??"
    assert clock_time(when) == moment(when, NOON) == "??:??"
