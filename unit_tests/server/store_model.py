"""A small model of what a server must keep: people, devices, rooms, messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from unit_tests.server.people_of_a_hub import Somebody

__all__ = ["KEPT", "Device", "Message", "Model", "Person", "Place", "Room", "Row"]

#: Seconds that a guest's name and an empty room wait.
KEPT = 900.0
#: Id, sender, addressee and text.
Row = tuple[int, str, str, str]


@dataclass(eq=False)
class Room:
    """A room, from its making to its end; `members` know since which message."""

    name: str
    lasts: bool = True
    empty_at: float = 0.0
    members: dict["Person", int] = field(default_factory=dict)


@dataclass(eq=False)
class Device:
    """What a device has, and what the server must know of its numbers.

    `settled` says under which id a number is stored, None where it was refused; of
    those in `known` the server still knows the id.
    """

    since: int = 0
    had: list[int] = field(default_factory=list)
    settled: dict[int, int | None] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    client: Somebody | None = None

    @property
    def highest(self) -> int:
        return max(self.settled, default=0)

    def refused(self) -> list[int]:
        return sorted(one for one, stored in self.settled.items() if stored is None)


@dataclass(eq=False)
class Person:
    """An identity; its name may be another one's later."""

    name: str
    is_account: bool = False
    gone_at: float = 0.0
    devices: dict[str | None, Device] = field(default_factory=dict)
    read: dict["Place", int] = field(default_factory=dict)

    @property
    def is_here(self) -> bool:
        return any(device.client for device in self.devices.values())


#: Where something is said: in a room, or between two people (or with oneself).
Place = Room | frozenset[Person]


@dataclass(frozen=True)
class Message:
    """A stored message."""

    id: int
    place: Place
    sender: Person
    to: str
    text: str
    device: Device
    number: int | None

    def row(self) -> Row:
        return self.id, self.sender.name, self.to, self.text


class Model:
    """What must be so. `now` is the world's time, `last_id` the last stored message."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.people: dict[str, Person] = {}
        self.rooms = {"#all": Room("#all")}
        self.messages: list[Message] = []
        self.last_id = 0

    def here(self) -> Iterator[tuple[Person, Device, Somebody]]:
        for person in self.people.values():
            for device in person.devices.values():
                if device.client is not None:
                    yield person, device, device.client

    def enter(self, room: Room, person: Person) -> None:
        room.members.setdefault(person, self.last_id)

    def leave(self, room: Room, person: Person) -> None:
        if room.members.pop(person, None) is not None:
            room.empty_at = self.now

    def forget(self, person: Person) -> None:
        """Somebody is gone for good."""
        del self.people[person.name]
        for room in self.rooms.values():
            self.leave(room, person)

    def part(self, person: Person, device: Device) -> None:
        """A client is gone."""
        device.client = None
        if person.is_account or person.is_here:
            return
        person.gone_at = self.now
        if None in person.devices:
            self.forget(person)

    def pass_time(self, now: float) -> None:
        self.now = now
        for person in [*self.people.values()]:
            away = not (person.is_account or person.is_here)
            if away and person.gone_at + KEPT <= now:
                self.forget(person)
        for room in [*self.rooms.values()]:
            if not (room.members or room.lasts) and room.empty_at + KEPT <= now:
                del self.rooms[room.name]

    def start_again(self) -> None:
        """The server has ended, whatever the way, and was started."""
        for person, device, _ in [*self.here()]:
            self.part(person, device)
        for person in self.people.values():
            for device in person.devices.values():
                device.known.clear()
        for room in self.rooms.values():
            if not room.members:
                room.empty_at = self.now

    def may_see(self, person: Person, message: Message) -> bool:
        """Tell whether a message is one of those that somebody must get."""
        if isinstance(message.place, Room):
            return message.id > message.place.members.get(person, message.id)
        return person in message.place

    def missed(self, person: Person, device: Device) -> list[Message]:
        """Return what a device must be fed."""
        return [
            one
            for one in self.messages
            if one.id > device.since and self.may_see(person, one)
        ]

    def code_of(self, person: Person, to: str) -> int:
        """Return how a message must be answered."""
        if to.startswith("#"):
            room = self.rooms.get(to)
            if room is None:
                return 404
            return 200 if person in room.members else 403
        target = self.people.get(to)
        if target is None:
            return 404
        return 200 if target.is_here else 202

    def place_of(self, person: Person, to: str) -> Place:
        if to.startswith("#"):
            return self.rooms[to]
        return frozenset({person, self.people[to]})

    def conversations(self, person: Person) -> list[tuple[str, int, int, int]]:
        """Return name, last message, unread and read of each, the newest first."""
        found: dict[Place, list[Message]] = {}
        for message in self.messages:
            if self.may_see(person, message):
                found.setdefault(message.place, []).append(message)
        rows = []
        for place, messages in found.items():
            if isinstance(place, Room):
                name = place.name
            else:
                (other,) = place - {person} or {person}
                name = other.name
            read = person.read.get(place, 0)
            unread = sum(one.id > read and one.sender is not person for one in messages)
            rows.append((name, messages[-1].id, unread, read))
        return sorted(rows, key=lambda row: -row[1])
