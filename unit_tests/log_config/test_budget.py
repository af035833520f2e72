"""No kind of line, however many can cause it, fills the file that others are in."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from log_config.budget import Budget
from log_config.formatters import BareFormatter
from log_config.handlers import SharedFileHandler
from unit_tests.conftest import Clock

HOUR = 3600


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("log_config.budget.time", clock)
    monkeypatch.setattr("log_config.handlers.time.monotonic", clock.monotonic)
    return clock


@pytest.fixture
def handler(tmp_path: Path, clock: Clock) -> Iterator[SharedFileHandler]:
    handler = SharedFileHandler(str(tmp_path / "a.log"), 0, 1, False, hourly_bytes=1000)
    handler.setFormatter(BareFormatter())
    yield handler
    handler.close()


def say(handler: logging.Handler, text: str, *values: object, times: int = 1) -> None:
    for _ in range(times):
        handler.handle(logging.LogRecord("s", 20, "", 0, text, values, None))


def written(handler: SharedFileHandler) -> list[str]:
    handler.flush()
    return handler._path.read_text("utf-8").splitlines()


def test_a_flood_of_one_kind_leaves_room_for_the_others(
    handler: SharedFileHandler, clock: Clock
) -> None:
    say(handler, "signed in: %s", "alice", times=10_000)
    say(handler, "left: %s", "bob")
    lines = written(handler)
    assert sum(map(len, lines)) < 1000 + 20
    assert lines[-1] == "s: left: bob"
    clock.now += HOUR
    assert written(handler)[len(lines) :] == [
        f"log: and {10_000 - len(lines) + 1} more within the hour of: signed in: …"
    ]


def test_the_next_hour_has_room_again(handler: SharedFileHandler, clock: Clock) -> None:
    for _ in range(3):
        say(handler, "%d of %-3s", 7, "it", times=200)
        clock.now += HOUR
        handler.flush()
    lines = written(handler)
    sums = [line for line in lines if "more within the hour of: … of …" in line]
    told = sum(int(line.split()[2]) for line in sums)
    assert len(sums) == 3
    assert told + len(lines) - len(sums) == 600


def test_what_is_left_is_told_at_the_end(handler: SharedFileHandler) -> None:
    say(handler, "x" * 600, times=3)
    handler.close()
    assert written(handler)[-1].startswith("log: and 2 more within the hour of: xxx")


def test_kinds_without_end_share_what_there_is(clock: Clock) -> None:
    budget = Budget(1000)
    admitted = sum(budget.admits(f"kind {n}", 100) for n in range(100_000))
    assert admitted == 200 + 1000 // 100
    assert len(budget.take_sums()) == 1


def test_within_the_budget_nothing_is_due(clock: Clock) -> None:
    budget = Budget(1000)
    for _ in range(48):
        assert all(budget.admits("a", 100) for _ in range(10))
        clock.now += HOUR
    assert budget.due_at > clock.now + HOUR
    assert budget.take_sums() == []
