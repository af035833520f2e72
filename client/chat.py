"""A conversation as a person has it: typed lines in, lines to read out.

What all front ends share: commands carried out, questions asked (`1` asks to whom,
then what), the addressee of plain lines, and the names to complete. No terminal here.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable

from client.commands import Order, Unclear, Verb, help_text, read_line
from client.completing import complete
from client.events import (
    Event,
    MessageFailed,
    MessageSent,
    RequestFailed,
    RoomsListed,
    UsersListed,
)
from client.known_names import KnownNames
from client.session import ClientSession
from client.state import State
from client.wording import Line, Tone, lines_of
from common.safe_text import visible
from decorators import log
from errors import RequestError

__all__ = ["Chat"]


class Question(enum.Enum):
    """What the next line answers."""

    NOTHING = ""
    RECIPIENT = "to whom? "
    TEXT = "what? "


class Chat:
    """One session and the person before it. `show` takes each line to be read."""

    @log
    def __init__(
        self,
        session: ClientSession,
        show: Callable[[Line], None],
        *,
        marks_sent: bool,
    ) -> None:
        """Begin with nobody addressed; `marks_sent` says each acknowledgement."""
        self.session = session
        self.failures = 0
        self.known = KnownNames()
        self._show = show
        self._marks_sent = marks_sent
        self._addressee = ""
        self._question = Question.NOTHING
        self._recipient = ""
        self._unasked: set[int] = set()

    @property
    @log
    def prompt(self) -> str:
        """What stands before the line that is typed next."""
        question: str = self._question.value
        return question or f"{visible(self._addressee)}> "

    @property
    @log
    def asks(self) -> bool:
        """Tell whether the next line answers a question."""
        return self._question is not Question.NOTHING

    @log
    def completions(self, before: str) -> list[str]:
        """Return what the last word of `before`, the line so far, may become."""
        if self._question is Question.TEXT:
            return []
        if self._question is Question.RECIPIENT:
            return self.known.beginning_with(before)
        return complete(before, self.known)

    @log
    def take_line(self, line: str) -> bool:
        """Do what a typed line says; False when it says to leave."""
        if self._question is not Question.NOTHING:
            self._take_answer(line)
            return True
        order = read_line(line, addressed=bool(self._addressee))
        if isinstance(order, Unclear):
            self.complain(order.hint)
            return True
        try:
            return self._obey(order)
        except RequestError as error:
            self.complain(str(error))
        return True

    @log
    def complain(self, problem: str) -> None:
        """Say that something came to nothing; counted for the exit code."""
        self.failures += 1
        self._show(Line(Tone.TROUBLE, visible(problem)))

    @log
    def show_help(self) -> None:
        """Show what can be typed."""
        for row in help_text().splitlines():
            self._show(Line(Tone.TALK, row))

    @log
    def learn_names(self) -> None:
        """Ask for people and rooms, to complete their names; nothing is shown."""
        self._unasked = {self.session.request_users(), self.session.request_rooms()}

    @log
    def take_event(self, event: Event) -> None:
        """Show what a session or connection tells."""
        self.known.note(event)
        if isinstance(event, UsersListed | RoomsListed | RequestFailed):
            if event.number in self._unasked:
                self._unasked.discard(event.number)
                return
        elif isinstance(event, MessageSent) and not self._marks_sent:
            return
        if isinstance(event, MessageFailed | RequestFailed):
            self.failures += 1
        for line in lines_of(event, self.session.name, time.time()):
            self._show(line)

    @log
    def _obey(self, order: Order) -> bool:
        session = self.session
        match order.verb:
            case Verb.SAY:
                self._say(order.target or self._addressee, order.text)
            case Verb.MESSAGE:
                self._question = Question.RECIPIENT
            case Verb.HELP:
                self.show_help()
            case Verb.EXIT:
                return False
            case Verb.USERS:
                session.request_users(order.target)
            case Verb.ROOMS:
                session.request_rooms()
            case Verb.JOIN:
                session.join(order.target)
            case Verb.LEAVE:
                session.leave(order.target)
            case Verb.TO:
                self._address(order.target)
        return True

    @log
    def _take_answer(self, line: str) -> None:
        """Take the recipient or the text of a `message`; an empty line gives it up."""
        asked, self._question = self._question, Question.NOTHING
        answer = line.strip()
        if not answer:
            self._show(Line(Tone.TALK, "nothing sent"))
        elif asked is Question.RECIPIENT and len(answer.split()) > 1:
            self.complain("a name is one word; to whom?")
            self._question = asked
        elif asked is Question.RECIPIENT:
            self._recipient = answer.removeprefix("@")
            self._question = Question.TEXT
        else:
            try:
                self._say(self._recipient, line)
            except RequestError as error:
                self.complain(str(error))

    @log
    def _say(self, target: str, text: str) -> None:
        self.session.send_message(target, text)
        if self._marks_sent and self.session.state is not State.SIGNED_IN:
            self._show(Line(Tone.MARK, f"… waits to be sent to {visible(target)}"))

    @log
    def _address(self, target: str) -> None:
        if target:
            self._addressee = target
        if self._addressee:
            whom = visible(self._addressee)
            self._show(Line(Tone.MARK, f"plain lines go to {whom}"))
        else:
            self._show(Line(Tone.TALK, "plain lines go nowhere yet: to NAME or #ROOM"))
