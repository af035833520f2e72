"""Rooms: who is in them, and when a room that nobody is in ends."""

from collections.abc import Iterator
from itertools import islice

from common.limits import Limits
from common.names import ALL, RoomName
from decorators import log
from server.people import Person
from server.register import Register
from server.shares import Shares

__all__ = ["MOST_TOLD_MEMBERS", "Room", "Rooms"]

#: Larger rooms do not tell of everybody's coming and going (jim.md).
MOST_TOLD_MEMBERS = 100


class Room:
    """A room; `members` keeps the order in which they came.

    `conversation` is its number in the store. One that an account made (`lasts`) stays
    when nobody is in it; `owner` is that account's number. It counts for its `makers`
    (`server.shares`). Where `access` is "invited"
    those enter whose numbers are in `permits`.
    """

    __slots__ = (
        "access",
        "conversation",
        "keep_bytes",
        "keep_days",
        "lasts",
        "log_label",
        "makers",
        "members",
        "name",
        "owner",
        "permits",
        "topic",
    )

    @log
    def __init__(
        self,
        name: RoomName,
        conversation: int,
        *,
        lasts: bool,
        owner: int | None = None,
        makers: tuple[int | str, ...] = (),
    ) -> None:
        self.name = name
        self.conversation = conversation
        self.lasts = lasts
        self.owner = owner
        self.makers = makers
        self.access = "open"
        self.topic = ""
        self.permits: set[int] = set()
        self.keep_days: float | None = None
        self.keep_bytes: int | None = None
        self.log_label = str(name)
        self.members: dict[Person, None] = {}

    @log
    def tells_movements(self) -> bool:
        """Tell whether members hear of each other's coming and going."""
        return self.name != ALL and len(self.members) <= MOST_TOLD_MEMBERS


class Rooms:
    """All rooms. `#all` exists from the start and everybody is in it."""

    all: Room

    @log
    def __init__(self, limits: Limits, empty_seconds: float) -> None:
        self._register: Register[Room] = Register()
        self.shares = Shares(limits)
        self._empty_seconds = empty_seconds
        self._empty: dict[Room, float] = {}
        self.by_conversation: dict[int, Room] = {}
        self.find = self._register.find

    @log
    def add(self, room: Room, now: float) -> None:
        """Take a room in that nobody is in yet; raises NameTaken for a look-alike."""
        self._register.add(room.name, room)
        self._take_in(room, now)

    @log
    def put_back(self, room: Room, now: float) -> None:
        """Take in a room of before the start, whatever others look like."""
        self._register.put_back(room.name, room)
        self._take_in(room, now)

    @log
    def _take_in(self, room: Room, now: float) -> None:
        self.by_conversation[room.conversation] = room
        self.shares.add(room.makers)
        if room.name == ALL:
            self.all = room
        elif not room.lasts:
            self._empty[room] = now + self._empty_seconds

    @log
    def enter(self, room: Room, person: Person) -> None:
        """Make `person` a member."""
        room.members[person] = None
        person.rooms.append(room)
        self._empty.pop(room, None)

    @log
    def leave(self, room: Room, person: Person, now: float) -> None:
        """End a membership; an empty room ends a while after."""
        del room.members[person]
        person.rooms.remove(room)
        if not (room.members or room.lasts or room is self.all):
            self._empty[room] = now + self._empty_seconds

    @log
    def remove(self, room: Room) -> None:
        """End a room that nobody is in."""
        self._empty.pop(room, None)
        self._register.remove(room.name)
        self.shares.remove(room.makers)
        del self.by_conversation[room.conversation]

    @log
    def expire(self, now: float, most: int) -> list[Room]:
        """End rooms that were empty for too long, up to `most`; return them."""
        over = (room for room, until in self._empty.items() if until <= now)
        ended = list(islice(over, most))
        for room in ended:
            self.remove(room)
        return ended

    @log
    def after(self, name: str | None) -> Iterator[Room]:
        """Return the rooms in the order of their names, from behind `name`."""
        return self._register.after(name)
