"""A conversation as a person has it: typed lines in, lines to read out.

What all front ends share: commands carried out, questions asked (`1` asks to whom,
then what), the addressee of plain lines, and the names to complete. No terminal here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from client import dialogs
from client.account import Account
from client.addressing import Addressing
from client.commands import read_line
from client.completing import complete
from client.drafting import Drafting
from client.events import (
    Event,
    MessageFailed,
    MessageSent,
    RequestFailed,
)
from client.help import help_text
from client.interview import Interview
from client.known_names import KnownNames
from client.line import Line, Seen, Tone
from client.lookups import Archived, Page
from client.obeying import Obeying
from client.pages import Pages, say_if_waiting
from client.reading import Reading
from client.session import ClientSession
from client.showing import Showing
from client.verbs import Order, Unclear, Verb
from common.join_line import JoinLine
from common.names import ALL, Secret
from common.safe_text import visible
from decorators import log
from errors import NotAllowed, RequestError

__all__ = ["Chat"]


class Chat:
    """One session and the person before it. `show` takes each line to be read."""

    @log
    def __init__(
        self,
        session: ClientSession,
        show: Callable[[Line], None],
        *,
        interactive: bool,
        archive: Archived | None = None,
        tell_read: bool = True,
        bell: str = "off",
        server: Callable[[], JoinLine] | None = None,
        last: str = "",
        note_move: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin in the conversation that was the `last`, if any.

        `note_move` is told whom plain lines go to from then on.
        With `interactive` somebody watches: each acknowledgement is said, questions are
        asked, and what is looked at (`note_seen`) is read. `tell_read` says whether the
        others may know that; `bell` is off, mention or all. `server` returns where
        others find the server.
        """
        self.session = session
        self.failures = 0
        self.known = KnownNames()
        self.account = Account(session)
        self._show = show
        self._interactive = interactive
        self._clock = clock
        self._showing = Showing(
            session, show, watched=interactive, bell=bell, server=server, clock=clock
        )
        self._reading = Reading(session, watched=interactive, private=not tell_read)
        self._pages = Pages(
            session, archive, show, show_event=self._show_page, complain=self.complain
        )
        self._addressing = Addressing(follows=interactive, last=last, note=note_move)
        self._next_line = ""
        self._interview = Interview(show, self.complain, watched=interactive)
        self._obeying = Obeying(session, watched=interactive)
        self.drafting = Drafting(self._say, watched=interactive)
        self._unasked: set[int] = set()
        if archive is not None:
            self.known.add(reversed(archive.names()))

    @property
    @log
    def prompt(self) -> str:
        """What stands before the line that is typed next."""
        return self._interview.question.prompt or self._addressing.prompt

    @property
    @log
    def asks(self) -> bool:
        """Tell whether the next line answers a question."""
        return self._interview.goes_on

    @property
    @log
    def asks_secretly(self) -> bool:
        """Tell whether the answer is a secret, to be given to `take_secret`."""
        return self._interview.question.secret

    @log
    def completions(self, before: str) -> list[str]:
        """Return what the last word of `before`, the line so far, may become."""
        if not self._interview.goes_on:
            return complete(before, self.known, addressed=bool(self._addressing.whom))
        wants_name = self._interview.question.name
        return self.known.beginning_with(before) if wants_name else []

    @log
    def take_line(self, line: str) -> bool:
        """Do what a typed line says; False when it says to leave."""
        if self._interview.goes_on:
            goes_on = self.take_secret(Secret(line))
            line, self._next_line = self._next_line, ""
            if not line:
                return goes_on
        where = self._addressing
        order = read_line(line, addressed=bool(where.whom), begins=bool(where.first))
        if isinstance(order, Unclear):
            self.complain(order.hint)
            return True
        try:
            return self._obey(order)
        except RequestError as error:
            self.complain(str(error))
        return True

    @log
    def take_secret(self, answer: Secret) -> bool:
        """Take the answer to a question, as `take_line` takes a line."""
        self._interview.answer(answer)
        return not self.account.is_left

    @log
    def give_up(self) -> None:
        """Leave the question without an answer."""
        self._interview.give_up()

    @log
    def complain(self, problem: str) -> None:
        """Say that something came to nothing; counted for the exit code."""
        self.failures += 1
        self._show(Line(Tone.TROUBLE, visible(problem)))

    @log
    def take_written(self, text: str) -> None:
        """Send what was written in an editor, as `drafting` wanted it."""
        try:
            self.drafting.finish(text)
        except RequestError as error:
            self.complain(str(error))

    @log
    def show_help(self, subject: str = "", *, briefly: bool = False) -> None:
        """Show what can be typed, of all or of one word or group."""
        for row in help_text(subject, briefly=briefly).splitlines():
            self._show(Line(Tone.TALK, row))

    @log
    def greet(self, *, first_time: bool) -> None:
        """Say what can be typed: all that matters the first time, else a row."""
        if first_time:
            self.show_help(briefly=True)
            return
        whom = visible(self._addressing.whom)
        row = f"plain lines go to {whom}; /help lists the commands"
        if not whom:
            row = f"1 message, 2 help, 3 exit; any other line goes to {ALL}"
        self._show(Line(Tone.TALK, row))

    @log
    def learn_names(self) -> None:
        """Ask for people and rooms, to complete their names; nothing is shown."""
        self._unasked = {self.session.request_users(), self.session.request_rooms()}

    @log
    def tick(self) -> None:
        """Tell what was read, and show what was delivered; call it once a second."""
        self.tell_read()
        self._showing.mark_day()
        for receipt in self._reading.take_delivered():
            self._showing.show_event(receipt)

    @log
    def note_seen(self, seen: Iterable[Seen]) -> None:
        """Take the messages that somebody has looked at on the screen."""
        self._reading.look(seen)

    @log
    def tell_read(self) -> None:
        """Tell the server what has been read."""
        self._reading.tell()

    @log
    def take_event(self, event: Event) -> None:
        """Show what a session or connection tells."""
        self._showing.mark_day()
        self.known.note(event)
        self._pages.take_event(event)
        number = getattr(event, "number", 0)
        if number in self._unasked:
            self._unasked.discard(number)
            self._showing.show_all(
                self._addressing.take_event(event, self.session.name)
            )
            return
        if self.account.take_event(event):
            return
        lines = self._obeying.take_event(event, self._clock())
        if lines is None:
            lines = self._reading.take_event(event)
        if lines is not None:
            self._showing.show_all(lines)
        elif not isinstance(event, MessageSent) or self._interactive:
            self._showing.show_event(event)
            self.failures += isinstance(event, MessageFailed | RequestFailed)
        self._showing.show_all(self._addressing.take_event(event, self.session.name))
        self._pages.go_on()

    @log
    def _show_page(self, page: Page) -> None:
        self.known.note(page)
        self._showing.show_event(page)

    @log
    def _obey(self, order: Order) -> bool:
        session, whom = self.session, self._addressing.whom
        match order.verb:
            case Verb.SAY if order.doubtful and self._interactive:
                self._interview.begin(
                    dialogs.say_after_all(whom, order.text, self._say, self._go_on)
                )
            case Verb.SAY if order.target or whom:
                self._say(order.target or whom, order.text)
            case Verb.SAY:
                self._begin_talk(order.text)
            case Verb.ME:
                self._say(whom, f"* {session.name} {order.text}")
            case Verb.MESSAGE:
                self._interview.begin(dialogs.write_message(self._say))
            case Verb.HELP:
                self.show_help(order.choice)
            case Verb.EDIT:
                self.drafting.begin(order.target or whom)
            case Verb.BELL:
                self._show(Line(Tone.MARK, self._showing.bell.set(order.choice)))
            case Verb.EXIT:
                return False
            case Verb.USERS:
                session.request_users(order.target)
            case Verb.ROOMS:
                session.request_rooms()
            case Verb.JOIN:
                session.join(order.target)
                self._addressing.expect()
            case Verb.TO:
                self._show(self._addressing.address(order.target))
            case Verb.CLEAR:
                self._show(Line(Tone.CLEAR, ""))
            case Verb.CONVERSATIONS:
                session.request_conversations()
                say_if_waiting(self.session, self._show)
            case Verb.HISTORY | Verb.SEARCH | Verb.MORE:
                self._pages.look_up(order, whom)
            case Verb.NOTHING:
                pass
            case _:
                self._begin(order)
        return not self.account.is_left

    @log
    def _begin_talk(self, text: str) -> None:
        """Say the first text of all to everybody, where nobody else is named."""
        first = self._addressing.first
        if first:
            self._show(self._addressing.address(first))
        self._say(first, text)

    @log
    def _begin(self, order: Order) -> None:
        """Do what others know how to do, or begin to ask for what it takes."""
        before = self.session.unanswered
        dialog = self.account.obey(order)
        dialog = dialog or self._obeying.obey(order, self._addressing.whom)
        if dialog is not None:
            self._interview.begin(dialog)
        elif self.session.unanswered > before:
            say_if_waiting(self.session, self._show)

    @log
    def _go_on(self, line: str) -> None:
        """Let a line be read once the question is over that it did not answer."""
        self._next_line = line

    @log
    def _say(self, target: str, text: str) -> None:
        if not target:
            raise NotAllowed("to whom? /to NAME or /to #ROOM says it first")
        number = self.session.send_message(target, text)
        self._reading.answer(target)
        self._showing.show_said(number, target, text)
