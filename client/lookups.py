"""History and search: asked of the server, or of our own archive while it is away."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from msgspec import Struct

from client.events import Event, HistoryListed, RequestFailed, SearchDone
from client.session import ClientSession
from client.state import State
from client.verbs import Order, Verb
from decorators import log
from errors import NotAllowed, TooMany

__all__ = ["Archived", "Lookups", "Page"]

#: One page, unless another number of rows is asked for.
_PAGE_ROWS = 20
# A script may ask for a thousand pages at once, and not for a million.
_MOST_WAITING = 1_000
_NO_REQUEST = -1


class Archived(Protocol):
    """What is asked of an archive; see `client.archive`."""

    def history(
        self, whom: str, before: int | None = None, limit: int = ...
    ) -> HistoryListed:
        """Return a page of a conversation."""

    def search(
        self,
        text: str,
        whom: str | None = None,
        before: int | None = None,
        limit: int = ...,
    ) -> SearchDone:
        """Return messages with all words of `text`."""

    def names(self) -> list[str]:
        """Return whom we talked with, the latest first."""


Page = HistoryListed | SearchDone


class _Place(Struct):
    """What was looked up last, and where the next page begins (None: nowhere)."""

    whom: str
    text: str
    rows: int
    before: int | None = None
    archived: bool = False


class Lookups:
    """The pages that a person turns, one after the other; the server's come as events.

    A script does not wait for one page before it asks for the next, so that waits here.
    """

    @log
    def __init__(self, session: ClientSession, archive: Archived | None) -> None:
        """Begin with nothing looked up."""
        self._session = session
        self._archive = archive
        self._place: _Place | None = None
        self._number = _NO_REQUEST
        # None turns the page.
        self._waiting: deque[_Place | None] = deque()

    @log
    def obey(self, order: Order, addressee: str) -> Page | None:
        """Look up what an order asks for; None means that the answer comes later.

        Raises NotAllowed where it is not clear what or nothing is left, and TooMany.
        """
        place = None
        if order.verb is not Verb.MORE:
            whom = order.target
            if order.verb is Verb.HISTORY:
                whom = whom or addressee
                if not whom:
                    raise NotAllowed("history of whom? history NAME, or history #ROOM")
            place = _Place(whom, order.text, order.number or _PAGE_ROWS)
        if self._number == _NO_REQUEST:
            return self._begin(place)
        if len(self._waiting) >= _MOST_WAITING:
            raise TooMany("lookups that wait", _MOST_WAITING)
        self._waiting.append(place)
        return None

    @log
    def take_event(self, event: Event) -> None:
        """Note how far a page of the server has got, or that there will be none."""
        match event:
            case HistoryListed(number=self._number) | SearchDone(number=self._number):
                self._number = _NO_REQUEST
                self._note(event)
            case RequestFailed(number=self._number):
                self._number = _NO_REQUEST

    @property
    @log
    def may_go_on(self) -> bool:
        """Tell whether something waits for `go_on`."""
        return bool(self._waiting) and self._number == _NO_REQUEST

    @log
    def go_on(self) -> Page | None:
        """Look up what waits next, as `obey` does."""
        return self._begin(self._waiting.popleft())

    @log
    def _begin(self, place: _Place | None) -> Page | None:
        if place is not None:
            place.archived = self._is_away
        elif self._place is None or self._place.before is None:
            raise NotAllowed("there is nothing further back")
        else:
            place = self._place
        self._place = place
        before, place.before = place.before, None
        if place.archived and self._archive is not None:
            page = _look_into(self._archive, place, before)
            self._note(page)
            return page
        whom, text, rows = place.whom, place.text, place.rows
        if text:
            self._number = self._session.search(text, whom or None, before, rows)
        else:
            self._number = self._session.request_history(whom, before, limit=rows)
        return None

    @property
    @log
    def _is_away(self) -> bool:
        """Tell whether the archive must answer."""
        there = self._session.state is State.SIGNED_IN and self._session.keeps_history
        return self._archive is not None and not there

    @log
    def _note(self, page: Page) -> None:
        if self._place is not None:
            self._place.before = page.before if page.more else None


@log
def _look_into(archive: Archived, place: _Place, before: int | None) -> Page:
    if place.text:
        return archive.search(place.text, place.whom or None, before, place.rows)
    return archive.history(place.whom, before, place.rows)
