"""What an idle loop does again and again is one sum, and no call of it is lost."""

from collections import Counter
from collections.abc import Callable

import pytest

from decorators import log
from log_config import call_log
from log_config.ticks import TICKS_SECONDS
from unit_tests.conftest import CallLines, Clock


@pytest.fixture
def tick(lines: CallLines) -> Callable[[int], None]:
    @log
    def due(number: int) -> None:
        if number == 13:
            raise ValueError("marked-text")

    @log
    def tick(number: int) -> None:
        due(number)

    return tick


def quietly(lines: CallLines) -> list[str]:
    """End a turn in which nothing has happened; return what is written."""
    call_log.call_log_of("client").flush(quiet=True)
    return lines.take()


def test_an_idle_loop_writes_its_ticks_once_and_then_their_sum(
    lines: CallLines, clock: Clock, tick: Callable[[int], None]
) -> None:
    said = []
    for number in range(100, 100 + 2 * TICKS_SECONDS):
        tick(number)
        said += quietly(lines)
        clock.now += 1
    first, rest = said[:2], said[2:]
    assert all("(number=100)" in line for line in first)
    # Of an hour of an idle server with thirty such functions that is 180 lines.
    assert len(rest) == 2
    for line in rest:
        assert f"called {TICKS_SECONDS + 1} times in {TICKS_SECONDS} s by" in line
        assert ", 0 failed" in line


def test_no_tick_is_lost_when_the_program_ends(
    lines: CallLines, clock: Clock, tick: Callable[[int], None]
) -> None:
    for number in range(100, 150):
        tick(number)
        quietly(lines)
        clock.now += 1
    call_log.call_log_of("client").finish()
    told = Counter({"due": 1, "tick": 1})
    for call in lines.take_calls():
        told[call["function"].rpartition(".")[2]] += call["calls"]
        assert call["seconds"] == 49
    assert told == {"due": 50, "tick": 50}


def test_a_turn_in_which_something_came_is_written_in_full(
    lines: CallLines, clock: Clock, tick: Callable[[int], None]
) -> None:
    for number in range(100, 105):
        tick(number)
        quietly(lines)
    tick(7)
    assert len(lines.take()) == 2


def test_what_fails_in_a_quiet_turn_is_written_in_full(
    lines: CallLines, clock: Clock, tick: Callable[[int], None]
) -> None:
    for number in (1, 2, 3):
        tick(number)
        quietly(lines)
    for _ in range(2):
        with pytest.raises(ValueError, match="marked-text"):
            tick(13)
        failed = quietly(lines)
        assert len(failed) == 2
        assert all("raised ValueError" in line for line in failed)


def test_what_is_seldom_is_written_in_full_again(
    lines: CallLines, clock: Clock, tick: Callable[[int], None]
) -> None:
    @log
    def seldom() -> None:
        pass

    seldom()
    assert len(quietly(lines)) == 1
    for number in range(2 * TICKS_SECONDS + 2):
        tick(number + 100)
        quietly(lines)
        clock.now += 1
    seldom()
    assert any("seldom()" in line for line in quietly(lines))


def test_switched_off_meanwhile_no_tick_waits(
    lines: CallLines, clock: Clock, tick: Callable[[int], None]
) -> None:
    for number in range(5):
        tick(number)
        quietly(lines)
    lines.switch(20)
    clock.now += TICKS_SECONDS
    assert quietly(lines) == []
    lines.switch(10)
    clock.now += TICKS_SECONDS
    assert quietly(lines) == []
