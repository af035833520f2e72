"""What is kept for how long: old messages are deleted a few at a time, between turns.

Round after round all conversations are looked at. What is left to do is done in steps
of a few milliseconds with rests in between, so that nobody who talks feels it.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator

from common.server_settings import ServerSettings
from decorators import log
from errors import NotStored
from server.store.base import HeadRow, Pruner

__all__ = ["Retention"]

_logger = logging.getLogger("server")

# Seconds. A step ends with the piece of work that passes its budget.
_BUDGET = 0.0025
_LONGEST_PIECE, _SHORT_PIECE = 0.0015, 0.0004
# Rests, as multiples of what was worked before: a tenth of the time for what is left,
# a hundredth for looking whether something is.
_REST, _LONG_REST = 9, 99
_SHORTEST_REST, _BETWEEN_ROUNDS = 0.02, 60.0
# Pages of the file that stay free for new messages: a megabyte.
_SPARE_PAGES = 512
_SECONDS_A_DAY = 86400.0
_MEGABYTE = 1_000_000


class _Portion:
    """How much one piece of work may take on, by how long the last ones took."""

    __slots__ = ("_least", "_most", "size")

    @log
    def __init__(self, least: int, most: int) -> None:
        self._least = self.size = least
        self._most = most

    @log
    def learn(self, took: float) -> None:
        """Take on less after a piece that took long, more after a short one."""
        if took > _LONGEST_PIECE:
            self.size = max(self._least, self.size // 2)
        elif took < _SHORT_PIECE:
            self.size = min(self._most, self.size * 2)


class Retention:
    """Deletes what is older, or more, than the settings and the rooms say.

    `step` is to be called when `due_at` (monotonic seconds) has come, with nothing left
    to be written. Without a pruner it is never due. `clock` measures the work.
    A round that deletes tells so in one line of the log.
    """

    @log
    def __init__(
        self,
        settings: ServerSettings,
        pruner: Pruner | None,
        now: float = 0.0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._pruner = pruner
        self._clock = clock
        self._sure = 0.0
        self._work: Iterator[_Portion] | None = None
        self._worked = 0.0
        # How many this round has deleted, by conversation.
        self._deleted: dict[int, int] = {}
        # Of conversations with a limit in bytes: up to which message they are weighed,
        # and how much they weigh.
        self._weights: dict[int, tuple[int, int]] = {}
        self._looking = _Portion(16, 512)
        self._glancing = _Portion(1, 1)
        self._weighing = _Portion(64, 4096)
        self._deleting = _Portion(8, 256)
        self._shrinking = _Portion(4, 128)
        self.due_at = math.inf if pruner is None else now

    @log
    def hurry(self, now: float) -> None:
        """Begin the next round now: more may be old than a moment ago."""
        if self._pruner is not None:
            self.due_at = now

    @log
    def step(self, now: float, sure: float) -> None:
        """Do a little of what is to be done; `sure` is the time, as `Clock.sure`.

        Raises StoreFailed.
        """
        if self._pruner is None:
            return
        if not self._pruner.is_ready:
            self.due_at = now + 1.0  # the disk is full, it seems
            return
        self._sure = sure
        started = self._clock()
        try:
            is_done = not self._pruner.tidy() and self._do(self._pruner, started)
        except NotStored:
            self._work = None
            self.due_at = now + _BETWEEN_ROUNDS
            return
        took = self._clock() - started
        self._worked += took
        if is_done:
            self._tell()
            self.due_at = now + max(_BETWEEN_ROUNDS, _LONG_REST * self._worked)
            self._worked = 0.0
        else:
            self.due_at = now + max(_SHORTEST_REST, _REST * took)

    @log
    def _tell(self) -> None:
        if self._deleted:
            _logger.info(
                "deleted %d messages of %d conversations: older, or more, than is kept",
                sum(self._deleted.values()),
                len(self._deleted),
            )
            self._deleted.clear()

    @log
    def _do(self, pruner: Pruner, started: float) -> bool:
        """Work until the budget is used up; tell whether a round has ended."""
        if self._work is None:
            self._work = self._round(pruner)
        before = started
        while before - started < _BUDGET:
            portion = next(self._work, None)
            if portion is None:
                self._work = None
                return True
            after = self._clock()
            portion.learn(after - before)
            before = after
        return False

    # ----------------------------------- what is to be done, piece after piece

    @log
    def _round(self, pruner: Pruner) -> Iterator[_Portion]:
        """Look at all conversations; yield behind each piece of work of which kind."""
        settings = self._settings
        limited = not (
            settings.keep_days
            or settings.keep_mbytes
            or settings.keep_direct_days
            or settings.keep_direct_mbytes
        )
        after = 0
        while True:
            limit = self._looking.size
            heads = pruner.heads(after, limit, limited=limited)
            yield self._looking
            for head in heads:
                yield from self._prune(pruner, head)
            if len(heads) < limit:
                break
            after = heads[-1].conversation
        while pruner.give_back(self._shrinking.size, _SPARE_PAGES):
            yield self._shrinking

    @log
    def _limits(self, head: HeadRow) -> tuple[float, int]:
        """Return the days and bytes for which a conversation is kept; 0: no limit."""
        settings = self._settings
        if head.is_line:
            return settings.keep_direct_days, _bytes(settings.keep_direct_mbytes)
        days, size = head.keep_days, head.keep_bytes
        return (
            settings.keep_days if days is None else days,
            _bytes(settings.keep_mbytes) if size is None else size,
        )

    @log
    def _prune(self, pruner: Pruner, head: HeadRow) -> Iterator[_Portion]:
        """Delete what is too old or too much of one conversation."""
        days, most = self._limits(head)
        if head.time is None or not (days or most):
            return
        before = self._sure - days * _SECONDS_A_DAY if days else -math.inf
        if most:
            yield from self._weigh(pruner, head.conversation)
        # One from the future, of a clock that was wrong, may hide old ones.
        is_old = head.time < before or (bool(days) and head.time > self._sure)
        while is_old or self._excess(head, most):
            limit, excess = self._deleting.size, self._excess(head, most)
            rows, size = pruner.delete(head.conversation, limit, before, excess)
            if rows:
                before_now = self._deleted.get(head.conversation, 0)
                self._deleted[head.conversation] = before_now + rows
            if most:
                upto, weight = self._weights[head.conversation]
                self._weights[head.conversation] = upto, weight - size
            yield self._deleting
            if rows < limit:
                break

    @log
    def _excess(self, head: HeadRow, most: int) -> int:
        """Return by how many bytes a conversation weighs more than it may."""
        return max(0, self._weights[head.conversation][1] - most) if most else 0

    @log
    def _weigh(self, pruner: Pruner, conversation: int) -> Iterator[_Portion]:
        """Add up the bytes of what has come since the last round."""
        while True:
            upto, weight = self._weights.get(conversation, (0, 0))
            limit = self._weighing.size
            upto, rows, size = pruner.weigh(conversation, upto, limit)
            self._weights[conversation] = upto, weight + size
            yield self._weighing if rows else self._glancing
            if rows < limit:
                break


@log
def _bytes(megabytes: float) -> int:
    """Return how many bytes these are, at least one unless it is nothing."""
    return math.ceil(megabytes * _MEGABYTE)
