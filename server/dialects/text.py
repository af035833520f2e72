"""The text door: lines to events, and events to lines that a person can read.

For netcat and telnet, and for simple chat clients that send a chunk without a newline
and take one `recv` for one message: who does the first is spoken to as the second
needs (`text_voice.py`).
"""

from collections import deque
from collections.abc import Iterable, Sequence

from common.limits import Limits
from common.names import ALL, is_room
from common.safe_text import visible
from decorators import log
from server.dialects import text_words as words
from server.dialects.base import BaseDialect
from server.dialects.text_answers import accepted, carried_out, people, refused
from server.dialects.text_arrival import Arrival
from server.dialects.text_dialogs import Dialog
from server.dialects.text_lines import LineCutter
from server.dialects.text_steps import Ask, Step
from server.dialects.text_voice import TextVoice
from server.dialects.text_words import stamped
from server.events import (
    Accepted,
    Aside,
    Delivery,
    Done,
    Event,
    Goodbye,
    MessageList,
    Notice,
    Outgoing,
    PresenceTold,
    Refused,
    UserList,
    Welcome,
)

__all__ = ["TextDialect"]

FORM = "text"  # the key of the `forms` of an event that many get
# A line is handled on its own, so this bounds what one connection costs in a turn.
_MOST_LINES = 1024
_SILENCE_SECONDS = 0.1


class TextDialect(BaseDialect):
    """One person with netcat, or a client that knows no more.

    With `speaks_first` it greets who connects, and what comes without a newline is a
    line as well once nothing follows; without (the main port) it greets before its
    first answer, and the first line needs its newline. With `menu` the choice of whom
    to write to is offered at once.
    """

    __slots__ = (
        "_arrival",
        "_cutter",
        "_dialog",
        "_greets",
        "_lines",
        "_menu",
        "_needs_newline",
        "_patience",
        "_said_id",
        "_shown",
        "_voice",
    )

    @log
    def __init__(
        self, limits: Limits, *, menu: bool = False, speaks_first: bool = True
    ) -> None:
        super().__init__()
        # Who has to speak first gets the time of all others until a line is whole.
        self._patience = limits.text_sign_in_seconds
        self.sign_in_seconds = self._patience if speaks_first else None
        limit = limits.text_bytes or limits.object_bytes
        self._cutter = LineCutter(limit)
        self._dialog = Dialog(limit)
        self._lines: deque[bytes | None] = deque()
        self._menu = menu
        self._needs_newline = self._greets = not speaks_first
        #: Set until the last messages are shown.
        self._arrival: Arrival | None = None
        self._shown = range(0)  # the ids that those were among
        self._said_id = 0
        #: Set once the client has shown that it knows no lines.
        self._voice: TextVoice | None = None

    # -------------------------------------------------------------- reading

    @log
    def greeting(self, now: float, wall: float) -> bytes:
        """Return what some clients wait for."""
        return words.GREETING

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; return the events of the lines that can be read now."""
        cutter = self._cutter
        cutter.receive_data(data)
        if not self._lines:
            self._lines += cutter.take(_MOST_LINES)
            if self._needs_newline and self._lines:
                self._needs_newline = False
                self.sign_in_seconds = self._patience
        events = self._read()
        answers = cutter.telnet.take_answers()
        return [*events, Aside(answers)] if answers else events

    @log
    def receive_silence(self) -> Sequence[Event]:
        """Take what has come as a line: there are clients that send no newline."""
        rest = self._cutter.take_rest()
        if rest is None:
            return self._read()
        if self._voice is None:
            self._voice = TextVoice()
        self._lines.append(rest)
        return self._read()

    @log
    def receive_eof(self) -> Sequence[Event]:
        """Take the last line also without its newline."""
        rest = self._cutter.take_rest()
        return () if rest is None else self._dialog.read_last(rest)

    @log
    def _read(self) -> Sequence[Event]:
        events = self._dialog.read(self._lines)
        self.has_unread = bool(self._lines) or self._cutter.has_more
        waits = self._cutter.has_rest and not self._needs_newline
        self.silence_ends = _SILENCE_SECONDS if waits else None
        return events

    # -------------------------------------------------------------- writing

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Take events for the peer; return what may be written now."""
        told = []
        for event in events:
            # Nearly always what somebody has said in a room, and another has made.
            if type(event) is Delivery and self._arrival is None:
                form = event.forms.get(FORM)
                if form is None or event.first_id < self._shown.stop:
                    form = self._delivered(event)
                told.append(form)
                self._said_id = event.first_id + len(event.texts) - 1
            else:
                told.append(self._told(event, wall))
        data = b"".join(told)
        if self._greets and data and not isinstance(events[0], Goodbye):
            self._greets = False
            data = words.GREETING + data
        voice = self._voice
        if voice is None:
            self.written_id = self._said_id
            return data
        if data:
            note = stamped(wall, "Server: lines were left out: you read too slowly")
            voice.add(data, self._said_id, note)
        self._follow_voice(voice)
        return b""

    @log
    def data_to_send(self, now: float) -> bytes:
        """Return what has become due at `next_send_at`."""
        voice = self._voice
        if voice is None:
            return b""
        data = voice.data_to_send(now)
        self._follow_voice(voice)
        return data

    @log
    def _follow_voice(self, voice: TextVoice) -> None:
        self.next_send_at = voice.next_send_at
        self.backlog = voice.backlog
        self.written_id = voice.written_id

    @log
    def _told(self, event: Outgoing, wall: float) -> bytes:
        """Return the lines of an event; b"" for what is not told here, or later."""
        arrival = self._arrival
        if arrival is not None:
            if isinstance(event, Goodbye):
                return self._let_in(arrival, wall) + self._told(event, wall)
            return self._let_in(arrival, wall) if arrival.take(event) else b""
        if type(event) is Delivery:
            self._said_id = event.first_id + len(event.texts) - 1
            return self._delivered(event)
        if type(event) is Accepted:
            return stamped(wall, *accepted(self._dialog, event))
        if isinstance(event, PresenceTold) and not event.has_moved:
            return b""
        if isinstance(event, words.Shared):
            form = event.forms.get(FORM)
            if form is None:
                form = event.forms[FORM] = stamped(wall, words.shared(event))
            return form
        return self._answered(event, wall)

    @log
    def _answered(self, event: Outgoing, wall: float) -> bytes:
        dialog = self._dialog
        match event:
            case Aside(words=bytes() as answers):
                return answers
            case Aside(words=str() as said):
                return stamped(wall, said)
            case Refused():
                return stamped(wall, *refused(dialog, event))
            case Goodbye():
                return stamped(wall, words.reason(event.error))
            case Notice():
                return stamped(wall, f"Server: {visible(event.text)}")
            case Done():
                return stamped(wall, *carried_out(dialog, event))
            case UserList():
                return stamped(wall, *people(dialog, event))
            case MessageList() if event.request != Ask.RECENT:  # those come too late
                rows = words.kept(event.entries, dialog.name)
                return rows or stamped(wall, "Server: nothing was said here yet")
            case Welcome() if dialog.step in (Step.ENTERING, Step.PROVING):
                dialog.name = event.name
                dialog.go(Step.CHOOSING if self._menu else Step.TALKING)
                self._arrival = Arrival()
                told = [words.renamed(event.name)] if dialog.retries else []
                return stamped(wall, words.OK, *told)
        # All else (receipts, probes, what is never asked here) has no words.
        return b""

    @log
    def _let_in(self, arrival: Arrival, wall: float) -> bytes:
        """Return what was held back, and the choice that is offered at first."""
        self._arrival = None
        earlier, entries, later = arrival.in_order()
        if entries:
            self._shown = range(entries[0].message_id, entries[-1].message_id + 1)
        is_asked = self._dialog.step is Step.CHOOSING
        return b"".join(
            [
                *(self._told(event, wall) for event in earlier),
                words.kept(entries, self._dialog.name),
                stamped(wall, words.MENU) if is_asked else b"",
                *(self._told(event, wall) for event in later),
            ]
        )

    # ------------------------------------------------------------- messages

    @log
    def _delivered(self, event: Delivery) -> bytes:
        if event.to == ALL and event.first_id < self._shown.stop:
            return self._delivered_rest(event)
        if not is_room(event.to):
            return self._said(event, event.texts)
        form = event.forms.get(FORM)
        if form is None:
            form = event.forms[FORM] = self._said(event, event.texts)
        return form

    @log
    def _delivered_rest(self, event: Delivery) -> bytes:
        """Return what was not among the last messages that were shown already."""
        numbered = enumerate(event.texts, event.first_id)
        return self._said(
            event, [text for at, text in numbered if at not in self._shown]
        )

    @log
    def _said(self, event: Delivery, texts: Iterable[str]) -> bytes:
        return words.said(event.time, event.sender, event.to, texts, self._dialog.name)
