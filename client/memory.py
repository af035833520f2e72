"""What a session remembers of its server from one connection to the next."""

from __future__ import annotations

from msgspec import UnsetType

from client.events import Event, Kind, RequestDone, RequestFailed, RoomsListed
from common.messages import UNSET, SessionInfo
from common.names import fold
from decorators import log
from errors import TooLong

__all__ = ["Memory"]

# The digits of the largest number a request can have, which may still be missing
# from its line when its size is checked.
_ID_DIGITS = 16


class Memory:
    """The server's store and limits, the last message, and the rooms we are in."""

    @log
    def __init__(self) -> None:
        self.store = ""
        self._limits: dict[str, float] = {}
        self._last_message_id = 0
        self._rooms: dict[str, str] = {}

    @log
    def learn(self, info: SessionInfo) -> bool:
        """Take what a welcome says; tell whether the server has begun anew since."""
        restarted = bool(self.store) and self.store != info.store
        if self.store != info.store:
            # Another space of ids.
            self._last_message_id = 0
        self.store = info.store
        self._limits = info.limits
        return restarted

    @log
    def is_new(self, message_id: int | UnsetType) -> bool:
        """Tell whether a delivered message is a new one, and remember it.

        Ids come in order within one store; without one nothing can be said.
        """
        if message_id is UNSET:
            return True
        if message_id <= self._last_message_id:
            return False
        self._last_message_id = message_id
        return True

    @log
    def check_size(self, text: str, line: bytes) -> None:
        """Raise TooLong for what the server would refuse or close the connection for.

        Before the first welcome nothing is known, and everything passes.
        """
        longest = int(self._limits.get("text", 0))
        if longest and len(text.encode()) > longest:
            raise TooLong("the text", longest)
        largest = int(self._limits.get("object", 0))
        if largest and len(line) + _ID_DIGITS > largest:
            raise TooLong("the request", largest)

    @log
    def rooms(self) -> list[str]:
        """Return the rooms that we are in, as far as this session has seen."""
        return list(self._rooms.values())

    @log
    def note(self, event: Event) -> None:
        """Follow the rooms that we are in."""
        match event:
            case RequestDone(kind=Kind.JOIN, room=room):
                self._rooms[fold(room)] = room
            case RequestDone(room=room) | RequestFailed(kind=Kind.JOIN, room=room):
                self._rooms.pop(fold(room), None)
            case RoomsListed(rooms=rooms):
                self._rooms = {fold(one.name): one.name for one in rooms if one.joined}
