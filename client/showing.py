"""Show what happens in a conversation: events, rows of ours, days that begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from client.bell import Bell
from client.days import Days
from client.events import Event, MessageFailed
from client.events_rules import InviteMade
from client.invitation import invitation_lines
from client.line import Line
from client.own_rows import OwnRows
from client.session import ClientSession
from client.state import State
from client.wording import lines_of
from common.join_line import JoinLine
from decorators import log

__all__ = ["Showing"]


class Showing:
    """Lines of one session for a screen that is `watched` by somebody, or a pipe."""

    @log
    def __init__(
        self,
        session: ClientSession,
        show: Callable[[Line], None],
        *,
        watched: bool,
        bell: str,
        server: Callable[[], JoinLine] | None,
        clock: Callable[[], float],
    ) -> None:
        """Give each line to `show`; see Chat for the others."""
        self.bell = Bell(bell)
        self._session = session
        self._show = show
        self._watched = watched
        self._server = server
        self._clock = clock
        self._days = Days(clock())
        self._own = OwnRows()

    @log
    def show_all(self, lines: Iterable[Line]) -> None:
        """Show lines, one after the other."""
        for line in lines:
            self._show(line)

    @log
    def mark_day(self) -> None:
        """Show that a day has begun, if one has; call it before anything of it."""
        if self._watched:
            self.show_all(self._days.pass_to(self._clock()))

    @log
    def show_said(self, number: int, target: str, text: str) -> None:
        """Show what we say as a row of ours, by the number that the session gave it."""
        if self._watched:
            away = self._session.state is not State.SIGNED_IN
            self._show(self._own.say(number, target, text, self._clock(), away=away))

    @log
    def show_event(self, event: Event) -> None:
        """Show an event by the rows of ours that it is about, or by rows of its own."""
        rows = self._own.take_event(event)
        self.show_all(rows)
        if rows and not isinstance(event, MessageFailed):
            return
        me, now = self._session.name, self._clock()
        if isinstance(event, InviteMade):
            lines = invitation_lines(event, self._server and self._server(), now)
        else:
            lines = lines_of(event, me, now, by_day=self._watched)
        rings = self.bell.rings(event, me)
        self.show_all(line._replace(rings=rings) for line in lines)
