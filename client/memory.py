"""What a session remembers of its server from one connection to the next."""

from __future__ import annotations

from msgspec import UnsetType

from client.events import (
    CaughtUp,
    ConversationsListed,
    Event,
    HistoryListed,
    Kind,
    Registered,
    RequestDone,
    RequestFailed,
    RoomsListed,
    SearchDone,
)
from client.keeping import Kept
from client.rows import KeptMessage
from common.messages import UNSET, Message, SessionInfo
from common.names import fold
from decorators import log
from errors import TooLong

__all__ = ["Memory"]

# The digits of the largest number a request can have, which may still be missing
# from its line when its size is checked.
_ID_DIGITS = 16


class Memory:
    """The server's store and limits, the last message, and the rooms we are in.

    `since` is the last message id of `store` that we have, None where none is known;
    `newest` the largest of a message that was delivered.
    """

    @log
    def __init__(self, kept: Kept) -> None:
        """Begin with what was known when the client ran last."""
        self.store = kept.store
        self.since = kept.since
        self.newest = kept.newest
        self.guest = kept.guest
        self.keeps_history = False
        self.caught_up = False
        #: Messages that came since the sign-in and were said in our absence.
        self.missed = 0
        self._limits: dict[str, float] = {}
        self._rooms: dict[str, str] = {}
        self._unkept: list[KeptMessage] = []
        self._moved = False

    @log
    def learn(self, info: SessionInfo) -> bool:
        """Take what a welcome says; tell whether the server has begun anew since."""
        restarted = bool(self.store) and self.store != info.store
        if self.store != info.store:
            # Another space of ids, in which nothing of ours has a meaning.
            self.store, self.since, self.newest = info.store, None, 0
        if self.since is None:
            # Nothing is replayed, so what counts for us begins here.
            self.since, self._moved = info.last_id, True
        self.guest, self.keeps_history = info.guest, info.keeps_history
        self.caught_up, self.missed = False, 0
        self._limits = info.limits
        return restarted

    @property
    @log
    def is_missed(self) -> bool:
        """Tell whether what comes now was said while we were away."""
        return self.keeps_history and not self.caught_up

    @log
    def is_new(self, one: Message) -> bool:
        """Tell whether a delivered message is a new one, and remember it.

        Ids come in order within one store; without one nothing can be said.
        """
        message_id = one.message_id
        if message_id is UNSET:
            return True
        if self.since is not None and message_id <= self.since:
            return False
        self.newest = message_id
        self._move(message_id)
        row = KeptMessage(message_id, one.time, one.sender, one.to, one.text)
        self._unkept.append(row)
        return True

    @log
    def take_stored(self, row: KeptMessage) -> None:
        """Remember a message of ours that the server has stored.

        Before all that was missed has come, its id says nothing of what else we have.
        """
        self._unkept.append(row)
        if self.caught_up:
            self._move(row.message_id)

    @log
    def catch_up(self, last_id: int | UnsetType) -> CaughtUp:
        """Note that all up to `last_id` has come."""
        self.caught_up = True
        if last_id is not UNSET:
            self._move(last_id)
        return CaughtUp(self.since or 0, self.missed)

    @log
    def take_unkept(self) -> tuple[list[KeptMessage], bool]:
        """Return the messages to be kept, and whether `since` moved; forget both."""
        found = self._unkept, self._moved
        self._unkept, self._moved = [], False
        return found

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
    def leave(self, room: str) -> None:
        """Note that we are in a room no longer."""
        self._rooms.pop(fold(room), None)

    @log
    def note(self, event: Event) -> None:
        """Follow what we are and where, and keep the messages of lists."""
        match event:
            case Registered():
                self.guest = False
            case RequestDone(kind=Kind.JOIN, room=room):
                self._rooms[fold(room)] = room
            case (
                RequestDone(kind=Kind.LEAVE, room=room)
                | RequestFailed(kind=Kind.JOIN, room=room)
            ):
                self.leave(room)
            case RoomsListed(rooms=rooms):
                self._rooms = {fold(one.name): one.name for one in rooms if one.joined}
            case HistoryListed(messages=rows) | SearchDone(messages=rows):
                self._unkept += rows
            case ConversationsListed(rows=conversations):
                self._unkept += [one.last for one in conversations if one.last]

    @log
    def _move(self, message_id: int) -> None:
        """Let `since` be at least `message_id`."""
        if self.since is None or message_id > self.since:
            self.since, self._moved = message_id, True
