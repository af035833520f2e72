"""The hub: who is here, rooms, routing. Events in, events out.

No bytes, no sockets, no clock of its own. What a turn has for a session stands in that
session's `outbox`, and `end_turn` hands it out only after the store has the turn's
messages.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from common.limits import Limits
from common.names import Label
from decorators import log
from errors import NotSignedIn, RequestError
from server.events import (
    Delivery,
    Event,
    Faulty,
    Foreign,
    Goodbye,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    Notice,
    Outgoing,
    Probing,
    Quitting,
    Refused,
    Said,
    SignIn,
)
from server.handlers import faults, lists, messages, rooms, signing
from server.journal import Journal
from server.people import People, Person, Session
from server.rooms import Rooms
from server.store.memory import MemoryStore

__all__ = ["Hub"]


class Command(NamedTuple):
    """A row of the table of commands: who handles an event, and who may ask for it."""

    handle: Callable[["Hub", Session, Any], None]
    signed_in: bool = True


COMMANDS: dict[type[Any], Command] = {
    SignIn: Command(signing.sign_in, signed_in=False),
    Said: Command(messages.say),
    JoinRoom: Command(rooms.join),
    LeaveRoom: Command(rooms.leave),
    ListRooms: Command(lists.list_rooms),
    ListUsers: Command(lists.list_users),
    Quitting: Command(signing.leave, signed_in=False),
    Faulty: Command(faults.take_fault, signed_in=False),
    Foreign: Command(faults.turn_away, signed_in=False),
}


class Hub:
    """All that happens in the messenger, without knowing how anybody is connected.

    The loop calls `open` for a new connection, `handle` with what it says, `lost` when
    it is gone, `expire` once a second, and `end_turn` when all of a turn is handled.
    The handlers use the rest. `now` is a monotonic time in seconds, `batch` are the
    turn's messages for the store, `touched` the sessions that it has something for.
    """

    @log
    def __init__(
        self, limits: Limits, kept_guest_seconds: float, store: MemoryStore
    ) -> None:
        self.limits = limits
        self.store = store
        self.people = People(kept_guest_seconds)
        self.rooms = Rooms(limits.rooms, kept_guest_seconds)
        self.sessions: set[Session] = set()
        self.touched: list[Session] = []
        self.batch: list[Delivery] = []
        self.next_id = store.last_id + 1
        self.now = 0.0
        self.journal = Journal()

    @log
    def open(self, connection: object, label: Label) -> Session:
        """Return the session of a new connection; nobody has signed in on it yet."""
        return Session(connection, label)

    @log
    def handle(self, session: Session, events: Sequence[Event], now: float) -> None:
        """Carry out what one connection said, in order; each request is answered."""
        self.now = now
        for event in events:
            if session.ended:
                return
            command = COMMANDS[type(event)]
            if session.faults and type(event) is not Faulty:
                session.faults = 0
            try:
                if command.signed_in and session.person is None:
                    raise NotSignedIn
                command.handle(self, session, event)
            except RequestError as error:
                self.refuse(session, event, error)

    @log
    def end_turn(self) -> list[Session]:
        """Store the turn's messages; then return the sessions whose outbox is due."""
        if self.batch:
            self.store.commit(self.batch)
            self.journal.note_messages(self.batch)
            self.batch = []
        touched, self.touched = self.touched, []
        return touched

    @log
    def expire(self, now: float) -> None:
        """End what has waited long enough: kept guests and empty rooms."""
        self.now = now
        for person in self.people.overdue(now):
            self.forget(person)
        for room in self.rooms.expire(now):
            self.journal.room_ended(room.name)

    @log
    def tell(self, session: Session, event: Outgoing) -> None:
        """Have `session` told at the end of the turn."""
        if not session.outbox:
            self.touched.append(session)
        session.outbox.append(event)

    @log
    def tell_all(self, sessions: Iterable[Session], event: Outgoing) -> None:
        """Have many sessions told the same."""
        for session in sessions:
            if not session.outbox:
                self.touched.append(session)
            session.outbox.append(event)

    @log
    def refuse(self, session: Session, event: Event, error: RequestError) -> None:
        """Answer a refused request; each message of a stretch has its own answer."""
        self.journal.refused(session.log_label, type(event).__name__, error)
        if not isinstance(event, Said):
            self.tell(session, Refused(error, getattr(event, "request", None)))
            return
        for number in messages.numbers_of(event):
            if number is not None and session.device is not None:
                session.device.refuse(number)
            self.tell(session, Refused(error, number))

    @log
    def lost(self, session: Session, reason: Label, now: float) -> None:
        """Take note that a connection is gone."""
        self.now = now
        if not session.ended:
            self.part(session, reason)

    @log
    def dismiss(self, session: Session, error: RequestError, now: float) -> None:
        """End a session past a limit, with a goodbye that says which."""
        self.now = now
        if not session.ended:
            self.end(session, error)

    @log
    def end(self, session: Session, error: RequestError) -> None:
        """Say goodbye to a session and take it from its person."""
        self.tell(session, Goodbye(error))
        self.part(session, Label(str(error)))

    @log
    def part(self, session: Session, reason: Label) -> None:
        """Take a session from its person; without one a guest is kept or forgotten."""
        session.ended = True
        if not session.outbox:
            # The loop closes what it finds touched and ended.
            self.touched.append(session)
        person = session.person
        if person is None:
            self.journal.left_unsigned(session.log_label, reason)
            return
        self.sessions.discard(session)
        person.sessions.remove(session)
        self.journal.left(session.log_label, reason)
        if not person.sessions and not self.people.keep(person, self.now):
            self.forget(person)

    @log
    def forget(self, person: Person) -> None:
        """Free a guest's name, and take the guest from all rooms."""
        for room in list(person.rooms):
            rooms.take_from_room(self, room, person)
        self.people.forget(person)
        self.journal.forgotten(person.name)

    @log
    def announce(self, notice: Notice) -> None:
        """Tell everybody who is signed in."""
        self.tell_all(self.sessions, notice)

    @log
    def end_all(self) -> None:
        """End all sessions without a further word."""
        for session in list(self.sessions):
            self.part(session, Label("the server stops"))

    @log
    def probe(self, session: Session) -> None:
        """Ask a silent session whether it still lives."""
        self.tell(session, Probing())
