"""Judge the system's clock: what time it is here, and up to when deleting is safe.

A clock that is wrong for a minute (a flat battery, a mistyped date) must not delete
what was to be kept for a month. So the server believes a clock only where the time that
has passed explains it, give or take a day. Two times come of it:

- `time` is what messages are stamped with and by which bans and invitations end. With a
  clock that is set back by less than a day it does not go back: it goes at half speed
  until the clock is there.
- `sure` is for what deletes for good. It goes on by the time that has passed, whatever
  the clock says, until an owner trusts it.
"""

import logging
import time

from decorators import log

__all__ = ["GRACE_SECONDS", "Clock", "steady"]

_logger = logging.getLogger("server")

#: How far a clock may be from what the time that has passed explains.
GRACE_SECONDS = 86400.0
# A clock that nothing explains is followed for stamps once it has stood for so long;
# most are mended sooner (NTP). Moving less than that, it is still the same clock.
_SETTLE_SECONDS, _SAME_SECONDS = 600.0, 5.0
# While we are ahead, of each second that has passed half of one counts.
_SLOWER = 0.5
# Counts while the machine sleeps, too, where the system has such a clock.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@log
def steady() -> float:
    """Return seconds that nobody can set, those asleep included."""
    return time.clock_gettime(_STEADY)


class Clock:
    """The time as the server sees it, in UNIX seconds; `read` goes with the clocks.

    `is_settled` is False while a start's clock is not explained and may be mended yet:
    then nothing that has an end is taken away because of it.
    """

    @log
    def __init__(
        self, noted: float | None, newest: float | None, now: float, wall: float
    ) -> None:
        """Begin at a start: `noted` was sure when something was stored last.

        `newest` is when the newest message was stored, `now` steady seconds. Both are
        None in a new store; then the clock is all there is to go by.
        """
        known = wall if noted is None and newest is None else noted or newest or wall
        self._steady, self._wall = now, wall
        self._doubted: float | None = None  # wall less steady of a clock in doubt
        self._doubted_since = now
        self._is_slowed = False
        self.sure = known
        self.time = max(known, newest or known)
        self.is_settled = True
        if abs(wall - known) > GRACE_SECONDS:
            # Nobody knows how long the server was not running: the clock is followed at
            # once where it is ahead, but nothing goes for good.
            self.is_settled = False
            self._doubt(wall)
            self.time = max(wall, known)
        else:
            if self.time > wall + GRACE_SECONDS:
                self.time = wall  # the newest is from a clock that was wrong
            self.read(now, wall)

    @property
    @log
    def ahead(self) -> float:
        """Return by how many seconds the clock is ahead of what is explained."""
        ahead = self._wall - self.sure
        return ahead if abs(ahead) > GRACE_SECONDS else 0.0

    @log
    def read(self, now: float, wall: float) -> float:
        """Return the time now; `now` is what `steady` says, `wall` the system's clock.

        To be called once a second, and wherever `wall` is not what was expected.
        """
        passed = max(0.0, now - self._steady)
        self._steady, self._wall = now, wall
        self.sure += passed
        if abs(wall - self.sure) <= GRACE_SECONDS:
            self.sure = wall
            if self._doubted is not None:
                self._doubted, self.is_settled = None, True
                _logger.info("this machine's clock is as it was, or explained, again")
            self._follow(passed)
            return self.time
        if self._doubted is None or abs(wall - now - self._doubted) > _SAME_SECONDS:
            self._doubt(wall)
        if now - self._doubted_since >= _SETTLE_SECONDS:
            self.is_settled = True
            self._follow(passed)
        else:
            self.time += passed
        return self.time

    @log
    def trust(self) -> float:
        """Take the system's clock for right; return by how much that moved `sure`."""
        moved = self._wall - self.sure
        self.sure = self.time = self._wall
        self._doubted, self.is_settled = None, True
        return moved

    @log
    def _follow(self, passed: float) -> None:
        """Go with the clock, slowly where we are ahead by less than a day."""
        ahead = self.time + passed - self._wall
        if 0 < ahead <= GRACE_SECONDS:
            # What passed before the clock was set back has been told already.
            speed = _SLOWER if self._is_slowed else 1.0
            self.time = max(self._wall, self.time + passed * speed)
            self._is_slowed = True
        else:
            self.time = self._wall
            self._is_slowed = False

    @log
    def _doubt(self, wall: float) -> None:
        self._doubted, self._doubted_since = wall - self._steady, self._steady
        days = (wall - self.sure) / 86400.0
        _logger.warning(
            "this machine's clock is %.1f days %s what the time that has passed "
            "explains: nothing is deleted by it until it is mended, or an owner trusts "
            "it: my_server.py clock --trust",
            abs(days),
            "ahead of" if days > 0 else "behind",
        )
