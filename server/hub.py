"""The hub: who is here, rooms, routing. Events in, events out.

No bytes, no sockets, no clock of its own. What a turn has for a session stands in that
session's `outbox`, and `end_turn` hands it out only after the store has the turn's
messages.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from common.limits import Limits
from common.names import ALL, Label, RoomName, check_name, check_room, is_room
from decorators import log
from errors import (
    Away,
    BadRequest,
    NoSuchName,
    NoSuchRoom,
    NotAllowed,
    NotSignedIn,
    Replaced,
    RequestError,
    TooLong,
    TooMany,
)
from server.events import (
    Accepted,
    Delivery,
    Done,
    Duplicate,
    Event,
    Faulty,
    Foreign,
    Goodbye,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    Movement,
    Notice,
    Outgoing,
    Probing,
    Quitting,
    Refused,
    RoomEntry,
    RoomList,
    Said,
    SignIn,
    UserEntry,
    UserList,
    Welcome,
)
from server.journal import Journal
from server.people import HIGHEST_NUMBER, Device, People, Person, Session, page
from server.rooms import Room, Rooms
from server.store.memory import MemoryStore

__all__ = ["Hub"]

_LONGEST_PAGE = 1000
_LONGEST_STATUS = 100  # it stands in lists, once for each person
_WIDEST_CHARACTER = 4  # bytes of UTF-8


class Command(NamedTuple):
    """A row of the table of commands: who handles an event, and who may ask for it."""

    handle: Callable[["Hub", Session, Any], None]
    signed_in: bool = True


class Hub:
    """All that happens in the messenger, without knowing how anybody is connected.

    Call `open` for a new connection, `handle` with what it says, `lost` when it is
    gone, `expire` once a second, and `end_turn` when all of a turn is handled. `now`
    is a monotonic time in seconds.
    """

    @log
    def __init__(
        self, limits: Limits, kept_guest_seconds: float, store: MemoryStore
    ) -> None:
        self._limits = limits
        self._store = store
        self._people = People(kept_guest_seconds)
        self._rooms = Rooms(limits.rooms, kept_guest_seconds)
        self._sessions: set[Session] = set()
        self._touched: list[Session] = []
        self._batch: list[Delivery] = []
        self._next_id = store.last_id + 1
        self._now = 0.0
        self.journal = Journal()

    # ------------------------------------------------------------- the turn

    @log
    def open(self, connection: object, label: Label) -> Session:
        """Return the session of a new connection; nobody has signed in on it yet."""
        return Session(connection, label)

    @log
    def handle(self, session: Session, events: Sequence[Event], now: float) -> None:
        """Carry out what one connection said, in order; each request is answered."""
        self._now = now
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
                self._refuse(session, event, error)

    @log
    def end_turn(self) -> list[Session]:
        """Store the turn's messages; then return the sessions whose outbox is due."""
        if self._batch:
            self._store.commit(self._batch)
            self.journal.note_messages(self._batch)
            self._batch = []
        touched, self._touched = self._touched, []
        return touched

    @log
    def expire(self, now: float) -> None:
        """End what has waited long enough: kept guests and empty rooms."""
        self._now = now
        for person in self._people.overdue(now):
            self._forget(person)
        for room in self._rooms.expire(now):
            self.journal.room_ended(room.name)

    @log
    def _tell(self, session: Session, event: Outgoing) -> None:
        if not session.outbox:
            self._touched.append(session)
        session.outbox.append(event)

    @log
    def _refuse(self, session: Session, event: Event, error: RequestError) -> None:
        """Answer a refused request; each message of a stretch has its own answer."""
        self.journal.refused(session.log_label, type(event).__name__, error)
        if not isinstance(event, Said):
            self._tell(session, Refused(error, getattr(event, "request", None)))
            return
        for number in _numbers(event):
            if number is not None and session.device is not None:
                session.device.refuse(number)
            self._tell(session, Refused(error, number))

    # -------------------------------------------------- coming and going

    @log
    def _sign_in(self, session: Session, event: SignIn) -> None:
        if session.person is not None:
            self._sign_in_again(session, session.person, event)
            return
        name = check_name(event.name, self._limits.name_characters)
        _check_status(event.status)
        person = self._people.claim(name, event.device)
        replaced = person.sessions[:]
        if self._rooms.all not in person.rooms:
            self._rooms.enter(self._rooms.all, person)
        session.person, session.device = person, person.device
        session.status = event.status
        session.log_label = Label(f"{session.log_label} {person.name}")
        person.sessions.append(session)
        self._sessions.add(session)
        # Only now: a guest whose last session ends would be put aside or forgotten.
        for other in replaced:
            self._end(other, Replaced())
        self.journal.signed_in(session.log_label)
        self._tell(session, self._welcome(person, event.request))

    @log
    def _sign_in_again(self, session: Session, person: Person, event: SignIn) -> None:
        """Take a presence of who is signed in: a sign of life, perhaps a new status."""
        if self._people.find(event.name) is not person:
            raise BadRequest(f"you are signed in as {person.name}; quit first")
        _check_status(event.status)
        session.status = event.status
        self._tell(session, self._welcome(person, event.request))

    @log
    def _welcome(self, person: Person, request: int | None) -> Welcome:
        return Welcome(
            name=person.name,
            guest=True,
            store=self._store.store_id,
            last_id=self._next_id - 1,
            device_seq=person.device.settled,
            refused=person.device.refused(),
            limits=self._limits,
            request=request,
        )

    @log
    def _quit(self, session: Session, event: Quitting) -> None:
        self._part(session, Label("said goodbye"))

    @log
    def lost(self, session: Session, reason: Label, now: float) -> None:
        """Take note that a connection is gone."""
        self._now = now
        if not session.ended:
            self._part(session, reason)

    @log
    def dismiss(self, session: Session, error: RequestError, now: float) -> None:
        """End a session past a limit, with a goodbye that says which."""
        self._now = now
        if not session.ended:
            self._end(session, error)

    @log
    def _end(self, session: Session, error: RequestError) -> None:
        self._tell(session, Goodbye(error))
        self._part(session, Label(str(error)))

    @log
    def _part(self, session: Session, reason: Label) -> None:
        """Take a session from its person; without one a guest is kept or forgotten."""
        session.ended = True
        if not session.outbox:
            # The loop closes what it finds touched and ended.
            self._touched.append(session)
        person = session.person
        if person is None:
            self.journal.left_unsigned(session.log_label, reason)
            return
        self._sessions.discard(session)
        person.sessions.remove(session)
        self.journal.left(session.log_label, reason)
        if not person.sessions and not self._people.keep(person, self._now):
            self._forget(person)

    @log
    def _forget(self, person: Person) -> None:
        for room in list(person.rooms):
            self._leave_room(room, person)
        self._people.forget(person)
        self.journal.forgotten(person.name)

    @log
    def announce(self, notice: Notice) -> None:
        """Tell everybody who is signed in."""
        for session in self._sessions:
            self._tell(session, notice)

    @log
    def end_all(self) -> None:
        """End all sessions without a further word."""
        for session in list(self._sessions):
            self._part(session, Label("the server stops"))

    @log
    def probe(self, session: Session) -> None:
        """Ask a silent session whether it still lives."""
        self._tell(session, Probing())

    # ------------------------------------------------------------- messages

    @log
    def _say(self, session: Session, said: Said) -> None:
        """Route texts of one sender to one addressee: together, or each by itself."""
        person, device = session.person, session.device
        assert person is not None and device is not None
        limit, texts, numbers = self._limits.text_bytes, said.texts, said.numbers
        if limit and max(map(len, texts)) * _WIDEST_CHARACTER > limit:
            self._say_one_by_one(session, person, device, said)
        elif numbers is None or (
            numbers[0] > device.settled
            and numbers == [*range(numbers[0], numbers[0] + len(numbers))]
            and numbers[-1] <= HIGHEST_NUMBER
        ):
            self._deliver(session, person, device, said)
        else:
            self._say_one_by_one(session, person, device, said)

    @log
    def _say_one_by_one(
        self, session: Session, person: Person, device: Device, said: Said
    ) -> None:
        for text, number in zip(said.texts, _numbers(said), strict=True):
            one = Said(said.to, [text], None if number is None else [number])
            try:
                self._say_one(session, person, device, one)
            except RequestError as error:
                self._refuse(session, one, error)

    @log
    def _say_one(
        self, session: Session, person: Person, device: Device, one: Said
    ) -> None:
        if one.numbers is not None:
            number = one.numbers[0]
            stored = device.stored_before(number)
            if stored is not None:
                self._tell(session, Duplicate(number, stored[0]))
                return
        limit = self._limits.text_bytes
        if limit and len(one.texts[0].encode()) > limit:
            raise TooLong("the text", limit)
        self._deliver(session, person, device, one)

    @log
    def _deliver(
        self, session: Session, person: Person, device: Device, said: Said
    ) -> None:
        """Give the texts their ids, and put them before their readers and the store."""
        # Nearly always somebody who is here, spelled as they spell themselves.
        somebody = self._people.by_spelling.get(said.to)
        target: Person | Room
        if somebody is not None and somebody.sessions:
            target = somebody
        else:
            target = self._target(person, said.to)
        texts, numbers = said.texts, said.numbers
        first_id = self._next_id
        self._next_id = first_id + len(texts)
        delivery = Delivery(person.name, target.name, texts, first_id)
        self._batch.append(delivery)
        # `_tell` is written out below: this is the hottest place of the hub.
        touched = self._touched
        if isinstance(target, Room):
            readers = [
                reader
                for member in target.members
                for reader in member.sessions
                if reader is not session
            ]
        else:
            readers = target.sessions
        for reader in readers:
            if not reader.outbox:
                touched.append(reader)
            reader.outbox.append(delivery)
        if numbers is not None:
            device.store(numbers, first_id)
        if not session.outbox:
            touched.append(session)
        session.outbox.append(Accepted(numbers, first_id, len(texts)))

    @log
    def _target(self, sender: Person, to: str) -> Person | Room:
        """Return the addressee, or raise why nothing can be said to it."""
        if is_room(to):
            room = self._rooms.find(to)
            if room is None:
                raise NoSuchRoom(to)
            if sender not in room.members:
                raise NotAllowed(f"you are not in {room.name}; join it first")
            return room
        person = self._people.find(to)
        if person is None:
            raise NoSuchName(to)
        if not person.sessions:
            raise Away(person.name)
        return person

    # ---------------------------------------------------------------- rooms

    @log
    def _join(self, session: Session, event: JoinRoom) -> None:
        person = session.person
        assert person is not None
        check_room(event.room, self._limits.name_characters)
        room = self._rooms.find(event.room)
        created = room is None
        if room is not None and person in room.members:
            self._tell(session, Done(event.request))
            return
        limit = self._limits.rooms_per_person
        if limit and len(person.rooms) > limit:
            raise TooMany("rooms that you are in", limit)
        if room is None:
            room = self._rooms.make(RoomName(event.room))
        self._rooms.enter(room, person)
        self.journal.moved(person.name, room.name, entered=True)
        self._tell(session, Done(event.request, created))
        self._tell_movement(room, person, entered=True)

    @log
    def _leave(self, session: Session, event: LeaveRoom) -> None:
        person = session.person
        assert person is not None
        room = self._rooms.find(event.room)
        if room is None:
            raise NoSuchRoom(event.room)
        if room is self._rooms.all:
            raise NotAllowed(f"{ALL} is where everybody is; it can't be left")
        if person not in room.members:
            raise NotAllowed(f"you are not in {room.name}")
        self._leave_room(room, person)
        self._tell(session, Done(event.request))

    @log
    def _leave_room(self, room: Room, person: Person) -> None:
        self._rooms.leave(room, person, self._now)
        self.journal.moved(person.name, room.name, entered=False)
        self._tell_movement(room, person, entered=False)

    @log
    def _tell_movement(self, room: Room, person: Person, *, entered: bool) -> None:
        if not room.tells_movements():
            return
        movement = Movement(entered, room.name, person.name)
        for member in room.members:
            if member is not person:
                for reader in member.sessions:
                    self._tell(reader, movement)

    # ---------------------------------------------------------------- lists

    @log
    def _list_rooms(self, session: Session, event: ListRooms) -> None:
        rooms, more = page(self._rooms.after(event.after), _page_size(event.limit))
        entries = [
            RoomEntry(room.name, len(room.members), session.person in room.members)
            for room in rooms
        ]
        self._tell(session, RoomList(entries, more, event.request))

    @log
    def _list_users(self, session: Session, event: ListUsers) -> None:
        persons = self._people.after(event.after)
        if event.room is not None:
            room = self._rooms.find(event.room)
            if room is None:
                raise NoSuchRoom(event.room)
            persons = (person for person in persons if person in room.members)
        found, more = page(persons, _page_size(event.limit))
        entries = [
            UserEntry(
                name=person.name,
                status=person.sessions[-1].status if person.sessions else "",
                guest=True,
                online=bool(person.sessions),
            )
            for person in found
        ]
        self._tell(session, UserList(entries, more, event.request))

    # ------------------------------------------------------- broken requests

    @log
    def _take_fault(self, session: Session, event: Faulty) -> None:
        """Answer what is no request; past the limit, or if nothing can follow, end."""
        if event.fatal:
            self._end(session, event.error)
            return
        if event.number is not None and session.device is not None:
            session.device.refuse(event.number)
        self._tell(session, Refused(event.error, event.request))
        session.faults += 1
        limit = self._limits.broken_objects
        if limit and session.faults >= limit:
            self._end(session, TooMany("broken objects in a row", limit))

    @log
    def _turn_away(self, session: Session, event: Foreign) -> None:
        self._end(session, BadRequest(f"this port speaks JIM, not {event.protocol}"))


@log
def _numbers(said: Said) -> Sequence[int | None]:
    return said.numbers or [None] * len(said.texts)


@log
def _check_status(status: str) -> None:
    if len(status) > _LONGEST_STATUS:
        raise BadRequest(f"a status has at most {_LONGEST_STATUS} characters")


@log
def _page_size(asked: int | None) -> int:
    return _LONGEST_PAGE if asked is None else max(1, min(asked, _LONGEST_PAGE))


COMMANDS: dict[type[Any], Command] = {
    SignIn: Command(Hub._sign_in, signed_in=False),
    Said: Command(Hub._say),
    JoinRoom: Command(Hub._join),
    LeaveRoom: Command(Hub._leave),
    ListRooms: Command(Hub._list_rooms),
    ListUsers: Command(Hub._list_users),
    Quitting: Command(Hub._quit, signed_in=False),
    Faulty: Command(Hub._take_fault, signed_in=False),
    Foreign: Command(Hub._turn_away, signed_in=False),
}
