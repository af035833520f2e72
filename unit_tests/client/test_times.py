import time

import pytest

from client.times import ago, clock_time, day_of, lasting, moment, seconds_of

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


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (-HOUR, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (HOUR - 1, "59 min ago"),
        (2.5 * HOUR, "2 h ago"),
        (24 * HOUR, "1 day ago"),
        (72 * HOUR, "3 days ago"),
        (31 * 24 * HOUR, "on 2026-02-01"),
        (1e300, "on ????-??-??"),
        (float("inf"), "on ????-??-??"),
        (float("nan"), "just now"),
    ],
)
def test_how_long_ago_a_moment_was_is_said_roughly(passed: float, words: str) -> None:
    assert ago(NOON - passed, NOON) == words


@pytest.mark.parametrize(
    ("written", "seconds", "words"),
    [
        ("10m", 600, "10 min"),
        ("1 minute", 60, "1 min"),
        ("90min", 5_400, "90 min"),
        ("2h", 7_200, "2 h"),
        ("36 hours", 129_600, "36 h"),
        ("1d", 86_400, "1 day"),
        ("3 Days", 259_200, "3 days"),
        ("2w", 1_209_600, "14 days"),
    ],
)
def test_a_duration_is_read_and_said(written: str, seconds: float, words: str) -> None:
    assert seconds_of(written) == seconds
    assert lasting(seconds) == words
