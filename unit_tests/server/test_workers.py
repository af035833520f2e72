"""Threads that work for the loop, and how the loop hears of it."""

import gc
import inspect
import logging
import os
import select
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from common.names import Label
from errors import OutOfService, TooSoon
from log_config.describing import describe
from server.workers import Workers
from unit_tests.helpers import PATIENCE

Make = Callable[..., Workers[Any]]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make pools, which are closed at the end."""
    with ExitStack() as stack:
        stack.callback(sys.setswitchinterval, sys.getswitchinterval())

        def make(
            threads: int = 1, most_waiting: int = 10_000, *tool: Callable[[], Any]
        ) -> Workers[Any]:
            workers = Workers(Label("testing"), threads, most_waiting, *tool)
            stack.callback(workers.close)
            return workers

        yield make


def numbered(number: int) -> Callable[[object], int]:
    """Return a job that gives its number."""
    return lambda _: number


def wait_until_idle(workers: Workers[Any]) -> None:
    """Do what the loop does, until every job is finished."""
    while workers.busy:
        wait_for_reader(workers)
        workers.finish()


def wait_for_reader(workers: Workers[Any]) -> None:
    assert select.select([workers.reader], [], [], PATIENCE)[0], "nothing was done"


def is_readable(workers: Workers[Any]) -> bool:
    return bool(select.select([workers.reader], [], [], 0)[0])


class Gate:
    """A job that says that it has begun, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self._open = threading.Event()

    def __call__(self, _: object) -> "Gate":
        self.begun.set()
        assert self._open.wait(PATIENCE)
        return self

    def wait_begun(self) -> None:
        assert self.begun.wait(PATIENCE)

    def open(self) -> None:
        self._open.set()


class Tool:
    """What a thread works with; it knows who opened, used and closed it."""

    def __init__(self) -> None:
        self.opened_by = threading.get_ident()
        self.used_by: list[int] = []
        self.closed_by = 0

    def use(self) -> "Tool":
        self.used_by.append(threading.get_ident())
        return self

    def close(self) -> None:
        self.closed_by = threading.get_ident()


def test_a_job_is_done_on_a_thread_and_finished_on_the_loops(make: Make) -> None:
    workers = make()
    told: list[object] = []
    workers.submit(
        lambda _: threading.get_ident(),
        lambda worker: told.extend([worker, threading.get_ident()]),
    )
    assert workers.busy == 1
    wait_until_idle(workers)
    worker, finisher = told
    assert worker != finisher == threading.get_ident()


def test_before_it_is_finished_nothing_is_told(make: Make) -> None:
    workers = make()
    told: list[object] = []
    workers.submit(lambda _: 1, told.append)
    wait_for_reader(workers)
    assert (told, workers.busy) == ([], 1)
    workers.finish()
    assert (told, workers.busy) == ([1], 0)
    assert not is_readable(workers)


def test_an_exception_is_told_like_a_result(make: Make) -> None:
    workers = make()
    told: list[object] = []
    mistake = ValueError("no")

    def fail(_: object) -> None:
        raise mistake

    workers.submit(fail, told.append)
    workers.submit(lambda _: "next", told.append)
    wait_until_idle(workers)
    assert told == [mistake, "next"]


def test_jobs_are_told_in_the_order_in_which_they_were_done(make: Make) -> None:
    workers = make(2)
    told: list[object] = []
    slow = Gate()
    workers.submit(slow, told.append)
    slow.wait_begun()
    workers.submit(lambda _: "quick", told.append)
    wait_for_reader(workers)
    slow.open()
    wait_until_idle(workers)
    assert told == ["quick", slow]


def test_a_job_above_those_that_may_wait_is_refused_and_later_taken(
    make: Make,
) -> None:
    workers = make(1, 2)
    told: list[object] = []
    gate = Gate()
    workers.submit(gate, told.append)
    gate.wait_begun()
    for number in range(2):
        workers.submit(numbered(number), told.append)
    with pytest.raises(TooSoon) as refusal:
        workers.submit(lambda _: "too much", told.append)
    assert refusal.value.seconds > 0
    assert workers.busy == 3
    gate.open()
    wait_until_idle(workers)
    workers.submit(lambda _: "later", told.append)
    wait_until_idle(workers)
    assert told == [gate, 0, 1, "later"]


def threads_of_the_pool() -> list[str]:
    return [one.name for one in threading.enumerate() if "testing" in one.name]


def test_threads_are_started_when_they_are_needed_first(make: Make) -> None:
    workers = make(2)
    assert threads_of_the_pool() == []
    gates = [Gate(), Gate(), Gate()]
    for number, gate in enumerate(gates[:2], 1):
        workers.submit(gate, lambda _: None)
        gate.wait_begun()
        assert len(threads_of_the_pool()) == number
    workers.submit(gates[2], lambda _: None)
    assert sorted(threads_of_the_pool()) == ["testing-1", "testing-2"]
    for gate in gates:
        gate.open()
    wait_until_idle(workers)
    workers.close()
    assert threads_of_the_pool() == []


def test_where_the_system_has_no_thread_the_first_job_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = make(2)
    told: list[object] = []
    gate = Gate()
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(OutOfService):
        workers.submit(gate, told.append)
    assert workers.busy == 0
    monkeypatch.setattr(threading.Thread, "start", start)
    workers.submit(gate, told.append)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    # One thread does what two would have done.
    workers.submit(numbered(2), told.append)
    gate.open()
    wait_until_idle(workers)
    assert told == [gate, 2]


def test_each_thread_has_a_tool_of_its_own_for_all_its_jobs(make: Make) -> None:
    workers = make(2, 10, Tool)
    gates = [Gate(), Gate()]
    used: list[Any] = []

    def use_behind(gate: Gate) -> Callable[[Tool], Tool]:
        def use(tool: Tool) -> Tool:
            gate(tool)
            return tool.use()

        return use

    for gate in gates:
        workers.submit(use_behind(gate), used.append)
    for gate in gates:
        gate.wait_begun()
    for gate in gates:
        gate.open()
    for _ in range(8):
        workers.submit(lambda tool: tool.use(), used.append)
    wait_until_idle(workers)
    workers.close()
    tools = list({id(tool): tool for tool in used}.values())
    assert (len(used), len(tools)) == (10, 2)
    for tool in tools:
        assert set(tool.used_by) == {tool.opened_by} == {tool.closed_by}
    assert tools[0].opened_by != tools[1].opened_by


def test_a_tool_that_can_not_be_opened_is_told_and_tried_again(make: Make) -> None:
    outcomes: list[OSError | Tool]
    outcomes = [OSError("no file"), OSError("no file yet"), Tool()]

    def open_tool() -> Tool:
        outcome = outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    workers = make(1, 10, open_tool)
    told: list[object] = []
    for _ in range(4):
        workers.submit(lambda tool: tool, told.append)
    wait_until_idle(workers)
    assert [type(one) for one in told] == [OSError, OSError, Tool, Tool]


def test_without_a_tool_jobs_get_none(make: Make) -> None:
    workers = make()
    told: list[object] = []
    workers.submit(lambda tool: tool, told.append)
    wait_until_idle(workers)
    assert told == [None]


def test_what_the_end_of_a_job_raises_comes_through_and_the_others_are_told(
    make: Make,
) -> None:
    workers = make()
    told: list[object] = []

    def stumble(_: object) -> None:
        raise KeyError

    gate = Gate()
    workers.submit(lambda _: "first", stumble)
    workers.submit(lambda _: "second", told.append)
    workers.submit(gate, told.append)
    gate.wait_begun()  # so the two before it are done
    with pytest.raises(KeyError):
        workers.finish()
    assert told == []
    assert is_readable(workers)
    workers.finish()
    assert told == ["second"]
    gate.open()
    wait_until_idle(workers)
    assert told == ["second", gate]


def test_the_end_of_a_job_may_submit_the_next_one(make: Make) -> None:
    workers = make(1, 1)
    told: list[object] = []

    def go_on(result: object) -> None:
        told.append(result)
        if len(told) < 5:
            workers.submit(lambda _: len(told), go_on)

    workers.submit(lambda _: 0, go_on)
    wait_until_idle(workers)
    assert told == [0, 1, 2, 3, 4]


def test_workers_never_wait_for_a_loop_that_does_not_listen(make: Make) -> None:
    workers = make(2)
    told: list[object] = []
    # More than a pair of sockets holds wake-ups.
    for number in range(3000):
        workers.submit(numbered(number), told.append)
    gates = [Gate(), Gate()]
    for gate in gates:
        workers.submit(gate, lambda _: None)
    for gate in gates:
        gate.wait_begun()
        gate.open()
    wait_until_idle(workers)
    assert sorted(told) == list(range(3000))  # type: ignore[type-var]


def test_what_a_job_holds_is_let_go_when_it_is_finished(make: Make) -> None:
    workers = make()

    job = Gate()
    job.open()
    held = weakref.ref(job)
    workers.submit(job, lambda _: None)
    del job
    wait_until_idle(workers)
    gc.collect()
    assert held() is None


def test_closing_drops_what_waits_and_does_not_wait_for_a_long_job(
    make: Make,
) -> None:
    opened: list[Tool] = []

    def open_tool() -> Tool:
        opened.append(Tool())
        return opened[-1]

    workers = make(1, 10, open_tool)
    told: list[object] = []
    done: list[object] = []
    gate = Gate()
    workers.submit(gate, told.append)
    gate.wait_begun()
    workers.submit(done.append, told.append)
    started = time.monotonic()
    workers.close()
    assert time.monotonic() - started < PATIENCE / 2
    # Its thread was left behind; let go, it says nothing and ends, its tool closed.
    (thread,) = [one for one in threading.enumerate() if "testing" in one.name]
    gate.open()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert (told, done) == ([], [])
    assert opened[0].closed_by == thread.ident


def test_closing_twice_or_before_the_first_job_is_no_fault(make: Make) -> None:
    workers = make()
    workers.close()
    workers.close()
    assert workers.reader.fileno() == -1


def test_a_tool_that_can_not_be_closed_is_told_in_the_log(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    class Stubborn(Tool):
        def close(self) -> None:
            raise OSError("not now")

    workers = make(1, 10, Stubborn)
    workers.submit(lambda _: None, lambda _: None)
    wait_until_idle(workers)
    with caplog.at_level(logging.ERROR, "server"):
        workers.close()
    assert [record.name for record in caplog.records] == ["server.workers"]
    assert "testing" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has no niceness here")
def test_a_worker_steps_back_behind_the_loop(make: Make) -> None:
    def niceness(_: object = None) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    workers = make()
    told: list[Any] = []
    before = niceness()
    workers.submit(niceness, told.append)
    wait_until_idle(workers)
    assert niceness() == before
    assert told[0] >= before
    assert told[0] > 0


def test_a_busy_worker_hands_python_over_within_a_millisecond(make: Make) -> None:
    workers = make()
    workers.submit(lambda _: None, lambda _: None)
    wait_until_idle(workers)
    assert sys.getswitchinterval() < 0.001


def test_a_pool_appears_in_the_log_by_its_name(make: Make) -> None:
    assert describe(make()) == "<Workers testing>"


def test_what_a_job_returns_is_never_a_text_for_the_log() -> None:
    """It may be a password's hash."""
    returned = str(inspect.signature(Workers._do).return_annotation)
    assert describe("$argon2id$", returned, texts=True) == "<str 10>"
