"""The names a person has met in this run, so that they can be completed."""

from __future__ import annotations

from collections.abc import Iterable

from client.events import (
    ConversationsListed,
    Event,
    HistoryListed,
    MessageReceived,
    MessageSent,
    Movement,
    RequestDone,
    RoomsListed,
    UsersListed,
)
from client.events_rules import ContactNews, PeopleListed, RoomNews, Ruling
from common.names import fold, is_room
from decorators import log

__all__ = ["KnownNames"]

# Past it the ones not met for longest go.
_MOST_KNOWN = 2_000


class KnownNames:
    """People and rooms, the latest met first."""

    @log
    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    @log
    def note(self, event: Event) -> None:
        """Remember the names that an event brings."""
        self.add(_names_in(event))

    @log
    def add(self, names: Iterable[str]) -> None:
        """Remember names, the latest met last."""
        for name in names:
            key = fold(name)
            self._names.pop(key, None)
            self._names[key] = name
        while len(self._names) > _MOST_KNOWN:
            del self._names[next(iter(self._names))]

    @log
    def knows(self, name: str) -> bool:
        """Tell whether somebody or a room of this name was met."""
        return fold(name) in self._names

    @log
    def beginning_with(self, beginning: str) -> list[str]:
        """Return the people and rooms that begin so, without regard to case."""
        wanted = fold(beginning)
        return [
            name
            for key, name in reversed(self._names.items())
            if key.startswith(wanted)
        ]

    @log
    def people_beginning_with(self, beginning: str) -> list[str]:
        """Return the people alone."""
        return [one for one in self.beginning_with(beginning) if not is_room(one)]

    @log
    def rooms_beginning_with(self, beginning: str) -> list[str]:
        """Return the rooms alone."""
        return [one for one in self.beginning_with(beginning) if is_room(one)]


@log
def _names_in(event: Event) -> list[str]:
    match event:
        case MessageReceived(sender=sender, to=to):
            return [to, sender] if is_room(to) else [sender]
        case MessageSent(to=to):
            return [to]
        case Movement(name=name):
            return [name]
        case RequestDone(room=room) | RoomNews(room=room):
            return [room]
        case Ruling(name=name, room=room):
            return [room, name] if room else [name]
        case ContactNews(name=name):
            return [name]
        case PeopleListed(people=people):
            return [one.name for one in people]
        case UsersListed(users=users):
            return [one.name for one in users]
        case RoomsListed(rooms=rooms):
            return [one.name for one in rooms]
        case HistoryListed(whom=whom, messages=messages) if messages:
            return [whom]
        case ConversationsListed(rows=rows):
            return [one.whom for one in reversed(rows)]
    return []
