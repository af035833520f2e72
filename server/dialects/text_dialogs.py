"""What lines mean at the text door: a nickname, a password, a word, or a message."""

from collections import deque

from common.names import ALL, Name, Secret
from decorators import log
from errors import BadRequest, TooLong
from server.dialects.text_orders import addressee, find_order
from server.dialects.text_steps import WAITING, Ask, Step, checked_step
from server.dialects.text_words import (
    NOTHING_SENT,
    TO_EVERYBODY,
    WHAT,
    wrong_nickname,
)
from server.events import (
    Aside,
    AskHistory,
    Authenticate,
    Event,
    Faulty,
    HearEverybody,
    ListUsers,
    Said,
    SignIn,
)

__all__ = ["Dialog"]

# What is said of a line that can't be read.
_Flaw = Aside | Faulty
_RECENT_MESSAGES = 50


class Dialog:
    """Turns lines into events, with what the person was asked before.

    `name` is who they are, once they are; `target` is where messages go, `wanted` whom
    to tell next or where a move leads. `unanswered` are the messages whose answer is to
    come, in order, each with its addressee. While the step is one of WAITING no line is
    read: what it means depends on an answer. `retries`: a name was refused before.
    """

    __slots__ = (
        "_limit",
        "choices",
        "name",
        "nickname",
        "people_after",
        "retries",
        "step",
        "target",
        "unanswered",
        "wanted",
    )

    @log
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.step = Step.NICKNAME
        self.nickname = ""
        self.name = Name("")
        self.target: str = ALL
        self.wanted = ""
        self.choices: list[Name] = []
        self.people_after: str | None = None
        self.unanswered: deque[tuple[str, str]] = deque()
        self.retries = False

    @log
    def go(self, step: Step) -> None:
        """Take a step; raises IllegalTransition and stays where it can't."""
        self.step = checked_step(self.step, step)

    @log
    def arrive(self) -> None:
        """Take note that a move was carried out: from here on, messages go there."""
        self.target = self.wanted
        self.go(Step.TALKING)

    # -------------------------------------------------------------- reading

    @log
    def read(self, lines: deque[bytes | None]) -> list[Event]:
        """Take lines (None: one that was too long) as far as they can be read."""
        events: list[Event] = []
        while lines and self.step not in WAITING:
            if self.step is Step.TALKING:
                self._read_messages(lines, events)
                continue
            text = self._text(lines.popleft())
            events += (text,) if isinstance(text, _Flaw) else self._answer(text)
        return events

    @log
    def read_last(self, line: bytes) -> list[Event]:
        """Take a line that was not ended, from who will say nothing more.

        What has been asked is not waited for: where it is refused, so is this.
        """
        if self.step is Step.ENTERING:
            self.step = Step.TALKING
        elif self.step is Step.MOVING:
            self.arrive()
        if self.step not in (Step.TALKING, Step.TELLING_WHAT):
            return []
        return self.read(deque([line]))

    @log
    def _read_messages(self, lines: deque[bytes | None], events: list[Event]) -> None:
        """Read lines up to a word in capitals; neighbours travel together."""
        texts: list[str] = []
        while lines and self.step is Step.TALKING:
            text = self._text(lines.popleft())
            order = None if isinstance(text, _Flaw) else find_order(text)
            if isinstance(text, str) and order is None and text.strip():
                texts.append(text)
                continue
            if texts:
                events.append(self.say(self.target, texts))
                texts = []
            if order is not None:
                events += order.obey(self)
            else:
                events.append(Aside(NOTHING_SENT) if isinstance(text, str) else text)
        if texts:
            events.append(self.say(self.target, texts))

    @log
    def _text(self, line: bytes | None) -> str | _Flaw:
        """Return what a line says, or what is wrong with it."""
        if line is None:
            return Faulty(TooLong("the line", self._limit), Ask.LINE)
        try:
            return line.decode()
        except UnicodeDecodeError:
            problem = "the line is not UTF-8: set your terminal to it and try again"
            return Faulty(BadRequest(problem), Ask.LINE)

    @log
    def say(self, to: str, texts: list[str]) -> Said:
        """Return the event of messages, and expect an answer for each."""
        self.unanswered += [(to, text) for text in texts]
        return Said(to, texts)

    # ------------------------------------------------------------ questions

    @log
    def _answer(self, text: str) -> list[Event]:
        """Take the answer to what was asked."""
        if self.step is Step.NICKNAME:
            return self._take_nickname(text)
        if self.step is Step.PASSWORD:
            return self._take_password(Secret(text))
        if self.step is Step.TELLING_WHAT:
            self.go(Step.TALKING)
            if not text.strip():
                return [Aside(NOTHING_SENT)]
            return [self.say(self.wanted, [text])]
        if (order := find_order(text)) is not None:
            self.go(Step.TALKING)
            return order.obey(self)
        if self.step is Step.TELLING_WHOM:
            return self._take_whom(text.strip())
        if self.step is Step.CHOOSING:
            return self._choose(text.strip())
        return self._pick(text.strip())

    @log
    def _take_nickname(self, text: str) -> list[Event]:
        if not text.isalnum():
            self.retries = True
            return [Aside(wrong_nickname(text))]
        self.nickname = text
        self.go(Step.ENTERING)
        return [SignIn(text, request=Ask.SIGN_IN), *self._entrance()]

    @log
    def _take_password(self, password: Secret) -> list[Event]:
        if not password:
            self.go(Step.NICKNAME)
            return [Aside("Server: then enter another nickname")]
        self.go(Step.PROVING)
        return [
            Authenticate(self.nickname, password=password, request=Ask.PASSWORD),
            *self._entrance(),
        ]

    @log
    def _entrance(self) -> tuple[Event, ...]:
        """Return what goes with a sign-in, and is refused with it."""
        recent = AskHistory(ALL, limit=_RECENT_MESSAGES, request=Ask.RECENT)
        return HearEverybody(), recent

    @log
    def _take_whom(self, name: str) -> list[Event]:
        if not name:
            self.go(Step.TALKING)
            return [Aside(NOTHING_SENT)]
        self.wanted = addressee(name)
        self.go(Step.TELLING_WHAT)
        return [Aside(WHAT)]

    @log
    def _choose(self, number: str) -> list[Event]:
        if number == "1":
            self.go(Step.LISTING)
            return [ListUsers(request=Ask.CHOICE)]
        if number == "2":
            self.target = ALL
            self.go(Step.TALKING)
            return [Aside(TO_EVERYBODY)]
        return [Aside('Sorry! Type "1" for one person, "2" for everybody.')]

    @log
    def _pick(self, number: str) -> list[Event]:
        count = len(self.choices)
        if not (number.isdecimal() and 0 < int(number[:9]) <= count):
            return [Aside(f"Sorry! Type a number from 1 to {count}.")]
        self.target = self.choices[int(number[:9]) - 1]
        self.go(Step.TALKING)
        return [Aside(f"Server: you write to {self.target}; LEAVE ends it")]
