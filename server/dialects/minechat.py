"""MineChat: one door to read what is said to everybody, and one to say something."""

import enum
from collections import deque
from collections.abc import Sequence

from common.limits import Limits
from common.names import ALL, Name, Secret
from decorators import log
from errors import BadRequest, RequestError, TooLong, WrongPassword
from server.dialects.base import BaseDialect
from server.dialects.minechat_words import (
    ASK_NICKNAME,
    HELLO,
    SENT,
    WELCOME,
    account_line,
    aside,
    line_of,
    lines_of,
    reason,
)
from server.dialects.telnet import Telnet
from server.dialects.text_lines import LineCutter
from server.events import (
    Accepted,
    Aside,
    Authenticate,
    Delivery,
    Event,
    Faulty,
    Goodbye,
    Listen,
    Notice,
    Outgoing,
    Refused,
    Registered,
    Said,
    TakeName,
    Welcome,
)

__all__ = ["MineChatReader", "MineChatSender"]

FORM = "minechat"  # the key of the `forms` of an event that many get
# A line is handled on its own, so this bounds what one connection costs in a turn.
_MOST_LINES = 1024


class MineChatReader(BaseDialect):
    """Reads along, and needs no name for it; whatever it says is ignored."""

    __slots__ = ("_telnet",)

    @log
    def __init__(self) -> None:
        super().__init__()
        self.sign_in_seconds = 0.0
        self._telnet = Telnet()

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Return that it listens, whatever it says: the first call needs no data.

        Nobody hears what it says, but as any request it counts: who says very much is
        read more slowly.
        """
        self._telnet.receive_data(data)
        answers = self._telnet.take_answers()
        return (Listen(), Aside(answers)) if answers else (Listen(),)

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return messages, a line each, and the reason for a goodbye."""
        out = []
        for event in events:
            if type(event) is Delivery:
                form = event.forms.get(FORM)
                if form is None:
                    form = event.forms[FORM] = lines_of(event)
                out.append(form)
                self.written_id = event.first_id + len(event.texts) - 1
            elif isinstance(event, Aside):
                out.append(aside(event))
            elif isinstance(event, Goodbye):
                # Nobody else has this name.
                out.append(b"server: " + line_of(reason(event.error)))
        return b"".join(out)


class _Step(enum.Enum):
    """What the next line is, or what has to be answered before it can be read."""

    HASH = enum.auto()
    PROVING = enum.auto()
    NICKNAME = enum.auto()
    REGISTERING = enum.auto()
    TALKING = enum.auto()


class _Ask(enum.IntEnum):
    """The numbers of requests, by which their answers are known."""

    ENTER = 1
    REGISTER = 2


_WAITING = frozenset({_Step.PROVING, _Step.REGISTERING})


class MineChatSender(BaseDialect):
    """Says who it is by a hash (a token of ours), or takes a name; then it talks."""

    __slots__ = ("_cutter", "_hash", "_limit", "_lines", "_message", "_size", "_step")

    @log
    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.sign_in_seconds = limits.text_sign_in_seconds
        self._limit = limits.text_bytes or limits.object_bytes
        self._cutter = LineCutter(self._limit)
        self._lines: deque[bytes | None] = deque()
        self._message: list[bytes | None] = []  # its lines; one None: it is too long
        self._size = 0
        self._step = _Step.HASH
        self._hash: Secret | None = None

    # -------------------------------------------------------------- reading

    @log
    def greeting(self, now: float, wall: float) -> bytes:
        """Return the first prompt."""
        return line_of(HELLO)

    @log
    def receive_data(self, data: bytes) -> Sequence[Event]:
        """Take what was read; return the events of the lines that can be read now."""
        self._cutter.receive_data(data)
        if not self._lines:
            self._lines += self._cutter.take(_MOST_LINES)
        events: list[Event] = []
        while self._lines and self._step not in _WAITING:
            self._read(self._lines.popleft(), events)
        answers = self._cutter.telnet.take_answers()
        if answers:
            events.append(Aside(answers))
        self.has_unread = bool(self._lines) or self._cutter.has_more
        return events

    @log
    def receive_eof(self) -> Sequence[Event]:
        """Take what stands there as the last message: some clients end none.

        The answer to a hash is not waited for: where it is refused, so is this.
        """
        rest = self._cutter.take_rest()
        events: list[Event] = []
        if self._step in (_Step.TALKING, *_WAITING):
            if rest is not None:
                self._continue(rest)
            self._end_message(events)
        return events

    @log
    def _read(self, line: bytes | None, events: list[Event]) -> None:
        if self._step is _Step.TALKING:
            if line == b"":
                self._end_message(events)
            else:
                self._continue(line)
            return
        try:
            word = self._text([line]).strip()
        except RequestError as error:
            events.append(Faulty(error))
            return
        if self._step is _Step.NICKNAME:
            self._step = _Step.REGISTERING
            events.append(TakeName(word, _Ask.REGISTER))
        elif word:
            self._step = _Step.PROVING
            self._hash = Secret(word)
            events.append(Authenticate("", token=self._hash, request=_Ask.ENTER))
        else:
            self._step = _Step.NICKNAME
            events.append(Aside(ASK_NICKNAME))

    @log
    def _continue(self, line: bytes | None) -> None:
        """Take a line of a message; of one that is too long nothing is kept."""
        self._size += len(line or b"") + 1
        if line is None or (self._limit and self._size > self._limit + 1):
            self._message = [None]
        elif self._message != [None]:
            self._message.append(line)

    @log
    def _end_message(self, events: list[Event]) -> None:
        lines, self._message, self._size = self._message, [], 0
        try:
            text = self._text(lines)
        except RequestError as error:
            events.append(Faulty(error))
            return
        if not text.strip():
            return
        last = events[-1] if events else None
        if isinstance(last, Said):
            last.texts.append(text)
        else:
            events.append(Said(ALL, [text]))

    @log
    def _text(self, lines: list[bytes | None]) -> str:
        """Return lines as one text; raises TooLong and BadRequest."""
        whole = [line for line in lines if line is not None]
        if len(whole) < len(lines):
            raise TooLong("what you sent", self._limit)
        try:
            return b" ".join(whole).decode()
        except UnicodeDecodeError:
            raise BadRequest("what you sent is not UTF-8") from None

    # -------------------------------------------------------------- writing

    @log
    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        """Return answers; what others say is told at the other door."""
        return b"".join([self._answer(event) for event in events])

    @log
    def _answer(self, event: Outgoing) -> bytes:
        match event:
            case Accepted():
                return line_of(SENT) * event.count
            case Aside():
                return aside(event)
            case Registered(name=name, token=token) if name and token:
                return account_line(name, token)
            case Welcome() if self._step in _WAITING:
                return self._entered(event.name)
            case Refused():
                return self._refused(event)
            case Goodbye():
                return line_of(reason(event.error))
            case Notice():
                return line_of(event.text)
        return b""

    @log
    def _entered(self, name: Name) -> bytes:
        self._step = _Step.TALKING
        known, self._hash = self._hash, None
        return (account_line(name, known) if known else b"") + line_of(WELCOME)

    @log
    def _refused(self, event: Refused) -> bytes:
        """Return why not; what was asked may be answered again."""
        if event.request == _Ask.ENTER and self._step is _Step.PROVING:
            self._hash = None
            if isinstance(event.error, WrongPassword):
                self._step = _Step.NICKNAME
                return b"null\n" + line_of(ASK_NICKNAME)
            self._step = _Step.HASH
        elif event.request == _Ask.REGISTER and self._step is _Step.REGISTERING:
            self._step = _Step.NICKNAME
        return line_of(reason(event.error))
