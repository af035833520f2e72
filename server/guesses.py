"""Growing pauses after wrong passwords, per name and per address.

Who guesses one name from a thousand addresses is stopped by the name, who tries one
password on a thousand names by the address. Of a flood of guesses at one name, or from
one address, ten reach the hash in the first minute, and one in five minutes later on.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from common.addresses import network_of
from common.names import Label
from decorators import log
from errors import TooSoon

__all__ = ["NEW_ACCOUNTS", "Attempt", "Guesses", "Rule"]


class Rule(NamedTuple):
    """So many failures are free, then comes the first pause, doubled each time."""

    free: int
    first_pause: float


# People mistype, and forget which of their passwords it was. Behind one address there
# may be a household, which may come all at once: more are free, and then the pauses are
# long at once, so that both let ten through in a minute.
_PER_NAME = Rule(5, 1.0)
_PER_ADDRESS = Rule(8, 16.0)
#: A new account gives nothing away: eighteen are made within five minutes.
NEW_ACCOUNTS = Rule(10, 1.0)
# Judged by then are attempts under way; perhaps all of them were right.
_JUDGED_SECONDS = 1.0
# 288 guesses a day, and no more than a coffee's time for the owner of the name.
_LONGEST_PAUSE_SECONDS = 300.0
# Longer than the longest pause, or who waits it out would begin anew.
_PEACE_SECONDS = 900.0
# About 3 MiB. To push somebody's entry out one needs as many failures, each of which
# costs its address a pause.
_MOST_ENTRIES = 10_000


class Attempt(NamedTuple):
    """A sign-in that was let through and is not judged yet."""

    name: str | None
    network: str


class Guesses:
    """Lets attempts to sign in through, or says how long to wait.

    Each `begin` must be followed by one `end` or `abandon`: what is under way counts as
    wrong until it is judged, so a burst gets no further than guesses in a row. `now` is
    in seconds of any clock that never goes back.
    """

    @log
    def __init__(
        self,
        complaint: str = "too many wrong passwords or invitations",
        per_address: Rule = _PER_ADDRESS,
    ) -> None:
        """Hold nothing against anybody yet; `complaint` is told who must wait."""
        self._complaint = complaint
        self._names = _Table(_PER_NAME)
        self._networks = _Table(per_address)

    @log
    def begin(self, name: str | None, address: Label, now: float) -> Attempt:
        """Let an attempt through; raises TooSoon with the whole seconds to wait.

        `name` is folded, and need not be anybody's; with a token it is None, so that
        who guesses at a name doesn't keep its devices out.
        """
        # Not a Name for the log: what somebody typed there may be their password.
        attempt = Attempt(name, network_of(address))
        wait = self._networks.seconds_to_wait(attempt.network, now)
        if attempt.name is not None:
            wait = max(wait, self._names.seconds_to_wait(attempt.name, now))
        if wait > 0:
            raise TooSoon(self._complaint, float(math.ceil(wait)))
        self._networks.begin(attempt.network, now)
        if attempt.name is not None:
            self._names.begin(attempt.name, now)
        return attempt

    @log
    def end(self, attempt: Attempt, now: float, *, ok: bool) -> None:
        """Judge an attempt; a good one clears what was held against its name.

        The address is not cleared: an account of one's own would buy guesses at others.
        """
        self._networks.end(attempt.network, now, failed=not ok)
        if attempt.name is not None:
            self._names.end(attempt.name, now, failed=not ok)
            if ok:
                self._names.forgive(attempt.name)

    @log
    def abandon(self, attempt: Attempt, now: float) -> None:
        """An attempt could not be judged: it never was."""
        self._networks.end(attempt.network, now, failed=False)
        if attempt.name is not None:
            self._names.end(attempt.name, now, failed=False)


@dataclass(slots=True)
class _Entry:
    """What is held against one name or network."""

    failures: int = 0
    under_way: int = 0
    failed_at: float = -math.inf
    begun_at: float = -math.inf

    @log
    def is_over(self, now: float) -> bool:
        """Tell whether it had its time of peace; what nobody judges ends so too."""
        last = max(self.failed_at, self.begun_at) if self.under_way else self.failed_at
        return now >= last + _PEACE_SECONDS


class _Table:
    """The entries of all names, or of all networks; the last failed one is the last."""

    @log
    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._entries: dict[str, _Entry] = {}

    @log
    def seconds_to_wait(self, key: str, now: float) -> float:
        """Return how long an attempt must wait; 0 if it may begin."""
        entry = self._entries.get(key)
        if entry is None:
            return 0.0
        if entry.is_over(now):
            del self._entries[key]
            return 0.0
        held = entry.failures + entry.under_way
        if entry.under_way and held >= self._rule.free:
            few = entry.failures < self._rule.free
            return _JUDGED_SECONDS if few else self._pause(held)
        return max(0.0, entry.failed_at + self._pause(held) - now)

    @log
    def begin(self, key: str, now: float) -> None:
        """Count an attempt that is under way."""
        entry = self._entries.get(key)
        if entry is None:
            self._forget(now)
            entry = self._entries[key] = _Entry()
        entry.under_way += 1
        entry.begun_at = now

    @log
    def end(self, key: str, now: float, *, failed: bool) -> None:
        """Count it no more as under way, but as a failure if it was one."""
        entry = self._entries.get(key)
        if entry is None:
            return  # judged after all that time
        entry.under_way = max(0, entry.under_way - 1)
        if failed:
            # One is forgotten for each longest pause without another, or the slips of
            # the many behind one address would add up for days.
            calm = min(now - entry.failed_at, _PEACE_SECONDS)
            old = int(calm // _LONGEST_PAUSE_SECONDS)
            entry.failures = max(0, entry.failures - old) + 1
            entry.failed_at = now
            self._entries[key] = self._entries.pop(key)
        elif not entry.failures and not entry.under_way:
            del self._entries[key]

    @log
    def forgive(self, key: str) -> None:
        """Hold no failure against it any more."""
        entry = self._entries.get(key)
        if entry is None:
            return
        entry.failures = 0
        entry.failed_at = -math.inf
        if not entry.under_way:
            del self._entries[key]

    @log
    def _pause(self, held: int) -> float:
        """Return the pause after so many failures."""
        beyond = held - self._rule.free
        if beyond < 0:
            return 0.0
        doublings = 1 << min(beyond, 20)  # a flood's number has no place in a power
        return min(self._rule.first_pause * doublings, _LONGEST_PAUSE_SECONDS)

    @log
    def _forget(self, now: float) -> None:
        """Drop what had its time of peace, and make room for one more entry.

        The oldest goes that keeps nobody waiting; where all do, the oldest.
        """
        entries = self._entries
        while entries:
            oldest = next(iter(entries))
            if not entries[oldest].is_over(now):
                break
            del entries[oldest]
        if len(entries) < _MOST_ENTRIES:
            return
        # Never empty: far fewer can be under way than there are entries.
        idle = [key for key, entry in entries.items() if not entry.under_way]
        quiet = (
            key
            for key in idle
            if now >= entries[key].failed_at + self._pause(entries[key].failures)
        )
        del entries[next(quiet, idle[0])]
