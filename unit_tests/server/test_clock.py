"""Which time the server goes by, whatever is done to the system's clock."""

import logging

import pytest

from server.clock import Clock, steady

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
START = 1_700_000_000.0


class Course:
    """A server's clock, and a system's whose error a test chooses."""

    def __init__(
        self,
        away: float = 0.0,
        error: float = 0.0,
        noted: float | None = START,
        newest: float | None = START,
    ) -> None:
        """Start so long after the last note, with a clock that is wrong by `error`."""
        self.now, self.true = 5_000.0, START + away
        self.error = error
        self.clock = Clock(noted, newest, self.now, self.true + error)
        self.told = [self.clock.time]

    def goes_on(self, seconds: float, error: float | None = None) -> None:
        """Let time pass, second after second, perhaps with another error from now."""
        if error is not None:
            self.error = error
        end = self.now + seconds
        while self.now < end:
            step = min(1.0, end - self.now)
            self.now += step
            self.true += step
            self.told.append(self.clock.read(self.now, self.true + self.error))

    @property
    def off(self) -> tuple[float, float]:
        """By how much `time` and `sure` are ahead of the true time."""
        clock = self.clock
        return round(clock.time - self.true, 3), round(clock.sure - self.true, 3)


def test_a_clock_that_goes_is_followed() -> None:
    course = Course(away=HOUR)
    course.goes_on(MINUTE)
    assert course.off == (0.0, 0.0)
    assert course.clock.is_settled
    assert not course.clock.ahead


def test_a_new_store_has_nothing_but_the_clock() -> None:
    assert Course(noted=None, newest=None, away=9_000 * DAY).off == (0.0, 0.0)


def test_without_a_note_the_newest_message_counts() -> None:
    course = Course(noted=None, away=HOUR)
    assert course.off == (0.0, 0.0)
    course = Course(noted=None, away=9 * DAY)
    assert course.off == (0.0, -9 * DAY)


@pytest.mark.parametrize("days", [400, 1.1, -1.1, -400, -19_000])
def test_a_jump_for_a_minute_moves_nothing(days: float) -> None:
    course = Course()
    course.goes_on(MINUTE)
    course.goes_on(MINUTE, error=days * DAY)
    assert course.off == (0.0, 0.0)
    assert course.clock.ahead == pytest.approx(days * DAY)
    course.goes_on(MINUTE, error=0.0)
    assert course.off == (0.0, 0.0)
    assert not course.clock.ahead
    assert course.told == sorted(course.told)


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_stays_wrong_is_followed_but_not_for_deleting(days: float) -> None:
    course = Course()
    course.goes_on(11 * MINUTE, error=days * DAY)
    assert course.off == (days * DAY, 0.0)
    course.goes_on(MINUTE, error=0.0)
    assert course.off == (0.0, 0.0)


def test_each_other_wrong_clock_is_doubted_anew() -> None:
    course = Course()
    course.goes_on(9 * MINUTE, error=400 * DAY)
    course.goes_on(9 * MINUTE, error=500 * DAY)
    assert course.off == (0.0, 0.0)


def test_an_owner_may_trust_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "server"):
        course = Course(away=20 * DAY)
    assert course.off == (0.0, -20 * DAY)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "20.0 days ahead of" in record.getMessage()
    assert "my_server.py clock --trust" in record.getMessage()
    assert course.clock.trust() == 20 * DAY
    course.goes_on(MINUTE)
    assert course.off == (0.0, 0.0)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("hours", [0.001, 1, 23])
def test_a_clock_set_back_makes_no_time_go_back(hours: float) -> None:
    course = Course()
    course.goes_on(MINUTE)
    course.goes_on(hours * HOUR, error=-hours * HOUR)
    assert course.told == sorted(course.told)
    time, sure = course.off
    assert time == pytest.approx(-hours * HOUR / 2, abs=2)
    assert sure == -hours * HOUR
    course.goes_on(hours * HOUR + 3)
    assert course.off == (-hours * HOUR, -hours * HOUR)
    assert course.told == sorted(course.told)


def test_a_start_with_a_clock_behind_goes_on_from_the_newest_message() -> None:
    course = Course(away=MINUTE, error=-HOUR, newest=START)
    assert course.clock.time >= START
    course = Course(away=MINUTE, error=-HOUR, newest=START + 30)
    assert course.clock.time >= START + 30


def test_a_start_in_1970_waits_for_the_right_time() -> None:
    course = Course(away=HOUR, error=-START)
    course.goes_on(MINUTE)
    settled = [course.clock.is_settled]
    course.goes_on(MINUTE, error=0.0)
    assert course.told[0] == START
    assert course.off == (0.0, 0.0)
    assert [*settled, course.clock.is_settled] == [False, True]
    assert course.told == sorted(course.told)


def test_starts_again_and_again_explain_nothing() -> None:
    noted = START
    for _ in range(500):
        clock = Clock(noted, noted, 0.0, START + 400 * DAY)
        clock.read(1.0, START + 400 * DAY + 1)
        noted = clock.sure
    assert noted == START + 500


def test_messages_of_a_wrong_clock_keep_nobody_in_the_future() -> None:
    course = Course(newest=START + 400 * DAY)
    assert course.off == (0.0, 0.0)


def test_steady_seconds_do_not_go_back() -> None:
    before = steady()
    assert steady() >= before
