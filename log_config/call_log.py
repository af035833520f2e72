"""The accounts of the call log: what each logged function did, and to whom it is told.

One `CallLog` a side (server, client). A decorated function has a `CallSite`, which is
in one of three modes: OFF; IN_FULL, a line for every call; SUMMED, a line for every
caller and second. A second may hold `LINES_A_SECOND` lines. At its end the sites are
counted: the quiet ones that fit go on in full, the busiest are summed from the start
of the next one. Nothing is written by the call itself: lines wait for `flush`, which
the programs call at the end of a turn. Those of a turn in which nothing happened are
summed for minutes (`log_config/ticks.py`).

Any thread may be logged; `flush`, `finish` and `configure` are for one. What is done
seldom is done under the lock of the `CallLog`. A summed call takes it only to open its
sum: it appends to a list that it finds in `CallSite.times`, and who has taken the list
out of there has the last of it.
"""

import enum
import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, NamedTuple, NewType

from log_config.describing import describe, describe_error
from log_config.lines import Line, Tally, record_of_line, record_of_tally
from log_config.ticks import Ticks

__all__ = [
    "LINES_A_SECOND",
    "CallLog",
    "CallSite",
    "LongCall",
    "Mode",
    "call_log_of",
    "raised",
]

LINES_A_SECOND = 2000
# The last tenth of a second's lines is kept for functions that are called seldom, so
# that a burst of one function does not hide them before the second is over.
_KEPT_FOR_THE_QUIET = LINES_A_SECOND // 10
_QUIET_CALLS = LINES_A_SECOND // 20


class Mode(enum.IntEnum):
    """How a site is logged now; a plain int where it is asked on each call."""

    OFF = 0
    IN_FULL = 1
    SUMMED = 2


class _Place(NamedTuple):
    """Where a call was made, taken down because the frame may be gone later."""

    key: int
    name: str
    code: CodeType  # kept alive: the key is made from its address


class _Sum(NamedTuple):
    """The calls of one site from one place within the running second."""

    place: _Place
    took: list[float]
    failed: list[float]

    def tally(self, function: str) -> Tally:
        """Return it counted."""
        took, failed = self.took, self.failed
        return Tally.of(function, self.place.name, took + failed, len(failed))


class CallSite:
    """One decorated function and what it has to tell."""

    __slots__ = (
        "annotations",
        "calls",
        "log",
        "mode",
        "name",
        "parameters",
        "sums",
        "times",
    )

    def __init__(self, log: "CallLog", function: Callable[..., Any], name: str) -> None:
        self.log = log
        self.name = name
        code: CodeType = function.__code__
        self.parameters = code.co_varnames[: code.co_argcount]
        self.annotations = {
            parameter: _as_written(annotation)
            for parameter, annotation in function.__annotations__.items()
        }
        self.mode: int = Mode.OFF
        self.calls = 0
        self.sums: dict[int, _Sum] = {}
        # The lists `took` of the sums, for the decorator: one look-up less a call. It
        # holds on to this dictionary, so it is emptied and never replaced.
        self.times: dict[int, list[float]] = {}

    def describe_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Return the arguments as the log shows them, taken down before the call."""
        named = [*zip(self.parameters, args, strict=False), *kwargs.items()]
        declared, texts = self.annotations, self.log.texts
        shown = [
            f"{name}={describe(value, declared.get(name, ''), texts=texts)}"
            for name, value in named
        ]
        shown += [describe(value) for value in args[len(self.parameters) :]]
        return ", ".join(shown)

    def add_line(
        self,
        arguments: str,
        caller: FrameType | _Place,
        took: float,
        outcome: str,
        *,
        failed: bool = False,
    ) -> None:
        """Put down one finished call; `outcome` is what it returned or raised."""
        if self.mode == Mode.SUMMED:
            # Lines ran out while it ran.
            place = _place_of(caller)
            self.add_to_sum(place.key, place, took, failed=failed)
            return
        name = caller.name if isinstance(caller, _Place) else _caller_name(caller)
        self.log.add(self, arguments, name, took, outcome, failed)

    def returned(self, result: object) -> str:
        """Return a result as the log shows it."""
        annotation = self.annotations.get("return", "")
        return f"returned {describe(result, annotation, texts=self.log.texts)}"

    def add_to_sum(
        self, key: int, caller: FrameType | _Place, took: float, *, failed: bool = False
    ) -> None:
        """Count one finished call; `key` names the place where `caller` made it."""
        with self.log.lock:
            if not self.log.is_on:
                return  # switched off while it ran
            one = self.sums.get(key) or self._open_sum(key, caller)
            (one.failed if failed else one.took).append(took)

    def _open_sum(self, key: int, caller: FrameType | _Place) -> _Sum:
        # The lock keeps other threads out, but not a signal's handler, nor what the
        # garbage collector ends: it may have opened the very sum in between.
        one = self.sums.setdefault(key, _Sum(_place_of(caller), [], []))
        self.times[key] = one.took
        self.log.open_sums += 1
        return one

    def take_sums(self) -> dict[int, _Sum]:
        """Return the sums of the running second, to which nothing is added any more.

        The caller holds the lock.
        """
        # In this order: till `times` is empty calls go to the sums that are returned.
        sums, self.sums = self.sums, {}
        self.times.clear()
        return sums


class LongCall:
    """A call that is left and entered again: a coroutine's or a generator's.

    The caller is taken down at the start: its frame may be gone at the end.
    """

    def __init__(
        self,
        site: CallSite,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        caller: FrameType,
    ) -> None:
        self.result: object = None
        self._site = site
        self._arguments = site.describe_arguments(args, kwargs)
        self._place = _place_of(caller)
        self._started = time.perf_counter()

    def __enter__(self) -> "LongCall":
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        took = time.perf_counter() - self._started
        site, place = self._site, self._place
        failed = not _is_an_end(error)
        if site.mode == Mode.SUMMED:
            site.add_to_sum(place.key, place, took, failed=failed)
            return
        outcome = raised(error) if error else site.returned(self.result)
        site.add_line(self._arguments, place, took, outcome, failed=failed)


def _is_an_end(error: BaseException | None) -> bool:
    """Tell whether a call ended well; a generator that is closed early did."""
    return error is None or isinstance(error, GeneratorExit)


def raised(error: BaseException) -> str:
    """Return an error as the log shows it."""
    return f"raised {describe_error(error)}"


def _place_of(caller: FrameType | _Place) -> _Place:
    if isinstance(caller, _Place):
        return caller
    code = caller.f_code
    return _Place(id(code) + caller.f_lasti, _caller_name(caller), code)


def _caller_name(caller: FrameType) -> str:
    """Return who calls: module, function and line."""
    module = caller.f_globals.get("__name__", "?")
    if module == "__main__":
        module = Path(caller.f_code.co_filename).stem
    return f"{module}.{caller.f_code.co_qualname}:{caller.f_lineno}"


def _as_written(annotation: object) -> str:
    # `Name | None` has a __name__ too, which is "Optional": only its text names Name.
    if isinstance(annotation, type | NewType):
        return annotation.__name__
    return str(annotation)


class CallLog:
    """The calls of one side; `logger` gets them as DEBUG records."""

    def __init__(self, side: str) -> None:
        self.logger = logging.getLogger(f"{side}.calls")
        # Of the thread that holds it a signal's handler may want it again.
        self.lock = threading.RLock()
        self.texts = False
        self.is_on = False
        self.open_sums = 0
        self._sites: list[CallSite] = []
        self._lines: list[Line] = []
        self._ticks = Ticks()
        self._written = 0
        self._second_ends = 0.0

    def register(self, site: CallSite) -> None:
        """Take a site into account from now on."""
        with self.lock:
            self._sites.append(site)
            site.mode = Mode.IN_FULL if self.is_on else Mode.OFF

    def configure(self, *, texts: bool = False) -> None:
        """Follow the logging configuration, which has just been read (again)."""
        with self.lock:
            self.texts = texts
            self.is_on = self.logger.isEnabledFor(logging.DEBUG)
            for site in self._sites:
                site.mode = Mode.IN_FULL if self.is_on else Mode.OFF
                if not self.is_on:
                    site.take_sums()
            if not self.is_on:
                self._lines.clear()
                self._ticks = Ticks()
            self._second_ends = time.monotonic() + 1.0

    def add(
        self,
        site: CallSite,
        arguments: str,
        caller: str,
        took: float,
        outcome: str,
        failed: bool,
    ) -> None:
        """Keep a line for the next flush; sum the busy sites when lines run out."""
        when = time.time() - took
        line = Line(when, site.name, arguments, caller, took, outcome, failed)
        with self.lock:
            if not self.is_on:
                return  # switched off while it ran
            self._lines.append(line)
            site.calls += 1
            self._written += 1
            room = LINES_A_SECOND - self._written - self.open_sums
            if room <= 0:
                self._sum_from_now(self._sites)
            elif room <= _KEPT_FOR_THE_QUIET:
                self._sum_from_now([s for s in self._sites if s.calls > _QUIET_CALLS])

    def _sum_from_now(self, sites: list[CallSite]) -> None:
        for site in sites:
            site.mode = Mode.SUMMED

    def flush(self, *, quiet: bool = False) -> None:
        """Write what waits; at the end of a second the sums too. Cheap when idle.

        `quiet`: nothing has happened since the last time, so the calls are ticks.
        """
        if not self.is_on:
            return
        now = time.monotonic()
        if now >= self._second_ends:
            self._end_second()
        if self._lines:
            with self.lock:
                lines, self._lines = self._lines, []
            for line in self._ticks.sift(lines, now) if quiet else lines:
                self.logger.handle(record_of_line(self.logger.name, line))
        if now >= self._ticks.due_at:
            self._write_sums(*self._ticks.take(now))

    def finish(self) -> None:
        """Write all there is, the sums of the running second and of ticks too."""
        if self.is_on:
            self._second_ends = 0.0
            self.flush()
            self._write_sums(*self._ticks.take(time.monotonic()))

    def _write_sums(self, seconds: int, tallies: Iterable[Tally]) -> None:
        now = time.time()
        for tally in tallies:
            record = record_of_tally(self.logger.name, now, seconds, tally)
            self.logger.handle(record)

    def _end_second(self) -> None:
        counts = []
        sums_due = []
        with self.lock:
            for site in self._sites:
                sums = site.take_sums()
                summed = sum(len(s.took) + len(s.failed) for s in sums.values())
                counts.append((site.calls + summed, len(sums), site))
                site.calls = 0
                sums_due += [(site, s) for s in sums.values() if s.took or s.failed]
            self._plan(counts)
            self._written = len(sums_due)
            self.open_sums = 0
            self._second_ends = time.monotonic() + 1.0
        self._write_sums(1, (one.tally(site.name) for site, one in sums_due))

    def _plan(self, counts: list[tuple[int, int, CallSite]]) -> None:
        """Let the quietest sites that fit into the next second go on in full."""
        room = LINES_A_SECOND - _KEPT_FOR_THE_QUIET - sum(c[1] for c in counts)
        for calls, _, site in sorted(counts, key=lambda count: count[0]):
            room -= calls
            site.mode = Mode.IN_FULL if room > 0 or not calls else Mode.SUMMED


_LOGS: Final = {side: CallLog(side) for side in ("server", "client")}
_SERVER_MODULES = ("server", "my_server")


def call_log_of(module: str) -> CallLog:
    """Return the call log of the side that `module` (a dotted name) belongs to.

    Everything that is not the server's (the client, the launcher) is the client's.
    """
    first = module.partition(".")[0]
    return _LOGS["server" if first in _SERVER_MODULES else "client"]
