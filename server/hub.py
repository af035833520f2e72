"""The hub: who is here, rooms, routing. Events in, events out.

No bytes, no sockets, no clock of its own. What a turn has for a session stands in that
session's `outbox`, and `end_turn` hands it out only after the store has the turn's
messages.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from errors import (
    NotSignedIn,
    NotStored,
    OutOfService,
    RequestError,
    StoreFailed,
)
from server.crew import Crew
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    Authenticate,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Delivery,
    Event,
    Faulty,
    Foreign,
    ForgetDevice,
    Goodbye,
    HasRead,
    HasReceived,
    JoinRoom,
    LeaveRoom,
    ListDevices,
    ListRooms,
    ListTokens,
    ListUsers,
    Notice,
    Outgoing,
    Probing,
    Quitting,
    Refused,
    Register,
    RevokeToken,
    Said,
    SignIn,
)
from server.feeding import Feeder
from server.guesses import Guesses
from server.handlers import (
    accounts,
    devices,
    faults,
    history,
    lists,
    messages,
    receipts,
    rooms,
    signing,
)
from server.journal import Journal
from server.people import Device, People, Person, Session
from server.revival import revive
from server.rooms import Rooms
from server.store.base import Reader, Store
from server.unstored import take_back

__all__ = ["OUR_MISTAKE", "Hub"]

OUR_MISTAKE = "the server made a mistake and closes this connection"

_logger = logging.getLogger("server.hub")


class Command(NamedTuple):
    """A row of the table of commands: who handles an event, and who may ask for it."""

    handle: Callable[["Hub", Session, Any], None]
    signed_in: bool = True


COMMANDS: dict[type[Any], Command] = {
    SignIn: Command(signing.sign_in, signed_in=False),
    Authenticate: Command(accounts.authenticate, signed_in=False),
    Register: Command(accounts.register, signed_in=False),
    Said: Command(messages.say),
    JoinRoom: Command(rooms.join),
    LeaveRoom: Command(rooms.leave),
    ListRooms: Command(lists.list_rooms),
    ListUsers: Command(lists.list_users),
    AskHistory: Command(history.ask_history),
    AskConversations: Command(history.ask_conversations),
    AskSearch: Command(history.ask_search),
    HasReceived: Command(receipts.note_received),
    HasRead: Command(receipts.note_read),
    CreateToken: Command(devices.create_token),
    ListTokens: Command(devices.list_tokens),
    RevokeToken: Command(devices.revoke_token),
    ListDevices: Command(devices.list_devices),
    ForgetDevice: Command(devices.forget_device),
    ChangePassword: Command(accounts.change_password),
    DeleteAccount: Command(accounts.delete_account),
    Quitting: Command(signing.leave, signed_in=False),
    Faulty: Command(faults.take_fault, signed_in=False),
    Foreign: Command(faults.turn_away, signed_in=False),
}


class Hub:
    """All that happens in the messenger, without knowing how anybody is connected.

    The loop calls `open` for a new connection, `handle` with what it says, `lost` when
    it is gone, `expire` once a second, and `end_turn` when all of a turn is handled;
    it sets `wall` (UNIX seconds) in each turn. The handlers use the rest. `now` is a
    monotonic time in seconds, `batch` are the turn's messages for the store, `settled`
    the devices whose numbers moved, `received` those that have got more, `plain` the
    sessions of open accounts without a device of their own, with the one under which
    it is kept what they have got, `touched` the sessions that
    it has something for, `freed` those that a worker held up and that may go on.
    `trouble` is why the last turn could not be stored.
    """

    @log
    def __init__(
        self,
        settings: ServerSettings,
        store: Store,
        crew: Crew,
        now: float = 0.0,
        wall: float = 0.0,
    ) -> None:
        self.settings = settings
        self.store = store
        self.crew = crew
        self.people = People(settings.kept_guest_seconds)
        self.rooms = Rooms(settings.rooms, settings.kept_guest_seconds)
        # A server that keeps nothing has nothing to read.
        self._reader = store.open_reader() if store.keeps_history else None
        self.feeder = Feeder(self)
        self.guesses = Guesses()
        self.registrations = Guesses("too many new accounts from your address")
        self.journal = Journal(texts=settings.log_texts)
        self.sessions: set[Session] = set()
        self.touched: list[Session] = []
        self.freed: list[Session] = []
        self.batch: list[Delivery] = []
        self.settled: set[Device] = set()
        self.received: set[Device] = set()
        self.plain: dict[Session, Device] = {}
        self.jobs: list[Callable[[], None]] = []
        self.next_id = store.last_id + 1
        self.trouble: NotStored | None = None
        self.now = now
        self.wall = wall
        revive(self, now, wall)

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
        return Session(connection, label, address)

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
        session.busy = True

        def finish(result: Any) -> None:
            session.busy = False
            if judge is not None:
                judge(result)
            try:
                if isinstance(result, Exception):
                    raise result
                if not session.ended:
                    then(result)
            except RequestError as error:
                if not session.ended:
                    self.refuse(session, event, error)
            except StoreFailed:
                raise
            except Exception:  # noqa: BLE001 - surprise must stay in this session
                self._contain(session)
            self._go_on(session)

        def begin() -> None:
            try:
                start(finish)
            except RequestError as error:
                finish(error)

        self.jobs.append(begin)

    @log
    def _go_on(self, session: Session) -> None:
        """Handle what a session has said while a worker held it up."""
        waiting, session.waiting = session.waiting, ()
        try:
            self.handle(session, waiting, self.now)
        except StoreFailed:
            raise
        except Exception:  # noqa: BLE001 - surprise must stay in this session
            self._contain(session)
        if not session.busy:
            self.freed.append(session)

    @log
    def _contain(self, session: Session) -> None:
        """Keep a fault of ours to the session that met it."""
        _logger.exception("a fault of ours, %s", session.log_label)
        if not session.ended:
            self.end(session, OutOfService(OUR_MISTAKE))

    @log
    def expire(self, now: float) -> None:
        """End what has waited long enough: kept guests and empty rooms."""
        self.now = now
        if self.trouble is not None:
            self._commit()  # perhaps the disk is well again
        receipts.write_down(self)
        for person in self.people.overdue(now):
            self.forget(person)
        for room in self.rooms.expire(now):
            self.store.end_room(room.conversation)
            self.journal.room_ended(room.name)

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
        self.journal.refused(session.log_label, type(event).__name__, error)
        if not isinstance(event, Said):
            self.tell(session, Refused(error, getattr(event, "request", None)))
            return
        for number in messages.numbers_of(event):
            if number is not None:
                self.settle_refused(session, number)
            self.tell(session, Refused(error, number))

    @log
    def settle_refused(self, session: Session, number: int) -> None:
        """Note that a numbered message was refused, for good."""
        device = session.device
        if device is not None:
            device.refuse(number)
            if device.row:
                self.settled.add(device)

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
        self.feeder.drop(session)
        if session in person.sessions:
            person.sessions.remove(session)
        self.journal.left(session.log_label, reason)
        receipts.note_written(self, session)
        self.plain.pop(session, None)
        if person.is_account:
            self._drop_device(person, session.device)
        elif not person.is_here:
            self._keep_or_forget(person)

    @log
    def _drop_device(self, person: Person, device: Device | None) -> None:
        """Forget what the store knows as well, when nobody uses the device any more."""
        if device in self.settled or device in self.received:
            return
        if all(one.device is not device for one in person.all_sessions()):
            person.devices = {
                key: kept for key, kept in person.devices.items() if kept is not device
            }

    @log
    def _keep_or_forget(self, guest: Person) -> None:
        seconds = self.people.kept_seconds
        if guest.devices and seconds:
            self.people.keep(guest, self.now + seconds)
            self.store.keep_guest(guest.number, self.wall + seconds)
        else:
            self.forget(guest)

    @log
    def forget(self, person: Person) -> None:
        """Free a guest's name, and take the guest from all rooms."""
        self.leave_everything(person)
        self.store.forget_person(person.number)
        self.journal.forgotten(person.name)

    @log
    def leave_everything(self, person: Person) -> None:
        """Take somebody from all rooms and from the people."""
        for room in list(person.rooms):
            rooms.take_from_room(self, room, person)
        self.people.forget(person)

    @log
    def close(self) -> None:
        """Write down what waits; raises StoreFailed."""
        receipts.write_down(self)
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
        """End all sessions without a further word."""
        for session in list(self.sessions):
            self.part(session, Label("the server stops"))

    @log
    def probe(self, session: Session) -> None:
        """Ask a silent session whether it still lives."""
        self.tell(session, Probing())
