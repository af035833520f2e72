"""The hub: who is here, rooms, routing. Events in, events out.

No bytes, no sockets, no clock of its own. What a turn has for a session stands in that
session's `outbox`, and `end_turn` hands it out only after the store has the turn's
messages.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from errors import NotSignedIn, NotStored, RequestError
from server import errands, parting, refusals
from server.audit import Audit
from server.clock import Clock
from server.commands import COMMANDS
from server.crew import Crew
from server.errands import OUR_MISTAKE
from server.events import (
    Delivery,
    Event,
    Faulty,
    Goodbye,
    Notice,
    Outgoing,
    Probing,
)
from server.feeding import Feeder
from server.guesses import NEW_ACCOUNTS, Guesses
from server.handlers import invites, receipts, room_rules, sanctioning
from server.invites import Invites
from server.journal import Journal
from server.people import Device, People, Person, Session
from server.place import Place
from server.retention import Retention
from server.revival import revive
from server.rooms import Rooms
from server.sanctions import Sanctions
from server.store.base import Reader, Store
from server.unstored import take_back

__all__ = ["OUR_MISTAKE", "Hub"]

# Guests, and rooms, in a second: 0.1 ms each. A net that fails, or a start, has all of
# them leave together.
_MOST_FORGOTTEN = 200
# How far a kill may set back what is known of the clock.
_CLOCK_SECONDS = 3600.0


class Hub:
    """All that happens in the messenger, without knowing how anybody is connected.

    The loop calls `open` for a new connection, `handle` with what it says, `lost` when
    it is gone, `expire` once a second, and `end_turn` when all of a turn is handled; it
    sets `wall` (UNIX seconds) in each turn, as `clock` sees it. The handlers use the
    rest. `now` is a monotonic time in seconds, `batch` are the turn's messages for the
    store, `settled` the devices whose numbers moved, `received` those that have got
    more, `plain` the sessions of open accounts without a device of their own, with the
    one under which it is kept what they have got, `touched` the sessions that it has
    something for, `strangers` those on which nobody has signed in, `listeners` the ones
    of them that read `#all`, `onlookers`
    those that hear of everybody's coming and going, `freed` those that a worker held up
    and that may go on. `signs_of_life` counts those of the turn who said no more than
    that they are there. `began` is when it did, `is_ending` that it ends. `trouble` is
    why the last turn could not be stored. Who may do what: `permissions`, `sanctions`,
    `invites`; what an owner has to account for: `audit`.
    """

    @log
    def __init__(
        self,
        settings: ServerSettings,
        store: Store,
        crew: Crew,
        now: float = 0.0,
        clock: Clock | None = None,
        audit: Audit | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.crew = crew
        self.audit = audit or Audit()
        self.clock = clock or Clock(None, None, now, now)
        self._clock_due = now
        self.people = People(
            settings.kept_guest_seconds, settings.kept_guests_per_address
        )
        self.rooms = Rooms(settings, settings.kept_guest_seconds)
        self.invites = Invites()
        self.sanctions = Sanctions()
        #: Where it is found; whoever runs it says so.
        self.place: Place | None = None
        # A server that keeps nothing has nothing to read.
        self._reader = store.open_reader() if store.keeps_history else None
        self.feeder = Feeder(self)
        self.guesses = Guesses()
        self.registrations = Guesses(
            "too many new accounts from your address", NEW_ACCOUNTS
        )
        self.retention = Retention(settings, store.open_pruner(), now)
        self.journal = Journal(texts=settings.log_texts)
        self.sessions: set[Session] = set()
        self.strangers: set[Session] = set()
        self.listeners: set[Session] = set()
        self.onlookers: set[Session] = set()
        self.touched: list[Session] = []
        self.freed: list[Session] = []
        self.batch: list[Delivery] = []
        self.settled: set[Device] = set()
        self.received: set[Device] = set()
        self.read: dict[tuple[int, int], int] = {}
        self.plain: dict[Session, Device] = {}
        self.jobs: list[Callable[[], None]] = []
        self.signs_of_life = 0
        self.began = now
        self.is_ending = False
        self.next_id = store.last_id + 1
        self.trouble: NotStored | None = None
        self.now = now
        self.wall = self.clock.time
        revive(self, now)

    @property
    @log
    def reader(self) -> Reader:
        """The loop's own reader, of a store that keeps history."""
        assert self._reader is not None
        return self._reader

    @property
    @log
    def last_id(self) -> int:
        """The last message there is, those of this turn included."""
        # Between the two lie ids that were given to messages the disk did not take.
        return self.next_id - 1 if self.batch else self.store.last_id

    @log
    def open(self, connection: object, label: Label, address: Label) -> Session:
        """Return the session of a new connection; nobody has signed in on it yet."""
        session = Session(connection, label, address)
        if connection is not None:
            self.strangers.add(session)
        return session

    @log
    def handle(self, session: Session, events: Sequence[Event], now: float) -> None:
        """Carry out what one connection said, in order; each request is answered.

        What comes while a worker has a request of the session waits for its answer.
        """
        self.now = now
        for place, event in enumerate(events):
            if session.ended:
                return
            if session.busy:
                session.waiting = [*session.waiting, *events[place:]]
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
        """Store the turn; then return the sessions whose outbox is due.

        Raises StoreFailed where nobody can know what is stored: then nothing may be
        told to anybody.
        """
        while True:
            if self.audit.waiting:
                self.audit.write(self.store, self.wall)
            if self.batch or self.settled or self.store.has_changes:
                self._commit()
            if not self.jobs:
                break
            jobs, self.jobs = self.jobs, []
            for start in jobs:
                # One that no worker takes is answered, and lets what waited behind it
                # go on: that is stored, too, before anybody is told.
                start()
        if self.feeder.sessions:
            self.feeder.feed()
        touched, self.touched = self.touched, []
        return touched

    @log
    def _commit(self) -> None:
        batch, self.batch = self.batch, []
        try:
            self.store.commit(batch, self.settled, self.wall)
        except NotStored as error:
            self.trouble = error
            take_back(self, batch, error)
        else:
            self.trouble = None
            self.settled.clear()
            if batch:
                self.journal.note_messages(batch)

    @log
    def work(
        self,
        session: Session,
        event: Event,
        start: Callable[[Callable[[Any], None]], None],
        then: Callable[[Any], None],
        judge: Callable[[Any], None] | None = None,
    ) -> None:
        """Have a worker do something; the session waits for it.

        `start` is called once the turn is stored, with what is to be called with the
        result; it may raise a RequestError. `then` carries the result out, and may
        raise one as well; `judge` is told before of the result or the exception, also
        where the session has ended in between.
        """
        errands.work(self, session, event, start, then, judge)

    @log
    def expire(self, now: float) -> None:
        """End what has waited long enough: kept guests and empty rooms."""
        self.now = now
        if self.trouble is not None:
            self._commit()  # perhaps the disk is well again
        receipts.write_down(self)
        for person in self.people.overdue(now, _MOST_FORGOTTEN):
            self.forget(person)
        for room in self.rooms.expire(now, _MOST_FORGOTTEN):
            room_rules.end_empty(self, room)
        if self.clock.is_settled:
            sanctioning.expire(self)
            invites.expire(self)
        if now >= self._clock_due:
            self.store.note_clock(self.clock.sure)
            self._clock_due = now + _CLOCK_SECONDS
        self.audit.end_minute(self.wall)
        self.audit.let_go(self.clock.sure)

    @log
    def require_store(self) -> None:
        """Raise NotStored while the disk takes nothing: for what must last.

        Memory would fill with what waits to be written, and a crash undo what was
        answered.
        """
        if self.trouble is not None:
            raise self.trouble

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
        refusals.refuse(self, session, event, error)

    @log
    def settle_refused(self, session: Session, number: int) -> None:
        """Note that a numbered message was refused, for good."""
        refusals.settle(self, session, number)

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
        parting.part(self, session, reason)

    @log
    def forget(self, guest: Person) -> None:
        """Free a guest's name, and take the guest from all rooms."""
        parting.forget(self, guest)

    @log
    def close(self) -> None:
        """Write down what waits; raises StoreFailed."""
        receipts.write_down(self)
        self.journal.end_minute()
        self.audit.close(self.store, self.wall)
        self.store.note_clock(self.clock.sure)
        if self.settled or self.store.has_changes:
            self._commit()
        if self._reader is not None:
            self._reader.close()

    @log
    def announce(self, notice: Notice) -> None:
        """Tell everybody who is signed in."""
        self.tell_all(self.sessions, notice)

    @log
    def end_all(self) -> None:
        """End all sessions without a further word, for the server ends."""
        self.is_ending = True
        for session in list(self.sessions):
            self.part(session, Label("the server stops"))

    @log
    def probe(self, session: Session) -> None:
        """Ask a silent session whether it still lives."""
        self.tell(session, Probing())
