"""Pages of the history and of searches, on their way to the screen."""

from __future__ import annotations

from collections.abc import Callable

from client.events import Event
from client.line import Line, Tone
from client.lookups import Archived, Lookups, Page
from client.session import ClientSession
from client.state import State
from client.verbs import Order
from decorators import log
from errors import RequestError

__all__ = ["Pages", "say_if_waiting"]


class Pages:
    """What somebody looks up: the server's pages come as events, ours at once."""

    @log
    def __init__(
        self,
        session: ClientSession,
        archive: Archived | None,
        show: Callable[[Line], None],
        *,
        show_event: Callable[[Page], None],
        complain: Callable[[str], None],
    ) -> None:
        """Show a page of this device with `show_event`, after a line that says so."""
        self._session = session
        self._lookups = Lookups(session, archive)
        self._show = show
        self._show_event = show_event
        self._complain = complain

    @log
    def look_up(self, order: Order, addressee: str) -> None:
        """Look up what an order asks for; raises as `Lookups.obey` does."""
        self._take(self._lookups.obey(order, addressee))

    @log
    def take_event(self, event: Event) -> None:
        """Note how far a page of the server has got."""
        self._lookups.take_event(event)

    @log
    def go_on(self) -> None:
        """Look up what has waited for the page before it."""
        while self._lookups.may_go_on:
            try:
                self._take(self._lookups.go_on())
            except RequestError as error:
                self._complain(str(error))

    @log
    def _take(self, page: Page | None) -> None:
        if page is None:
            say_if_waiting(self._session, self._show)
            return
        signed_in = self._session.state is State.SIGNED_IN
        why = "this server keeps nothing" if signed_in else "the server is away"
        self._show(Line(Tone.TALK, f"{why}; kept on this device:"))
        self._show_event(page)


@log
def say_if_waiting(session: ClientSession, show: Callable[[Line], None]) -> None:
    """Say that what was asked for waits, if the server is away."""
    if session.state is not State.SIGNED_IN:
        show(Line(Tone.MARK, "… waits for the server"))
