"""Was every promise kept? A pure look at what each device sent, was told and received.

A device's texts tell who said them under which number (`bench.numbered`), so a loss, a
double, a swap or an altered text is seen without asking the server. What was never
acknowledged may have been stored or not; but once one device has it, all must.
"""

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from bench.numbered import MARK, text_of

__all__ = ["Breach", "Promise", "Received", "Record", "counts", "judge", "message_of"]


class Promise(enum.Enum):
    """What may not happen."""

    LOST = "lost"
    DOUBLED = "doubled"
    DISORDERED = "out of order"
    STRANGE = "altered or misled"
    LEAKED = "refused, yet received"
    UNANSWERED = "unanswered"
    REFUSED = "refused without cause"
    FILE = "wrong in the file"
    UNTOLD = "ended without a reason"
    DEAR = "too dear for others"


class Breach(NamedTuple):
    """A promise that was broken to a device; `what` is a sentence."""

    promise: Promise
    device: str
    what: str


class Received(NamedTuple):
    """A message as a device got it."""

    text: str
    to: str
    message_id: int


class Record:
    """What one device of a person did: what it sent and was told, what it received.

    `sent` are its numbers and whom they went to, `owed` those that must not be
    forgotten whoever is killed. `stored` and `refused` are answers in the order in
    which they came; the id of a stored message is None where it wasn't told.
    """

    def __init__(self, device: str, person: str, rooms: Iterable[str] = ()) -> None:
        self.device = device
        self.person = person
        self.rooms = frozenset(rooms)
        self.sent: dict[int, str] = {}
        self.owed: set[int] = set()
        self.stored: list[tuple[int, int | None]] = []
        self.refused: list[tuple[int, str]] = []
        self.received: list[Received] = []

    def send(self, number: int, to: str) -> None:
        """Note that a message is about to be sent."""
        self.sent[number] = to

    def owe(self, number: int) -> None:
        """Note that a message is sent, or waits for that."""
        self.owed.add(number)

    def store(self, number: int, message_id: int | None) -> None:
        """Note that a message was acknowledged."""
        self.stored.append((number, message_id))

    def refuse(self, number: int, reason: str) -> None:
        """Note that a message was refused."""
        self.refused.append((number, reason))

    def receive(self, one: Received) -> None:
        """Note what came."""
        self.received.append(one)


class _Message(NamedTuple):
    device: str
    number: int


def message_of(text: str) -> _Message | None:
    """Return whose message a text is, None for one that nobody says in this form."""
    found = MARK.match(text.encode())
    if found is None:
        return None
    message = _Message(found[1].decode(), int(found[2]))
    return message if text_of(*message) == text else None


def judge(
    records: Sequence[Record], *, causes: tuple[str, ...] = (), may_die: bool = False
) -> list[Breach]:
    """Return every breach that the records of all devices show.

    Reasons that begin with one of `causes` are allowed. Where senders `may_die`
    their answers need not be in the records, but all that is owed must have come.
    """
    court = _Court(records)
    for record in records:
        court.hear_sender(record, causes, may_die)
    for record in records:
        court.hear_reader(record)
    court.miss()
    return court.breaches


def counts(breaches: Iterable[Breach]) -> Counter[Promise]:
    """Return how often each promise was broken."""
    return Counter(breach.promise for breach in breaches)


class _Court:
    """All that is known of the messages while records are heard."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.breaches: list[Breach] = []
        self._records = {record.device: record for record in records}
        self._rooms: defaultdict[str, list[Record]] = defaultdict(list)
        self._people: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            self._people[record.person].append(record)
            for room in record.rooms:
                self._rooms[room].append(record)
        self._ids: dict[_Message, int] = {}
        self._messages: dict[int, _Message] = {}
        self._told: dict[_Message, str] = {}  # who was told that it is stored
        self._refused: set[_Message] = set()
        self._readers: defaultdict[_Message, set[str]] = defaultdict(set)

    def hear_sender(
        self, record: Record, causes: tuple[str, ...], may_die: bool
    ) -> None:
        """Take what a device was told of its own messages."""
        device = record.device
        answered = Counter(number for number, _ in record.stored)
        answered.update(number for number, _ in record.refused)
        for number in record.owed:
            if answered[number]:
                continue
            if may_die:
                self._told[_Message(device, number)] = "sent"
            else:
                self._blame(Promise.UNANSWERED, device, f"its {number} has no answer")
        for number, times in answered.items():
            if number not in record.sent:
                self._blame(Promise.STRANGE, device, f"it never sent its {number}")
            if times > 1:
                self._blame(
                    Promise.DOUBLED, device, f"its {number} was answered {times} times"
                )
        for number, reason in record.refused:
            self._refused.add(_Message(device, number))
            if not reason.startswith(causes):
                self._blame(
                    Promise.REFUSED, device, f"its {number} was refused: {reason}"
                )
        for number, message_id in record.stored:
            message = _Message(device, number)
            self._told[message] = "acknowledged"
            if message_id is not None:
                self._identify(device, message, message_id)
        self._check_own_order(record)

    def _check_own_order(self, record: Record) -> None:
        known = sorted((n, one) for n, one in record.stored if one is not None)
        for (number, first), (_, second) in pairwise(known):
            if second <= first:
                what = f"what it sent after its {number} was stored before it"
                self._blame(Promise.DISORDERED, record.device, what)

    def hear_reader(self, record: Record) -> None:
        """Take what a device received, in its order."""
        last_id = 0
        last_of: Counter[str] = Counter()
        device = record.device
        for one in record.received:
            message = message_of(one.text)
            if message is None or not self._is_due(message, record, one.to):
                what = f"it got {one.message_id} {one.text[:40]!r} for {one.to}"
                self._blame(Promise.STRANGE, device, what)
                continue
            name = f"{message.device}'s {message.number}"
            if device in self._readers[message]:
                what = f"it got {name} again, as {one.message_id}"
                self._blame(Promise.DOUBLED, device, what)
                continue
            self._readers[message].add(device)
            self._told.setdefault(message, f"received by {device}")
            if message in self._refused:
                self._blame(Promise.LEAKED, device, f"it got {name}, which was refused")
            self._identify(device, message, one.message_id)
            if one.message_id <= last_id or message.number <= last_of[message.device]:
                what = f"it got {name} ({one.message_id}) behind {last_id}"
                self._blame(Promise.DISORDERED, device, what)
            last_id = max(last_id, one.message_id)
            last_of[message.device] = max(last_of[message.device], message.number)

    def miss(self) -> None:
        """Find what did not come to everybody who should have it."""
        for message, told in self._told.items():
            sender = self._records.get(message.device)
            to = sender.sent.get(message.number) if sender else None
            if sender is None or to is None or message in self._refused:
                continue
            for record in self._due(sender, to):
                if record.device not in self._readers[message]:
                    what = f"{message.device}'s {message.number} to {to}, {told}"
                    self._blame(Promise.LOST, record.device, f"it has not got {what}")

    def _due(self, sender: Record, to: str) -> Iterator[Record]:
        """Yield the devices that should get what a device says to somebody."""
        if to.startswith("#"):
            due = self._rooms[to]
        else:
            due = self._people[to] + self._people[sender.person]
        return (record for record in due if record is not sender)

    def _is_due(self, message: _Message, record: Record, to: str) -> bool:
        """Tell whether a device should get a message, and as one for `to`."""
        sender = self._records.get(message.device)
        if sender is None or sender is record or sender.sent.get(message.number) != to:
            return False
        if to.startswith("#"):
            return to in record.rooms
        return record.person in (to, sender.person)

    def _identify(self, device: str, message: _Message, message_id: int) -> None:
        """One message has one id, everywhere."""
        known = self._ids.setdefault(message, message_id)
        owner = self._messages.setdefault(message_id, message)
        if known != message_id or owner != message:
            name = f"{message.device}'s {message.number}"
            what = f"{name} is {known} and {message_id}, which is {owner.device}'s"
            self._blame(Promise.STRANGE, device, f"{what} {owner.number}")

    def _blame(self, promise: Promise, device: str, what: str) -> None:
        self.breaches.append(Breach(promise, device, what))
