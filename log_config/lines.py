"""Turn a finished call, or many of one kind, into a record for the log."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["Line", "Tally", "record_of_line", "record_of_tally"]


class Line(NamedTuple):
    """One call that waits to be written."""

    when: float
    function: str
    arguments: str
    caller: str
    took: float
    outcome: str
    failed: bool


class Tally(NamedTuple):
    """The calls of one function by one caller: how many, and the seconds they took."""

    function: str
    caller: str
    calls: int
    least: float
    total: float
    most: float
    failed: int

    @classmethod
    def of(
        cls, function: str, caller: str, took: Sequence[float], failed: int
    ) -> "Tally":
        """Count calls; of none there is no tally."""
        least, most = min(took), max(took)
        return cls(function, caller, len(took), least, sum(took), most, failed)

    def with_one(self, took: float) -> "Tally":
        """Return the tally with one more call, which did not fail."""
        return self._replace(
            calls=self.calls + 1,
            least=min(self.least, took),
            total=self.total + took,
            most=max(self.most, took),
        )


def record_of_line(logger: str, line: Line) -> logging.LogRecord:
    """Return the record of one call."""
    return _record(
        logger,
        line.when,
        f"{line.function}({line.arguments}) called by {line.caller}, "
        f"took {_micro(line.took)} us, {line.outcome}",
        {
            "function": line.function,
            "arguments": line.arguments,
            "caller": line.caller,
            "took_us": round(line.took * 1e6, 1),
            "outcome": line.outcome,
        },
    )


def record_of_tally(
    logger: str, when: float, seconds: int, tally: Tally
) -> logging.LogRecord:
    """Return the record of the calls of `seconds`, which ended at `when`."""
    low, mean, high = tally.least, tally.total / tally.calls, tally.most
    return _record(
        logger,
        when,
        f"{tally.function}(...) called {tally.calls} times in {seconds} s by "
        f"{tally.caller}, took {_micro(low)} / {_micro(mean)} / {_micro(high)} us "
        f"(min / mean / max), {tally.failed} failed",
        {
            "function": tally.function,
            "caller": tally.caller,
            "calls": tally.calls,
            "seconds": seconds,
            "min_us": round(low * 1e6, 1),
            "mean_us": round(mean * 1e6, 1),
            "max_us": round(high * 1e6, 1),
            "failed": tally.failed,
        },
    )


def _record(
    logger: str, when: float, text: str, call: Mapping[str, object]
) -> logging.LogRecord:
    record = logging.LogRecord(logger, logging.DEBUG, "", 0, text, None, None)
    record.created = when
    record.msecs = int(when % 1 * 1000)
    record.call = call
    return record


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.1f}"
