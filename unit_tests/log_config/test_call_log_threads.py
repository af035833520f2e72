"""Calls of several threads: each is told once, whoever flushes meanwhile."""

import asyncio
import contextlib
import logging
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from decorators import log
from log_config.call_log import LINES_A_SECOND, CallLog, CallSite, call_log_of
from unit_tests.conftest import CallLines, Clock
from unit_tests.helpers import PATIENCE

THREADS = 4


@pytest.fixture(autouse=True)
def hasty() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Told:
    """What lines and sums have told of, function by function."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def add(self, parts: list[Any]) -> None:
        for one in parts:
            name = one["function"].rpartition(".")[2]
            self.calls[name] += one.get("calls", 1)
            raised = one.get("outcome", "").startswith("raised")
            self.failed[name] += one.get("failed", int(raised))


def run_threads(
    work: Callable[[int], None], meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Have threads do `work` with their number, and do `meanwhile` until they end."""
    faults: list[BaseException] = []
    together = threading.Barrier(THREADS)

    def run(number: int) -> None:
        try:
            together.wait(PATIENCE)
            work(number)
        except BaseException as fault:  # noqa: BLE001 - it is told by the test
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        meanwhile()
    for thread in threads:
        thread.join(PATIENCE)
    assert faults == []


def places(number: int) -> list[Callable[..., Any]]:
    """Return as many places that call what they are given."""
    return [eval("lambda function, *args: function(*args)") for _ in range(number)]


def end_second(lines: CallLines, clock: Clock, told: Told) -> None:
    told.add(list(lines.take_calls()))
    clock.now += 1
    told.add(list(lines.take_calls()))


@pytest.mark.parametrize("lines_a_second", [0, 300, 10**9])
def test_every_call_of_every_thread_is_told_once_while_another_flushes(
    lines: CallLines,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    lines_a_second: int,
) -> None:
    monkeypatch.setattr("log_config.call_log.LINES_A_SECOND", lines_a_second)

    @log
    def plain(number: int) -> int:
        return number

    @log
    def fails(number: int) -> int:
        if number % 3 == 0:
            raise ValueError
        return number

    @log
    def steps(number: int) -> Iterator[int]:
        yield number

    @log
    async def waits(number: int) -> int:
        return number

    async def wait(number: int) -> None:
        await waits(number)

    rounds = 4000

    def work(_: int) -> None:
        mine = places(20)
        for number in range(rounds):
            place = mine[number % 20]
            place(plain, number)
            with contextlib.suppress(ValueError):
                place(fails, number)
            list(place(steps, number))
            if number % 400 == 0:
                asyncio.run(wait(number))

    told = Told()
    run_threads(work, lambda: end_second(lines, clock, told))
    end_second(lines, clock, told)
    made = rounds * THREADS
    assert told.calls == {
        "plain": made,
        "fails": made,
        "steps": made,
        "waits": rounds // 400 * THREADS,
    }
    assert told.failed["fails"] == THREADS * len(range(0, rounds, 3))
    assert told.failed["plain"] == told.failed["steps"] == 0


def test_threads_that_open_one_sum_at_once_share_it(
    lines: CallLines, clock: Clock
) -> None:
    @log
    def plain(number: int) -> int:
        return number

    for number in range(2 * LINES_A_SECOND):
        plain(number)
    end_second(lines, clock, Told())
    shared = places(300)

    def work(_: int) -> None:
        for place in shared:
            place(plain, 1)

    told = Told()
    run_threads(work)
    calls = [one for one in lines.take_calls() if "calls" not in one]
    clock.now += 1
    sums = list(lines.take_calls())
    told.add(calls + sums)
    assert told.calls == {"plain": 300 * THREADS}
    assert [one["calls"] for one in sums] == [THREADS] * 300


def contents(log: CallLog) -> list[int]:
    """Return how much a call log and its sites hold for later."""
    sites: list[CallSite] = log._sites
    return [
        len(log._lines),
        sum(len(site.sums) for site in sites),
        sum(len(site.times) for site in sites),
    ]


@pytest.mark.parametrize("busy", [False, True])
def test_a_call_under_way_when_the_log_is_switched_off_leaves_nothing(
    lines: CallLines, clock: Clock, busy: bool
) -> None:
    begun, go_on = threading.Barrier(THREADS + 1), threading.Event()

    @log
    def slow(number: int) -> None:
        if number < 0:
            begun.wait(PATIENCE)
            assert go_on.wait(PATIENCE)
        if number == -2:
            raise ValueError

    if busy:
        for number in range(2 * LINES_A_SECOND):
            slow(number)
        end_second(lines, clock, Told())

    def call(number: int) -> None:
        with contextlib.suppress(ValueError):
            slow(-1 - number % 2)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    begun.wait(PATIENCE)
    lines.take()
    lines.switch(logging.INFO)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert contents(call_log_of("client")) == [0, 0, 0]
    lines.switch(logging.DEBUG)
    clock.now += 1
    assert lines.take() == []


def test_switched_off_under_load_the_log_keeps_nothing(lines: CallLines) -> None:
    @log
    def plain(number: int) -> int:
        return number

    def work(_: int) -> None:
        for number in range(2 * LINES_A_SECOND):
            plain(number)

    switched = 0

    def switch() -> None:
        nonlocal switched
        switched += 1
        lines.switch(logging.DEBUG if switched % 2 else logging.INFO)

    run_threads(work, switch)
    lines.switch(logging.INFO)
    plain(1)
    assert contents(call_log_of("client")) == [0, 0, 0]


def test_functions_decorated_on_other_threads_are_logged(
    lines: CallLines, clock: Clock
) -> None:
    def work(_: int) -> None:
        for number in range(200):

            @log
            def late(number: int) -> int:
                return number

            late(number)

    told = Told()
    run_threads(work, lambda: end_second(lines, clock, told))
    end_second(lines, clock, told)
    assert told.calls == {"late": 200 * THREADS}


def test_a_logged_signal_handler_may_come_at_any_moment(
    lines: CallLines, clock: Clock
) -> None:
    came = 0

    @log
    def plain(number: int) -> int:
        return number

    @log
    def note(number: int, frame: object) -> None:
        nonlocal came
        came += 1

    made = 0
    told = Told()
    before = signal.signal(signal.SIGALRM, note)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
        while came < 500:
            for place in places(20):
                place(plain, made)
                made += 1
            told.add(list(lines.take_calls()))
            if made % 5000 == 0:
                clock.now += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    end_second(lines, clock, told)
    assert told.calls == {"plain": made, "note": came}


def test_who_holds_the_lock_of_the_log_can_be_logged(lines: CallLines) -> None:
    @log
    def plain(number: int) -> int:
        return number

    with call_log_of("client").lock:
        plain(1)
    assert len(lines.take()) == 1
