"""How a course client is spoken to: its own keys, one object at a time, with pauses.

Those clients take one `recv(1024)` for one object: two objects in a read, or one that
is larger, kill them or are lost. So each object goes out alone, with a pause after it,
and long texts come in marked parts. One that has not spoken yet hears each message in
all keys at once. Facts: jim.md, "What their sockets do".
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from common.names import ALL, Name, fold, is_room
from decorators import log
from server.dialects.course_objects import (
    encoded,
    fitting,
    message,
    parts,
    shortened,
)
from server.dialects.course_words import LastWords, ruling_in_words
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

_QUEUED_OBJECTS = 200
_PAUSE_SECONDS = 0.02
# Clients that ask for lists sleep a second between two reads.
_LONG_PAUSE_SECONDS = 1.05
_SERVER = Name("server")


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
        "_called",
        "_deliveries",
        "_habits",
        "_has_spoken",
        "_left_out",
        "_name",
        "_pause",
        "_sent_at",
        "_spelled",
        "_words",
        "confirms",
        "written_id",
    )

    @log
    def __init__(self, habits: Habits, words: LastWords) -> None:
        self._habits = habits
        self._has_spoken = False
        self._words = words
        self._name = Name("")
        self._called = ""  # what it signs in as
        self._spelled = ""  # the same name as the client spells it
        self._pause = _PAUSE_SECONDS
        self._sent_at = -_LONG_PAUSE_SECONDS  # long ago
        self._answers: deque[dict[str, Any]] = deque()
        self._deliveries: deque[_Part] = deque()
        self._left_out = 0
        self.confirms = False
        self.written_id = 0

    @log
    def call(self, name: str) -> None:
        """Take down the name that the client gives itself, if it gets in with it."""
        # Not a Name for the log: it may be a password in the wrong field.
        self._called = name

    @log
    def learn(self, habits: Habits) -> None:
        """Speak in the keys that the client has just used."""
        self._habits = habits
        self._has_spoken = True
        if self._name:
            self._words.note(self._name, habits.action)

    @log
    def _enter(self, name: Name) -> None:
        """Take note of who the client is: it shows only what is for its own spelling.

        A name that was refused in between is not its name.
        """
        self._name = name
        self._spelled = self._called if fold(self._called) == fold(name) else name
        if self._has_spoken:
            self._words.note(name, self._habits.action)
        else:
            word = self._words.of(name) or self._habits.action
            self._habits = self._habits._replace(action=word)

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
    def take(self, events: Sequence[Outgoing], wall: float) -> None:
        """Queue what the client can understand."""
        for event in events:
            self._queue(event, wall)
        while len(self._deliveries) > _QUEUED_OBJECTS:
            while not self._deliveries.popleft().is_last:
                pass  # a message is left out with all its parts
            self._left_out += 1
        while len(self._answers) > _QUEUED_OBJECTS:
            self._answers.popleft()  # nobody waits for it any more

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
            return encoded(self._answers.popleft())
        if self._left_out:
            text, self._left_out = f"({self._left_out} more messages)", 0
            time = self._deliveries[0].said["time"]
            return encoded(message(self._habits, _SERVER, self._spelled, text, time))
        part = self._deliveries.popleft()
        self.written_id = max(self.written_id, part.message_id)
        return encoded(part.said)

    @log
    def _queue(self, event: Outgoing, wall: float) -> None:
        if isinstance(event, Delivery):
            # Also of what it has itself said elsewhere, to somebody else.
            is_marked = is_room(event.to) or event.sender == self._name != event.to
            mark = f"[{event.to}] " if is_marked else ""
            for message_id, text in enumerate(event.texts, event.first_id):
                self._add(event.sender, mark + text, event.time, message_id)
        elif isinstance(event, Notice):
            self._add(_SERVER, event.text, wall, 0)
        elif isinstance(event, Welcome):
            self._enter(event.name)
            alert = f"signed in as {event.name}"
            self._answers.append({"response": 200, "time": wall, "alert": alert})
        elif isinstance(event, Accepted):
            if self.confirms:
                self._answers += [{"response": 200}] * event.count
        elif isinstance(event, Refused | Goodbye):
            error = shortened(str(event.error))
            self._answers.append({"response": 400, "error": error, "time": wall})
        elif isinstance(event, UserList):
            names = [self._spelling_of(entry.name) for entry in event.entries]
            if not event.is_chosen:
                names.insert(0, ALL)  # the first, so that it always fits
            self._answers.append({"response": 202, "data_list": fitting(names)})
        elif isinstance(event, Done):
            self._answers.append({"response": 200})
        elif isinstance(event, Ruling) and event.name == self._name:
            self._add(_SERVER, ruling_in_words(event), wall, 0)
        # All else (movements, receipts, probes) they could only take for an error.

    @log
    def _add(self, sender: Name, text: str, time: float, message_id: int) -> None:
        *others, last = parts(self._habits, sender, self._spelled, text, time)
        self._deliveries += [_Part(said, False, 0) for said in others]
        self._deliveries.append(_Part(last, True, message_id))

    @log
    def _spelling_of(self, name: Name) -> str:
        return self._spelled if name == self._name else name
