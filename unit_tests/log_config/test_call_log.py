import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from common.names import Name
from decorators import log
from log_config.call_log import LINES_A_SECOND, call_log_of
from unit_tests.conftest import CallLines, Clock

Calls = list[Any]


def accounted(calls: Calls) -> Counter[str]:
    """Return how many calls of each function the lines and the sums tell of."""
    told: Counter[str] = Counter()
    for call in calls:
        told[call["function"].rpartition(".")[2]] += call.get("calls", 1)
    return told


def full(calls: Calls) -> Calls:
    return [call for call in calls if "outcome" in call]


def sums(calls: Calls) -> Calls:
    return [call for call in calls if "calls" in call]


@pytest.fixture
def busy(lines: CallLines) -> Callable[[int], int]:
    def busy(number: int) -> int:
        return number

    return log(busy)


@pytest.fixture
def seldom(lines: CallLines) -> Callable[[Name], int]:
    def seldom(name: Name) -> int:
        return len(name)

    return log(seldom)


def call(function: Callable[[int], object], times: int) -> None:
    for number in range(times):
        function(number)


def end_second(lines: CallLines, clock: Clock) -> Calls:
    """Let the running second end; return what is written then."""
    clock.now += 1
    return list(lines.take_calls())


def test_before_logging_is_set_up_nothing_is_kept(own_logging: None) -> None:
    @log
    def early(number: int) -> int:
        return number

    call(early, 5)
    assert CallLines().take() == []


def test_switched_off_there_is_no_line_and_nothing_is_kept(
    lines: CallLines, busy: Callable[[int], int]
) -> None:
    lines.switch(logging.INFO)
    call(busy, 5)
    assert lines.take() == []
    lines.switch(logging.DEBUG)
    assert lines.take() == []


def test_switched_on_again_lines_come_again(
    lines: CallLines, busy: Callable[[int], int]
) -> None:
    lines.switch(logging.INFO)
    lines.switch(logging.DEBUG)
    assert busy(7) == 7
    assert len(lines.take()) == 1


def test_what_is_decorated_later_is_logged_as_well(lines: CallLines) -> None:
    @log
    def late() -> None:
        pass

    late()
    assert len(lines.take()) == 1


def test_nothing_is_written_before_flush(
    lines: CallLines, busy: Callable[[int], int]
) -> None:
    call(busy, 3)
    assert lines.unflushed == []
    assert len(lines.take()) == 3
    assert lines.take() == []


def test_below_the_limit_each_call_has_its_line(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    for turn in range(3):
        call(busy, LINES_A_SECOND // 2)
        calls = lines.take_calls()
        assert [one["arguments"] for one in full(list(calls))] == [
            f"number={number}" for number in range(LINES_A_SECOND // 2)
        ], turn
        assert len(calls) == LINES_A_SECOND // 2
        assert end_second(lines, clock) == []


def test_above_the_limit_every_call_is_accounted_for(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    call(busy, 5 * LINES_A_SECOND)
    at_once = list(lines.take_calls())
    assert 0 < len(at_once) <= LINES_A_SECOND
    assert sums(at_once) == []
    (rest,) = end_second(lines, clock)
    assert rest["calls"] + len(at_once) == 5 * LINES_A_SECOND


def test_a_sum_says_min_mean_max_and_how_many_failed(
    lines: CallLines, clock: Clock
) -> None:
    @log
    def work(took: float, fails: bool) -> None:
        clock.now += took
        if fails:
            raise ValueError("marked-text")

    call(lambda _: work(0, False), 2 * LINES_A_SECOND)
    end_second(lines, clock)
    for took, fails in ((0.125, False), (0.25, True), (0.5, False), (0.125, True)):
        try:
            work(took, fails)
        except ValueError:
            assert fails
    clock.now -= 1
    (told,) = end_second(lines, clock)
    assert told["calls"] == 4
    assert told["failed"] == 2
    assert (told["min_us"], told["mean_us"], told["max_us"]) == (
        125_000.0,
        250_000.0,
        500_000.0,
    )


def test_a_sum_is_one_line_that_says_the_same(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    call(busy, LINES_A_SECOND + 50)
    written = len(lines.take())
    clock.now += 1
    (line,) = lines.take()
    assert f"busy(...) called {LINES_A_SECOND + 50 - written} times in 1 s by " in line
    assert f"by {__name__}.call:" in line
    assert line.endswith("took 0.0 / 0.0 / 0.0 us (min / mean / max), 0 failed")


def test_each_place_that_calls_has_its_own_sum(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    call(busy, 2 * LINES_A_SECOND)
    end_second(lines, clock)
    for number in range(30):
        busy(number)
    busy(0), busy(1)
    told = sums(end_second(lines, clock))
    assert sorted(one["calls"] for one in told) == [1, 1, 30]
    lines_named = [int(one["caller"].rpartition(":")[2]) for one in told]
    assert len(set(lines_named)) == 2
    assert {one["caller"].rpartition(":")[0] for one in told} == {
        f"{__name__}.test_each_place_that_calls_has_its_own_sum"
    }


def test_a_quiet_function_keeps_its_lines_while_a_busy_one_is_summed(
    lines: CallLines,
    clock: Clock,
    busy: Callable[[int], int],
    seldom: Callable[[Name], int],
) -> None:
    for turn in range(4):
        call(busy, 3 * LINES_A_SECOND)
        seldom(Name("bob"))
        calls = [*lines.take_calls(), *end_second(lines, clock)]
        mine = [one for one in calls if one["function"].endswith("seldom")]
        assert [one.get("arguments") for one in mine] == ["name='bob'"], turn
        assert accounted(calls) == {"busy": 3 * LINES_A_SECOND, "seldom": 1}


def test_from_the_second_second_on_a_busy_function_is_summed_from_the_start(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    call(busy, 2 * LINES_A_SECOND)
    end_second(lines, clock)
    call(busy, 2 * LINES_A_SECOND)
    calls = end_second(lines, clock)
    assert full(calls) == []
    assert accounted(calls) == {"busy": 2 * LINES_A_SECOND}


def test_after_a_quiet_second_each_call_has_its_line_again(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    call(busy, 2 * LINES_A_SECOND)
    end_second(lines, clock)
    call(busy, 3)
    assert len(sums(end_second(lines, clock))) == 1
    call(busy, 3)
    calls = list(lines.take_calls())
    assert (len(full(calls)), len(sums(calls))) == (3, 0)


def test_an_idle_second_writes_nothing(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    call(busy, 2 * LINES_A_SECOND)
    end_second(lines, clock)
    for _ in range(3):
        assert end_second(lines, clock) == []


def test_calls_under_way_when_lines_run_out_are_summed(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    @log
    def nested(depth: int) -> None:
        if depth:
            nested(depth - 1)
        else:
            call(busy, 2 * LINES_A_SECOND)

    @log
    def steps() -> Iterator[int]:
        yield 1
        yield 2

    generator = steps()
    next(generator)
    nested(99)
    assert list(generator) == [2]
    at_once = list(lines.take_calls())
    assert len(at_once) <= LINES_A_SECOND
    calls = [*at_once, *end_second(lines, clock)]
    assert accounted(calls) == {
        "busy": 2 * LINES_A_SECOND,
        "nested": 100,
        "steps": 1,
    }


def test_a_call_under_way_that_fails_when_lines_run_out_counts_as_failed(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    @log
    def fails(depth: int) -> None:
        call(busy, LINES_A_SECOND // 50)
        if depth:
            fails(depth - 1)
        raise ValueError

    depth = 200
    with pytest.raises(ValueError):
        fails(depth - 1)
    calls = [*lines.take_calls(), *end_second(lines, clock)]
    mine = [one for one in calls if one["function"].endswith("fails")]
    lines_of_their_own = [one["outcome"] for one in full(mine)]
    assert set(lines_of_their_own) <= {"raised ValueError"}
    summed = sum(one["failed"] for one in sums(mine))
    assert summed > 0
    assert len(lines_of_their_own) + summed == depth


@pytest.mark.parametrize("seed", range(6))
def test_under_any_load_every_call_is_told_within_the_lines_of_a_second(
    lines: CallLines, clock: Clock, seed: int
) -> None:
    chance = random.Random(seed)

    def make(name: str) -> Callable[[int], object]:
        def function(number: int) -> int:
            if number % 7 == 3:
                raise ValueError
            return number

        function.__qualname__ = name
        return log(function)

    names = [f"f{number}" for number in range(12)]
    functions = [make(name) for name in names]
    made: Counter[str] = Counter()
    told: Counter[str] = Counter()
    failed = told_failed = 0
    start = clock.now
    in_second: Counter[int] = Counter()
    # Turns of an eighth of a second, calm and busy ones; the last ones are quiet.
    for turn in range(80):
        most = chance.choice([0, 3, 100, 3000]) if turn < 60 else 0
        for name, function in zip(names, functions, strict=True):
            for number in range(chance.randrange(most + 1) // len(names)):
                made[name] += 1
                try:
                    function(number)
                except ValueError:
                    failed += 1
        calls = lines.take_calls()
        # The turn that ends with a second belongs to it; the sums that are written
        # then take their lines from the next one.
        in_second[max(turn - 1, 0) // 8] += len(full(list(calls)))
        in_second[turn // 8] += len(sums(list(calls)))
        for one in calls:
            told[one["function"].rpartition(".")[2]] += one.get("calls", 1)
            told_failed += one.get("failed", "raised" in one.get("outcome", ""))
        clock.now = start + (turn + 1) / 8
    assert told == made
    assert told_failed == failed
    assert max(in_second.values()) <= LINES_A_SECOND
    # The load was high enough to need sums.
    assert sum(made.values()) > sum(in_second.values())


def test_modules_of_the_server_log_to_the_server_and_all_others_to_the_client() -> None:
    for module in ("server", "server.hub", "server.dialects.jim", "my_server"):
        assert call_log_of(module).logger.name == "server.calls", module
    for module in ("client", "client.session", "my_client", "launcher", "servers.x"):
        assert call_log_of(module).logger.name == "client.calls", module


def test_sums_take_their_lines_from_the_second_they_are_written_in(
    lines: CallLines, clock: Clock, busy: Callable[[int], int]
) -> None:
    def one_of_many(number: int) -> int:
        return number

    many = [log(one_of_many) for _ in range(500)]
    for function in many:
        call(function, LINES_A_SECOND // 100)
    lines.take()
    summed = sums(end_second(lines, clock))
    assert len(summed) > 200
    call(busy, 2 * LINES_A_SECOND)
    assert len(summed) + len(lines.take()) <= LINES_A_SECOND


@pytest.mark.parametrize("ending", ["end", "close", "fail"])
def test_generators_above_the_limit_are_summed_and_only_failures_counted_as_such(
    lines: CallLines, clock: Clock, ending: str
) -> None:
    @log
    def steps() -> Generator[int, None, None]:
        yield 1
        if ending == "fail":
            raise ValueError

    times = 2 * LINES_A_SECOND
    for _ in range(times):
        generator = steps()
        next(generator)
        if ending == "close":
            generator.close()
        else:
            with contextlib.suppress(StopIteration, ValueError):
                next(generator)
    calls = [*lines.take_calls(), *end_second(lines, clock)]
    assert len(calls) < LINES_A_SECOND
    assert accounted(calls) == {"steps": times}
    summed = sums(calls)
    failed = sum(one["failed"] for one in summed)
    assert failed == (sum(one["calls"] for one in summed) if ending == "fail" else 0)


def test_coroutines_above_the_limit_are_summed(lines: CallLines, clock: Clock) -> None:
    @log
    async def wait() -> None:
        await asyncio.sleep(0)

    async def main() -> None:
        for _ in range(2 * LINES_A_SECOND):
            await wait()

    asyncio.run(main())
    calls = [*lines.take_calls(), *end_second(lines, clock)]
    assert len(calls) < LINES_A_SECOND
    assert accounted(calls) == {"wait": 2 * LINES_A_SECOND}
    (told,) = sums(calls)
    assert f"{main.__qualname__}:" in told["caller"]
