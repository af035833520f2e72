"""Sessions that missed something are fed from the store until they have caught up.

A session that says what it has (`since`) gets everything after it, page by page, each
page when its socket has taken the one before. The page that is not full is read in the
same moment as the turn's end: behind it nothing is stored that the session does not
have, so from there on the loop delivers, without a gap and without a double.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from decorators import log
from errors import RequestError
from server.events import CaughtUp, Delivery
from server.people import Session
from server.store.base import MessageRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["Feeder"]

# What a page may cost the others in a turn: about a millisecond, and memory for as
# long as the reader needs for it.
_PAGES_A_TURN = 4


class _Page(NamedTuple):
    """How large a page may be; one message always fits."""

    rows: int
    characters: int


_PAGE = _Page(128, 64 * 1024)
# A course client's voice holds 200 objects, and cuts long texts into several.
_COURSE_PAGE = _Page(32, 8 * 1024)


class Feeder:
    """`sessions` are those that still get messages from the store."""

    @log
    def __init__(self, hub: Hub) -> None:
        self.sessions: dict[Session, None] = {}
        self._hub = hub

    @log
    def take(self, session: Session, since: int) -> None:
        """Feed a session of somebody from behind the message `since`."""
        assert session.person is not None
        session.cursor = since
        session.person.fed.append(session)
        self.sessions[session] = None

    @log
    def drop(self, session: Session) -> None:
        """Feed a session no more, if it was fed at all."""
        if session in self.sessions:
            del self.sessions[session]
            assert session.person is not None
            session.person.fed.remove(session)

    @property
    @log
    def is_wanted(self) -> bool:
        """Tell whether somebody waits for a page now."""
        if self._hub.store.has_changes:
            return False  # the disk is full; whether it still is shows in a second
        return any(session.hungry for session in self.sessions)

    @log
    def feed(self) -> None:
        """Give the next page to those that can take one. Call it behind a commit."""
        if self._hub.store.has_changes:
            return  # the disk is full: who is where is not written yet
        hungry = [session for session in self.sessions if session.hungry]
        for session in hungry[:_PAGES_A_TURN]:
            # Who was fed goes to the end of the line.
            self.sessions[session] = self.sessions.pop(session)
            try:
                self._feed(session)
            except RequestError as error:
                # It comes back, and goes on where it was.
                self._hub.end(session, error)

    @log
    def _feed(self, session: Session) -> None:
        hub, person = self._hub, session.person
        assert person is not None
        last = hub.store.last_id
        size = _COURSE_PAGE if session in hub.plain else _PAGE
        rows = hub.reader.missed(person.number, session.cursor, last, size.rows)
        page = _fitting(rows, size.characters)
        for row in page:
            if not (row.is_hidden or self._is_echo(session, row)):
                hub.tell(session, self._replay(session, row))
        if len(page) < len(rows) or len(rows) == size.rows:
            session.cursor = page[-1].id
            session.hungry = False
            return
        self.drop(session)
        person.sessions.append(session)
        hub.tell(session, CaughtUp(last))

    @log
    def _is_echo(self, session: Session, row: MessageRow) -> bool:
        """Tell whether a course client itself has said this to somebody else."""
        kept, person = self._hub.plain.get(session), session.person
        assert person is not None
        return kept is not None and row.device == kept.row and row.to != person.name

    @log
    def _replay(self, session: Session, row: MessageRow) -> Delivery:
        person, device = session.person, session.device
        assert person is not None and device is not None
        sender = self._hub.people.by_number.get(row.identity)
        if sender is not None and sender is not person and row.to == person.name:
            person.lines[sender] = sender.lines[person] = row.conversation
            person.owed_receipts.setdefault(sender, [row.id, 0])[1] = row.id
        own = (
            row.number is not None
            and row.device == device.row != 0
            and session not in self._hub.plain
        )
        return Delivery(
            row.sender,
            row.to,
            [row.text],
            row.id,
            row.conversation,
            row.identity,
            row.device,
            [row.number] if own and row.number is not None else None,
            own,
            row.time,
        )


@log
def _fitting(rows: list[MessageRow], most: int) -> list[MessageRow]:
    """Return as many rows as make a page, at least one if there are any."""
    characters = 0
    for count, row in enumerate(rows, 1):
        characters += len(row.text)
        if characters >= most:
            return rows[:count]
    return rows
