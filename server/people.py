"""Who is here: persons, their devices and sessions, and guests whose name waits."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from common.names import RESERVED, Label, Name
from decorators import log
from errors import AlreadySettled, BadRequest, NameTaken
from server.events import Outgoing, Secret
from server.register import Register

if TYPE_CHECKING:
    from server.rooms import Room

__all__ = [
    "HIGHEST_NUMBER",
    "REMEMBERED",
    "Device",
    "People",
    "Person",
    "Session",
]

#: How many of a device's last numbers are remembered one by one (jim.md).
REMEMBERED = 1000
#: Message ids and numbers must survive readers that hold numbers as doubles.
HIGHEST_NUMBER = 2**53 - 1


class Device:
    """What is settled of the messages that one client numbered."""

    __slots__ = ("_refused", "_stored", "id", "settled")

    @log
    def __init__(self, device_id: "Secret | None") -> None:
        self.id = device_id
        self.settled = 0
        # Made when first needed: most connections are idle.
        self._stored: deque[tuple[int, int]] | None = None
        self._refused: set[int] | None = None

    @log
    def store(self, numbers: list[int], first_id: int) -> None:
        """Settle ascending new numbers as stored, under `first_id` and what follows."""
        if self._stored is None:
            self._stored = deque(maxlen=REMEMBERED)
        ids = range(first_id, first_id + len(numbers))
        self._stored.extend(zip(numbers, ids, strict=True))
        self.settled = numbers[-1]

    @log
    def refuse(self, number: int) -> None:
        """Settle a new number as refused; an old or a wrong one changes nothing."""
        if not self.settled < number <= HIGHEST_NUMBER:
            return
        oldest = number - REMEMBERED
        self._refused = {kept for kept in self._refused or () if kept > oldest}
        self._refused.add(number)
        self.settled = number

    @log
    def refused(self) -> list[int]:
        """Return which of the last numbers were refused."""
        oldest = self.settled - REMEMBERED
        return sorted(number for number in self._refused or () if number > oldest)

    @log
    def stored_before(self, number: int) -> tuple[int | None] | None:
        """Tell whether `number` is stored: None if it is new, else its id if known.

        Raises AlreadySettled for a refused one, BadRequest for one too old to know.
        """
        if not 0 < number <= HIGHEST_NUMBER:
            raise BadRequest("the id of a message counts up from 1")
        if number > self.settled:
            return None
        if number <= self.settled - REMEMBERED:
            raise BadRequest(f"the id is more than {REMEMBERED} below the last one")
        if self._refused and number in self._refused:
            raise AlreadySettled(number)
        known = (found for kept, found in self._stored or () if kept == number)
        return (next(known, None),)


class Session:
    """One connection's side in the hub. `outbox` is what this turn has for it."""

    __slots__ = (
        "connection",
        "device",
        "ended",
        "faults",
        "log_label",
        "outbox",
        "person",
        "status",
    )

    @log
    def __init__(self, connection: Any, label: Label) -> None:
        self.connection = connection  # the loop's own; the hub never looks into it
        self.log_label = label
        self.person: Person | None = None
        self.device: Device | None = None
        self.status = ""
        self.outbox: list[Outgoing] = []
        self.faults = 0
        self.ended = False


class Person:
    """A name and what belongs to it. `number` is its identity: names come again."""

    __slots__ = ("device", "log_label", "name", "number", "rooms", "sessions")

    @log
    def __init__(self, number: int, name: Name, device: Device) -> None:
        self.number = number
        self.name = name
        self.log_label = f"{number} {name}"
        self.device = device
        self.sessions: list[Session] = []
        self.rooms: list[Room] = []


class People:
    """All persons: those with a session, and guests whose name is kept a while."""

    @log
    def __init__(self, kept_seconds: float) -> None:
        self._register: Register[Person] = Register(RESERVED)
        self._kept: dict[Person, float] = {}
        self._kept_seconds = kept_seconds
        self._last_number = 0
        self.find = self._register.find
        self.by_spelling = self._register.by_spelling

    @log
    def claim(self, name: Name, device_id: "Secret | None") -> Person:
        """Return the person of `name` for this device, a new one if the name is free.

        Raises NameTaken when it, or one that looks like it, is somebody else's.
        """
        person = self._register.find(name)
        if person is None:
            self._last_number += 1
            person = Person(self._last_number, name, Device(device_id))
            self._register.add(name, person)
        elif device_id is None or person.device.id != device_id:
            raise NameTaken(name)
        self._kept.pop(person, None)
        return person

    @log
    def keep(self, person: Person, now: float) -> bool:
        """Keep a guest who has no session any more; False if its name is free now."""
        if person.device.id is None or not self._kept_seconds:
            return False
        self._kept[person] = now + self._kept_seconds
        return True

    @log
    def forget(self, person: Person) -> None:
        """Free the person's name for good."""
        self._kept.pop(person, None)
        self._register.remove(person.name)

    @log
    def overdue(self, now: float) -> list[Person]:
        """Return the guests whose time to come back is over."""
        # All wait equally long, so they stand in the order in which they are due.
        due = []
        for person, until in self._kept.items():
            if until > now:
                break
            due.append(person)
        return due

    @log
    def after(self, name: str | None) -> Iterator[Person]:
        """Return the persons in the order of their names, from behind `name`."""
        return self._register.after(name)


@log
def page(items: Iterable[Any], limit: int) -> tuple[list[Any], bool]:
    """Return up to `limit` items and whether more follow."""
    rows = list(islice(items, limit + 1))
    return rows[:limit], len(rows) > limit
