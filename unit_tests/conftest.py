"""What the tests of the shared parts have in common."""

import gc
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from log_config import call_log

# The same examples each time, and no time limit: a test must not fail under load.
hypothesis.settings.register_profile(
    "messenger",
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("messenger")

SIDES = ("server", "client")

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2**30


def _can_be_used(folder: Path) -> bool:
    """Tell whether a folder in memory has room, and lets scripts be run."""
    try:
        is_closed = os.statvfs(folder).f_flag & (os.ST_NOEXEC | os.ST_RDONLY)
        return not is_closed and shutil.disk_usage(folder).free > _ROOM_BYTES
    except OSError:
        return False


def _hurry() -> None:
    """Let what the tests start waste no time; what they show is the same.

    Where a disk is shared, a third of the tests' time is spent in waiting for its
    syncs. And a program that may not keep its bytecode spends half of its start in
    compiling itself, anew each time.
    """
    if "TMPDIR" not in os.environ and _can_be_used(_MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
    kept = Path(__file__).resolve().parent.parent / ".pytest_cache" / "bytecode"
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(kept))
        sys.dont_write_bytecode, sys.pycache_prefix = False, str(kept)


_hurry()


@hypothesis.given(hypothesis.strategies.none())
@hypothesis.settings(max_examples=1, database=None)
def _give_an_example(nothing: None) -> None:
    assert nothing is None


def pytest_collection_finish() -> None:
    """Let no search for garbage pass over thousands of tests: they stay to the end."""
    # At its first example Hypothesis asks the collector who refers to its source of
    # chance, and on Python 3.14 it would hear nothing of what is frozen, and warn.
    _give_an_example()
    gc.collect()
    gc.freeze()


class Clock:
    """A clock that a test turns; it stands where a module has `time`."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    monotonic = perf_counter = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stop the clock of the call log and of `@log`."""
    clock = Clock()
    monkeypatch.setattr("log_config.call_log.time", clock)
    monkeypatch.setattr("decorators._clock", clock.perf_counter)
    return clock


@pytest.fixture
def own_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the test call logs without a past, and put logging back afterwards."""
    parts = ("", ".x", ".chat")
    loggers = [logging.getLogger(side + part) for side in SIDES for part in parts]
    loggers += [logging.getLogger(f"{side}.calls") for side in SIDES]
    before = [(one, one.level, one.propagate, one.handlers[:]) for one in loggers]
    for side in SIDES:
        monkeypatch.setitem(call_log._LOGS, side, call_log.CallLog(side))
    yield
    for logger, level, propagate, handlers in before:
        for handler in logger.handlers[:]:
            logger.removeHandler(handler)
            if handler not in handlers:
                handler.close()
        for handler in handlers:
            logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


class _Records(logging.Handler):
    """Keep the records of a logger in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class CallLines:
    """The client's call log, switched on, and what it has written."""

    def __init__(self, *, texts: bool = False) -> None:
        self._handler = _Records()
        self._log = call_log.call_log_of("client")
        logger = logging.getLogger("client.calls")
        logger.addHandler(self._handler)
        logger.propagate = False
        self.switch(logging.DEBUG, texts=texts)

    def switch(self, level: int, *, texts: bool = False) -> None:
        """Set the level as the YAML file does: INFO writes no calls."""
        logging.getLogger("client.calls").setLevel(level)
        self._log.configure(texts=texts)

    @property
    def unflushed(self) -> list[str]:
        """Return the lines written up to now, without asking for more."""
        return [record.getMessage() for record in self._handler.records]

    def take(self) -> list[str]:
        """Flush; return the lines written since the last time."""
        return [record.getMessage() for record in self._take()]

    def take_calls(self) -> list[Mapping[str, Any]]:
        """Flush; return the parts of the lines written since the last time."""
        return [record.__dict__["call"] for record in self._take()]

    def _take(self) -> list[logging.LogRecord]:
        self._log.flush()
        records, self._handler.records = self._handler.records, []
        return records


@pytest.fixture
def lines(own_logging: None, clock: Clock) -> CallLines:
    """Return the client's call log; functions of the tests count as the client's.

    Its clock stands still until the test turns it.
    """
    return CallLines()
