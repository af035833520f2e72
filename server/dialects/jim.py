"""JIM: objects of both vocabularies to events, and events to canonical objects.

Reading has two ways. Whole lines of plain canonical messages, what a busy client
sends, are decoded by one call for all of them. Everything else goes object by object
through `requests.py`, which says exactly what is wrong. Both give the same events.

A session that began with a presence as the course knows it is spoken to by `course.py`
until it says something canonical.
"""

from collections.abc import Iterable, Sequence
from itertools import count, groupby, repeat
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import Struct

from common.framing import Broken, Flaw, ObjectSplitter
from common.limits import Limits
from common.messages import UNSET, Message, Stored
from decorators import log
from errors import BadRequest, RequestError, TooLong
from server.dialects.base import BaseDialect
from server.dialects.canonical import encode_event
from server.dialects.course import CourseVoice
from server.dialects.course_words import LastWords
from server.dialects.reading import Habits, Reading
from server.dialects.requests import read_request
from server.dialects.requests_messages import EVERYBODY
from server.events import (
    Accepted,
    Authenticate,
    Delivery,
    Event,
    Faulty,
    ListContacts,
    ListUsers,
    Movement,
    Outgoing,
    PresenceTold,
    RoomChanged,
    Ruling,
    Said,
    SignIn,
)

__all__ = ["JimDialect"]

_ToldToMany = Movement | Ruling | RoomChanged | PresenceTold
FORM = "jim"  # the key of the `forms` of an event that many get
# What a message without an id has: action, time, to, from, encoding, message.
_KEYS = 6
# Read one by one, an object costs ten times what one of a run does: so many a turn.
_MOST_OBJECTS = 32


class _Nothing(Struct, tag="", tag_field="action"):
    """What no object can be: a decoder of one kind only would not ask for `action`."""

    never: Annotated[int, msgspec.Meta(ge=1, le=0)]


_decode_lines = msgspec.json.Decoder(Message | _Nothing).decode_lines
_encode_lines = msgspec.json.Encoder().encode_lines
_addressee = attrgetter("to")


class JimDialect(BaseDialect):
    """One connection that speaks JIM; `words` are those that all of them have used."""

    __slots__ = (
        "_carried",
        "_carried_id",
        "_course",
        "_is_canonical",
        "_limits",
        "_splitter",
        "_words",
    )

    @log
    def __init__(self, limits: Limits, words: LastWords | None = None) -> None:
        super().__init__()
        self._limits = limits
        self._words = words or LastWords()
        self._splitter = ObjectSplitter(limits.object_bytes, limits.nesting_levels)
        self._course: CourseVoice | None = None
        self._is_canonical = False
        self._carried = b""  # what a course session was still owed
        self._carried_id = 0  # the last message in it
        self.answers_probes = True

    # -------------------------------------------------------------- reading

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; return the events it completes, in order."""
        events: list[Event] = []
        splitter = self._splitter
        if not splitter.idle:
            # End the object under way, so that whole lines may follow.
            cut = data.find(b"\n") + 1 or len(data)
            self._read_objects(data[:cut], events)
            data = data[cut:]
        cut = data.rfind(b"\n") + 1
        if cut and self._course is None and splitter.idle:
            lines = data[:cut]
            if not self._read_messages(lines, events):
                self._read_objects(lines, events)
            data = data[cut:]
        if data:
            self._read_objects(data, events)
        self.has_unread = splitter.has_more
        return events

    @log
    def _read_messages(self, lines: bytes, events: list[Event]) -> bool:
        """Read lines that are all plain messages; False if any is something else."""
        limit = self._limits.object_bytes
        if limit and len(lines) > limit:
            return False  # one of them may be too long
        try:
            run: list[Any] = _decode_lines(lines)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        texts = [message.text for message in run]
        own_numbers: list[Any] = [message.id for message in run]
        unnumbered = own_numbers.count(UNSET)
        if 0 < unnumbered < len(run):
            return False
        numbers = None if unnumbered else own_numbers
        # One colon a key, none for a second key of that name or an unknown one. Texts
        # have colons too; with escapes about, their number in the raw bytes is unsure.
        colons = lines.count(b":") - len(run) * (_KEYS + (numbers is not None))
        if colons and (b"\\" in lines or colons != "".join(texts).count(":")):
            return False
        addressees = [message.to for message in run]
        if numbers:
            self._is_canonical = True
        elif any(to.strip().casefold() in EVERYBODY for to in set(addressees)):
            return False  # they mean #all
        if len(set(addressees)) == 1:
            events.append(Said(addressees[0], texts, numbers))
            return True
        for to, stretch in groupby(run, _addressee):
            part = list(stretch)
            own: Any = None if numbers is None else [message.id for message in part]
            events.append(Said(to, [message.text for message in part], own))
        return True

    @log
    def _read_objects(self, data: bytes, events: list[Event]) -> None:
        for found in self._splitter.receive_data(data, _MOST_OBJECTS):
            if isinstance(found, Broken):
                events.append(Faulty(self._error(found), fatal=found.fatal))
            else:
                reading = read_request(found)
                self._follow(reading)
                events.append(reading.event)

    @log
    def _error(self, broken: Broken) -> RequestError:
        if broken.flaw is Flaw.TOO_LONG:
            return TooLong("the object", self._limits.object_bytes)
        return BadRequest(broken.flaw.value)

    @log
    def _follow(self, reading: Reading) -> None:
        """Speak as the peer speaks: like the course from a course presence on.

        Once it has said something canonical it is canonical for good: its answer to a
        probe may well look like a course presence.
        """
        if reading.canonical:
            self._is_canonical = True
            self._leave_course()
        elif self._is_canonical:
            return
        elif isinstance(reading.event, SignIn | Authenticate):
            # The one that speaks already has objects waiting.
            if self._course is None:
                self._course = CourseVoice(reading.habits or Habits(), self._words)
            self._course.call(reading.event.name)
            self._course.confirms = reading.has_pubkey
            self.answers_probes = False
        elif self._course is not None:
            if reading.habits is not None:
                self._course.learn(reading.habits)
            if isinstance(reading.event, ListUsers | ListContacts):
                self._course.slow_down()

    @log
    def _leave_course(self) -> None:
        if self._course is not None:
            self._carried = self._course.data_at_once()
            self._carried_id = self._course.written_id
            self._course = None
            self.answers_probes = True
            self.next_send_at = None
            self.backlog = 0

    # -------------------------------------------------------------- writing

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Take events for the peer; return what may be written now."""
        course = self._course
        if course is not None:
            course.take(events, wall)
            self._follow_course(course)
            return b""
        out = []
        if self._carried:
            out.append(self._carried)
            self._carried = b""
            self.written_id = self._carried_id
        last = None
        for event in events:
            if type(event) is Delivery:
                form = event.forms.get(FORM)
                if form is None:
                    if event.shows_numbers:
                        form = self._numbered(event)
                    else:
                        at, to, sender = event.time, event.to, event.sender
                        form = event.forms[FORM] = _encode_lines(
                            [
                                Message(at, to, sender, "utf-8", text, UNSET, number)
                                for number, text in enumerate(
                                    event.texts, event.first_id
                                )
                            ]
                        )
                out.append(form)
                last = event
            elif type(event) is Accepted:
                code, first = event.code, event.first_id
                numbers: Iterable[Any] = event.numbers or repeat(UNSET, event.count)
                out.append(
                    _encode_lines(
                        [
                            Stored(code, wall, message_id, number)
                            for message_id, number in enumerate(numbers, first)
                        ]
                    )
                )
            elif isinstance(event, _ToldToMany):
                form = event.forms.get(FORM)
                if form is None:
                    form = event.forms[FORM] = encode_event(event, wall)
                out.append(form)
            else:
                out.append(encode_event(event, wall))
        if last is not None:
            self.written_id = last.first_id + len(last.texts) - 1
        return b"".join(out)

    @log
    def _numbered(self, event: Delivery) -> bytes:
        """Return messages for the device that sent them, with its numbers."""
        at, to, sender = event.time, event.to, event.sender
        numbers: Iterable[Any] = event.numbers or repeat(UNSET)
        rows = zip(event.texts, numbers, count(event.first_id))
        return _encode_lines(
            [
                Message(at, to, sender, "utf-8", text, number, message_id)
                for text, number, message_id in rows
            ]
        )

    @log
    def data_to_send(self, now: float) -> bytes:
        """Return what has become due at `next_send_at`."""
        if self._course is None:
            return b""
        data = self._course.data_to_send(now)
        self._follow_course(self._course)
        return data

    @log
    def _follow_course(self, course: CourseVoice) -> None:
        self.next_send_at = course.next_send_at
        self.backlog = course.backlog
        self.written_id = course.written_id
