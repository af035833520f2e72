"""The demo's accounts: what was to arrive where, and what did. Pure counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from common.names import Name, RoomName
from decorators import log

__all__ = ["Delivery", "Summary", "Tally"]


class Delivery(NamedTuple):
    """One message as one recipient gets it; texts are numbered, so none is like it."""

    recipient: Name | str
    sender: Name | str
    to: Name | RoomName | str
    text: str


class Summary(NamedTuple):
    """What became of all messages. `strange` were never sent, or not so, or not there.

    `seconds` run from the first message sent to the last one delivered.
    """

    sent: int
    expected: int
    delivered: int
    duplicates: int
    strange: int
    seconds: float

    @property
    @log
    def lost(self) -> int:
        """How many deliveries did not come."""
        return self.expected - self.delivered

    @property
    @log
    def is_good(self) -> bool:
        """Tell whether everything arrived, once, as it was sent."""
        return self.sent > 0 and not (self.lost or self.duplicates or self.strange)

    @log
    def lines(self) -> list[str]:
        """Return the summary for people."""
        rate = self.sent / self.seconds if self.seconds else 0.0
        rows = [
            ("sent", f"{self.sent}"),
            ("delivered", f"{self.delivered} of {self.expected}"),
            ("lost", f"{self.lost}"),
            ("duplicates", f"{self.duplicates}"),
            ("time", f"{self.seconds:.1f} s"),
            ("messages per second", f"{rate:.1f}"),
        ]
        if self.strange:
            rows.insert(4, ("never sent like that", f"{self.strange}"))
        return [f"{name}: {value}" for name, value in rows]


class Tally:
    """Counts deliveries by their content."""

    @log
    def __init__(self) -> None:
        self._sent = 0
        self._expected: set[Delivery] = set()
        self._seen: Counter[Delivery] = Counter()
        self._missing = 0
        self._given_up: set[Delivery] = set()
        self._began: float | None = None
        self._ended = 0.0

    @log
    def expect(self, deliveries: Iterable[Delivery], now: float) -> None:
        """Note that one message is sent, and to whom it has to come."""
        new = set(deliveries) - self._expected
        self._sent += 1
        self._missing += len(new)
        self._expected |= new
        if self._began is None:
            self._began = self._ended = now

    @log
    def note(self, delivery: Delivery, now: float) -> None:
        """Note what somebody has got."""
        self._seen[delivery] += 1
        if delivery in self._expected:
            self._ended = now
            if self._seen[delivery] == 1 and delivery not in self._given_up:
                self._missing -= 1

    @log
    def give_up(self, sender: Name | str, to: Name | RoomName | str, text: str) -> None:
        """Wait no longer for a message that was refused; it stays lost."""
        for one in self._expected - self._given_up:
            if one[1:] == (sender, to, text) and not self._seen[one]:
                self._given_up.add(one)
                self._missing -= 1

    @property
    @log
    def is_complete(self) -> bool:
        """Tell whether nothing is missing that may still come."""
        return not self._missing

    @log
    def summary(self) -> Summary:
        """Return the counts up to now."""
        known = [n for one, n in self._seen.items() if one in self._expected]
        return Summary(
            self._sent,
            len(self._expected),
            len(known),
            sum(known) - len(known),
            self._seen.total() - sum(known),
            self._ended - self._began if self._began is not None else 0.0,
        )
