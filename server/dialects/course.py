"""How a course client is spoken to: its own keys, one object at a time, with pauses.

Those clients take one `recv(1024)` for one object: two objects in a read, or one that
is larger, kill them or are lost. So each object goes out alone, with a pause after it,
and long texts come in marked parts. Facts: jim.md, "What their sockets do".
"""

import functools
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from common.names import ALL, Name, is_room
from decorators import log
from server.dialects.course_words import ruling_in_words
from server.dialects.reading import Habits
from server.events import (
    Accepted,
    Delivery,
    Done,
    Goodbye,
    Notice,
    Outgoing,
    Refused,
    Ruling,
    UserList,
    Welcome,
)

__all__ = ["CourseVoice"]

_OBJECT_BYTES = 1000
_QUEUED_OBJECTS = 200
_PAUSE_SECONDS = 0.02
# Clients that ask for lists sleep a second between two reads.
_LONG_PAUSE_SECONDS = 1.05
_MARK_BYTES = len(" (999/999)")
_STEP_BYTES = 64
_SERVER = Name("server")

_encode = msgspec.json.Encoder().encode


class _Part(NamedTuple):
    """An object that waits: a message, or a part of one too long for an object.

    `message_id` stands with the last part only, and is 0 for a word of the server.
    """

    said: dict[str, Any]
    is_last: bool
    message_id: int


class CourseVoice:
    """What is to be said to one course client, and when.

    Answers overtake deliveries: the client waits for them, and only a second long.
    `written_id` is the last message that was handed out whole.
    """

    __slots__ = (
        "_answers",
        "_deliveries",
        "_habits",
        "_left_out",
        "_name",
        "_pause",
        "_sent_at",
        "confirms",
        "written_id",
    )

    @log
    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self._name = Name("")
        self._pause = _PAUSE_SECONDS
        self._sent_at = -_LONG_PAUSE_SECONDS  # long ago
        self._answers: deque[dict[str, Any]] = deque()
        self._deliveries: deque[_Part] = deque()
        self._left_out = 0
        self.confirms = False
        self.written_id = 0

    @log
    def learn(self, habits: Habits) -> None:
        """Speak in the keys that the client has just used."""
        self._habits = habits

    @log
    def slow_down(self) -> None:
        """Leave long pauses from now on: the client has asked for a list."""
        self._pause = _LONG_PAUSE_SECONDS

    @property
    @log
    def next_send_at(self) -> float | None:
        """When the next object may be sent; None if there is none."""
        if self._answers:
            return self._sent_at + _PAUSE_SECONDS
        return self._sent_at + self._pause if self._deliveries else None

    @property
    @log
    def backlog(self) -> int:
        """How many objects wait."""
        return len(self._answers) + len(self._deliveries)

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Queue what the client can understand; return what may be written now."""
        for event in events:
            self._queue(event, wall)
        while len(self._deliveries) > _QUEUED_OBJECTS:
            while not self._deliveries.popleft().is_last:
                pass  # a message is left out with all its parts
            self._left_out += 1
        while len(self._answers) > _QUEUED_OBJECTS:
            self._answers.popleft()  # nobody waits for it any more
        return self.data_to_send(now)

    @log
    def data_to_send(self, now: float) -> bytes:
        """Return the next object if its time has come, else nothing."""
        due = self.next_send_at
        if due is None or now < due:
            return b""
        self._sent_at = now
        return self._next_object()

    @log
    def data_at_once(self) -> bytes:
        """Return all that waits: the client turned out to read as it should."""
        waiting = []
        while self._answers or self._deliveries:
            waiting.append(self._next_object())
        return b"".join(waiting)

    @log
    def _next_object(self) -> bytes:
        if self._answers:
            return _encode(self._answers.popleft()) + b"\n"
        if self._left_out:
            text, self._left_out = f"({self._left_out} more messages)", 0
            time = self._deliveries[0].said["time"]
            return _encode(self._message(_SERVER, text, time)) + b"\n"
        part = self._deliveries.popleft()
        self.written_id = max(self.written_id, part.message_id)
        return _encode(part.said) + b"\n"

    @log
    def _queue(self, event: Outgoing, wall: float) -> None:
        if isinstance(event, Delivery):
            for message_id, text in enumerate(event.texts, event.first_id):
                named = f"[{event.to}] {text}" if is_room(event.to) else text
                self._add(event.sender, named, event.time, message_id)
        elif isinstance(event, Notice):
            self._add(_SERVER, event.text, wall, 0)
        elif isinstance(event, Welcome):
            self._name = event.name
            self._answers.append({"response": 200, "time": wall})
        elif isinstance(event, Accepted):
            if self.confirms:
                self._answers += [{"response": 200}] * event.count
        elif isinstance(event, Refused | Goodbye):
            error = _short(str(event.error))
            self._answers.append({"response": 400, "error": error, "time": wall})
        elif isinstance(event, UserList):
            names: list[str] = [entry.name for entry in event.entries]
            if not event.is_chosen:
                names.insert(0, ALL)  # the first, so that it always fits
            self._answers.append({"response": 202, "data_list": _fitting(names)})
        elif isinstance(event, Done):
            self._answers.append({"response": 200})
        elif isinstance(event, Ruling) and event.name == self._name:
            self._add(_SERVER, ruling_in_words(event), wall, 0)
        # All else (movements, receipts, probes) they could only take for an error.

    @log
    def _add(self, sender: Name, text: str, time: float, message_id: int) -> None:
        *others, last = self._parts(sender, text, time)
        self._deliveries += [_Part(said, False, 0) for said in others]
        self._deliveries.append(_Part(last, True, message_id))

    @log
    def _message(self, sender: Name, text: str, time: float) -> dict[str, Any]:
        habits = self._habits
        said: dict[str, Any] = {
            "action": habits.action,
            "time": time,
            habits.recipient: self._name,
            habits.text: text,
        }
        if habits.sender == "user":
            said["user"] = {"account_name": sender}
        else:
            said[habits.sender] = sender
        return said

    @log
    def _parts(self, sender: Name, text: str, time: float) -> list[dict[str, Any]]:
        """Return the text as one message, or as several marked ones that each fit."""
        whole = self._message(sender, text, time)
        if len(_encode(whole)) < _OBJECT_BYTES:
            return [whole]
        frame = len(_encode(self._message(sender, "", time)))
        room = _OBJECT_BYTES - frame - _MARK_BYTES
        # In steps, so that readers whose names differ in length share the cuts.
        pieces = _pieces(text, room // _STEP_BYTES * _STEP_BYTES)
        return [
            self._message(sender, f"{piece} ({number}/{len(pieces)})", time)
            for number, piece in enumerate(pieces, 1)
        ]


@functools.lru_cache(maxsize=8)  # the readers of a long text come one after the other
@log
def _pieces(text: str, room: int) -> tuple[str, ...]:
    """Cut `text` so that each piece takes at most `room` bytes in JSON."""
    pieces = []
    start = used = 0
    for position, character in enumerate(text):
        size = len(_encode(character)) - len('""')
        if used + size > room:
            pieces.append(text[start:position])
            start, used = position, 0
        used += size
    return (*pieces, text[start:])


@log
def _short(error: str) -> str:
    """Return a complaint as it is, or its beginning: it has to fit into one object."""
    room = _OBJECT_BYTES - len('{"response":400,"error":,"time":1234567890.1234567}\n')
    return error if len(_encode(error)) <= room else f"{_pieces(error, room - 9)[0]}…"


@log
def _fitting(names: list[str]) -> list[str]:
    """Return the first of the names, as many as fit into one object."""
    room = _OBJECT_BYTES - len('{"response":202,"data_list":[]}\n')
    fitting: list[str] = []
    for name in names:
        room -= len(_encode(name)) + 1
        if room < 0:
            break
        fitting.append(name)
    return fitting
