"""A conversation as a person has it: typed lines in, lines to read out.

What all front ends share: commands carried out, questions asked (`1` asks to whom,
then what), the addressee of plain lines, and the names to complete. No terminal here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from client import dialogs
from client.account import Account
from client.commands import Order, Unclear, Verb, help_text, read_line
from client.completing import complete
from client.events import (
    Event,
    HistoryListed,
    MessageFailed,
    MessageSent,
    RequestFailed,
    SearchDone,
)
from client.interview import Interview
from client.known_names import KnownNames
from client.lookups import Archived, Lookups, Page
from client.reading import Reading
from client.session import ClientSession
from client.state import State
from client.wording import Line, Tone, lines_of
from common.names import Secret
from common.safe_text import visible
from decorators import log
from errors import RequestError

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
    ) -> None:
        """Begin with nobody addressed.

        With `interactive` somebody watches: each acknowledgement is said, questions are
        asked, and what is shown counts as read. `tell_read` says whether the others
        may know that.
        """
        self.session = session
        self.failures = 0
        self.known = KnownNames()
        self.account = Account(session)
        self._show = show
        self._interactive = interactive
        self._reading = Reading(session, watched=interactive, private=not tell_read)
        self._lookups = Lookups(session, archive)
        self._addressee = ""
        self._interview = Interview(show, self.complain, watched=interactive)
        self._unasked: set[int] = set()
        if archive is not None:
            self.known.add(reversed(archive.names()))

    @property
    @log
    def prompt(self) -> str:
        """What stands before the line that is typed next."""
        return self._interview.question.prompt or f"{visible(self._addressee)}> "

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
            return complete(before, self.known)
        wants_name = self._interview.question.name
        return self.known.beginning_with(before) if wants_name else []

    @log
    def take_line(self, line: str) -> bool:
        """Do what a typed line says; False when it says to leave."""
        if self._interview.goes_on:
            return self.take_secret(Secret(line))
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
    def take_secret(self, answer: Secret) -> bool:
        """Take the answer to a question, as `take_line` takes a line."""
        self._interview.answer(answer)
        return not self.account.is_left

    @log
    def complain(self, problem: str) -> None:
        """Say that something came to nothing; counted for the exit code."""
        self.failures += 1
        self._show(Line(Tone.TROUBLE, visible(problem)))

    @log
    def show_help(self, *, briefly: bool = False) -> None:
        """Show what can be typed."""
        for row in help_text(briefly=briefly).splitlines():
            self._show(Line(Tone.TALK, row))

    @log
    def learn_names(self) -> None:
        """Ask for people and rooms, to complete their names; nothing is shown."""
        self._unasked = {self.session.request_users(), self.session.request_rooms()}

    @log
    def tick(self) -> None:
        """Tell what was read, and show what was delivered; call it once a second."""
        self.tell_read()
        for receipt in self._reading.take_delivered():
            self._show_lines_of(receipt)

    @log
    def tell_read(self) -> None:
        """Tell the server what has been read."""
        self._reading.tell()

    @log
    def take_event(self, event: Event) -> None:
        """Show what a session or connection tells."""
        self.known.note(event)
        self._lookups.take_event(event)
        number = getattr(event, "number", 0)
        if number in self._unasked:
            self._unasked.discard(number)
            return
        if self.account.take_event(event):
            return
        lines = self._reading.take_event(event)
        if lines is not None:
            for line in lines:
                self._show(line)
        elif not isinstance(event, MessageSent) or self._interactive:
            self._show_lines_of(event)
            self.failures += isinstance(event, MessageFailed | RequestFailed)
        if isinstance(event, HistoryListed | SearchDone | RequestFailed):
            self._look_further()

    @log
    def _show_lines_of(self, event: Event) -> None:
        by_day = self._interactive
        for line in lines_of(event, self.session.name, time.time(), by_day=by_day):
            self._show(line)

    @log
    def _obey(self, order: Order) -> bool:
        session = self.session
        match order.verb:
            case Verb.SAY:
                self._say(order.target or self._addressee, order.text)
            case Verb.MESSAGE:
                self._interview.begin(dialogs.write_message(self._say))
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
            case Verb.CONVERSATIONS:
                session.request_conversations()
                self._say_if_waiting()
            case Verb.HISTORY | Verb.SEARCH | Verb.MORE:
                self._look_up(self._lookups.obey(order, self._addressee))
            case Verb.NOTHING:
                pass
            case _:
                dialog = self.account.obey(order)
                if dialog is not None:
                    self._interview.begin(dialog)
        return not self.account.is_left

    @log
    def _say(self, target: str, text: str) -> None:
        self.session.send_message(target, text)
        if self._interactive and self.session.state is not State.SIGNED_IN:
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

    @log
    def _look_up(self, page: Page | None) -> None:
        """Show a page of this device; one of the server comes as an event."""
        if page is None:
            self._say_if_waiting()
            return
        self.known.note(page)
        signed_in = self.session.state is State.SIGNED_IN
        why = "this server keeps nothing" if signed_in else "the server is away"
        self._show(Line(Tone.TALK, f"{why}; kept on this device:"))
        self._show_lines_of(page)

    @log
    def _look_further(self) -> None:
        """Look up what has waited for the page before it."""
        while self._lookups.may_go_on:
            try:
                self._look_up(self._lookups.go_on())
            except RequestError as error:
                self.complain(str(error))

    @log
    def _say_if_waiting(self) -> None:
        if self.session.state is not State.SIGNED_IN:
            self._show(Line(Tone.MARK, "… waits for the server"))
