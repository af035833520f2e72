"""Who is here: persons, their devices and sessions, and guests whose name waits."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from common.addresses import is_loopback, network_of
from common.names import RESERVED, Label, Name
from common.roles import Role
from decorators import log
from errors import AlreadySettled, BadRequest
from server.events import Event, Outgoing
from server.register import Register
from server.ties import NOBODY, untie

if TYPE_CHECKING:
    from server.rooms import Room

__all__ = [
    "HIGHEST_NUMBER",
    "REMEMBERED",
    "Device",
    "People",
    "Person",
    "Session",
]

#: How many of a device's last numbers are remembered one by one (jim.md).
REMEMBERED = 1000
#: Message ids and numbers must survive readers that hold numbers as doubles.
HIGHEST_NUMBER = 2**53 - 1


class Device:
    """What is settled of the messages that one client numbered.

    `row` is its number in the store, 0 for a device of one connection only; `received`
    is the last message that it is known to have.
    """

    __slots__ = ("_refused", "_stored", "received", "row", "settled")

    @log
    def __init__(
        self,
        row: int = 0,
        settled: int = 0,
        refused: Iterable[int] = (),
        received: int = 0,
    ) -> None:
        self.row = row
        self.settled = settled
        self.received = received
        # Made when first needed: most connections are idle.
        self._stored: deque[tuple[int, int]] | None = None
        self._refused: set[int] | None = set(refused) or None

    @log
    def store(self, numbers: list[int], first_id: int) -> None:
        """Settle ascending new numbers as stored, under `first_id` and what follows."""
        if self._stored is None:
            self._stored = deque(maxlen=REMEMBERED)
        ids = range(first_id, first_id + len(numbers))
        self._stored.extend(zip(numbers, ids, strict=True))
        self.settled = numbers[-1]

    @log
    def refuse(self, number: int) -> None:
        """Settle a new number as refused; an old or a wrong one changes nothing."""
        if not self.settled < number <= HIGHEST_NUMBER:
            return
        oldest = number - REMEMBERED
        self._refused = {kept for kept in self._refused or () if kept > oldest}
        self._refused.add(number)
        self.settled = number

    @log
    def take_back(self, numbers: Sequence[int]) -> None:
        """Settle numbers of this turn as refused: the store could not take them."""
        gone = set(numbers)
        kept = [pair for pair in self._stored or () if pair[0] not in gone]
        self._stored = deque(kept, maxlen=REMEMBERED)
        self._refused = (self._refused or set()) | gone

    @log
    def refused(self) -> list[int]:
        """Return which of the last numbers were refused."""
        oldest = self.settled - REMEMBERED
        return sorted(number for number in self._refused or () if number > oldest)

    @log
    def stored_before(self, number: int) -> tuple[int | None] | None:
        """Tell whether `number` is stored: None if it is new, else its id if known.

        Raises AlreadySettled for a refused one, BadRequest for one too old to know.
        """
        if not 0 < number <= HIGHEST_NUMBER:
            raise BadRequest("the id of a message counts up from 1")
        if number > self.settled:
            return None
        if number <= self.settled - REMEMBERED:
            raise BadRequest(f"the id is more than {REMEMBERED} below the last one")
        if self._refused and number in self._refused:
            raise AlreadySettled(number)
        known = (found for kept, found in self._stored or () if kept == number)
        return (next(known, None),)


class Session:
    """One connection's side in the hub. `outbox` is what this turn has for it.

    While `busy` (a worker has a request of it) nothing more of it is handled: it waits
    in `waiting`. `cursor` is the last message it has got, while it is being fed from
    the store; the loop says when it is `hungry`, able to take more, and that the way is
    `is_private`: nobody on the network can read it. A guest's sanction holds for the
    `network` (None: this machine). `token` is the number of the one that opened it. Who
    `is_admin` came by the socket that only the
    server's owner can open.
    """

    __slots__ = (
        "address",
        "busy",
        "connection",
        "cursor",
        "device",
        "ended",
        "faults",
        "hungry",
        "is_admin",
        "is_private",
        "log_label",
        "network",
        "outbox",
        "person",
        "status",
        "token",
        "waiting",
    )

    @log
    def __init__(self, connection: Any, label: Label, address: Label) -> None:
        # The loop's own; the hub asks it only which message it has written.
        self.connection = connection
        self.log_label = label
        self.address = address
        self.person: Person | None = None
        self.device: Device | None = None
        self.token: int | None = None
        self.status = ""
        self.outbox: list[Outgoing] = []
        self.faults = 0
        self.ended = False
        self.busy = False
        self.waiting: Sequence[Event] = ()
        self.cursor = 0
        self.hungry = True
        self.is_private = is_loopback(address)
        # Once: a ban compares it with everybody's.
        self.network = None if self.is_private else network_of(address)
        self.is_admin = False


class Person:
    """A name and what belongs to it. `number` is its identity: names come again.

    `sessions` are those that get messages from the loop, `fed` those that still get
    them from the store. A guest has at most one device, and one of the two.
    `status` is what they said of themselves for all sessions. `blocks` are those of
    whom they hear nothing, `blocked_by` those who hear nothing of them; `contacts` are
    those whom they watch, `watchers` those who watch them. `sanctioned`: they are
    banned or muted somewhere (`Hub.sanctions` knows where). `seen` is when an account
    was here last, in UNIX seconds.
    """

    __slots__ = (
        "away",
        "blocked_by",
        "blocks",
        "contacts",
        "devices",
        "fed",
        "is_account",
        "is_open",
        "lines",
        "log_label",
        "name",
        "number",
        "owed_receipts",
        "role",
        "rooms",
        "sanctioned",
        "seen",
        "sessions",
        "shows_seen",
        "status",
        "watchers",
    )

    @log
    def __init__(
        self, number: int, name: Name, *, is_account: bool = False, is_open: bool = True
    ) -> None:
        self.number = number
        self.name = name
        self.is_account = is_account
        self.is_open = is_open
        self.log_label = f"{number} {name}"
        self.role = Role.MEMBER if is_account else Role.GUEST
        self.status = ""
        self.away = False
        self.sanctioned = False
        self.seen: float | None = None
        self.shows_seen = True
        self.blocks = NOBODY
        self.blocked_by = NOBODY
        self.contacts = NOBODY
        self.watchers = NOBODY
        self.devices: dict[str, Device] = {}
        self.sessions: list[Session] = []
        self.fed: list[Session] = []
        self.rooms: list[Room] = []
        #: Direct lines that were used since the start, by who is at the other end.
        self.lines: dict[Person, int] = {}
        #: Whom to tell when this person has received them: of the first and the last
        #: message that they were not told of yet.
        self.owed_receipts: dict[Person, list[int]] = {}

    @property
    @log
    def is_here(self) -> bool:
        """Tell whether any session of theirs is live."""
        return bool(self.sessions or self.fed)

    @log
    def all_sessions(self) -> list[Session]:
        """Return the sessions, those that are still being fed too."""
        return [*self.sessions, *self.fed]


class People:
    """All persons: accounts, guests with a session, guests whose name is kept."""

    @log
    def __init__(self, kept_seconds: float, kept_per_address: int = 0) -> None:
        """Begin with nobody; of guests of one address so many are kept, 0: all."""
        self._register: Register[Person] = Register(RESERVED)
        self._kept: dict[Person, float] = {}
        # From where they were, the one that waits longest first.
        self._kept_from: dict[Person, str | None] = {}
        self._waiting: dict[str | None, dict[Person, None]] = {}
        self._kept_per_address = kept_per_address
        self.kept_seconds = kept_seconds
        self.find = self._register.find
        self.by_spelling = self._register.by_spelling
        self.by_number: dict[int, Person] = {}

    @log
    def add(self, person: Person) -> None:
        """Take a person in; raises NameTaken when one looks like that already."""
        self._register.add(person.name, person)
        self.by_number[person.number] = person

    @log
    def put_back(self, person: Person) -> None:
        """Take in somebody of before the start, whatever others look like."""
        self._register.put_back(person.name, person)
        self.by_number[person.number] = person

    @log
    def keep(self, guest: Person, until: float) -> None:
        """Keep the name of a guest who has no session any more."""
        self._kept[guest] = until

    @log
    def keep_from(
        self, network: str | None, guest: Person, until: float
    ) -> Person | None:
        """Keep a guest who was there (None: this machine).

        Return whose name is to be forgotten instead, if too many wait from there.
        """
        self.keep(guest, until)
        self._kept_from[guest] = network
        waiting = self._waiting.setdefault(network, {})
        waiting[guest] = None
        most = self._kept_per_address
        return next(iter(waiting)) if most and len(waiting) > most else None

    @log
    def let_go(self, person: Person) -> None:
        """Keep a name no longer just for a while: its guest is back."""
        self._kept.pop(person, None)
        if person in self._kept_from:
            network = self._kept_from.pop(person)
            waiting = self._waiting[network]
            del waiting[person]
            if not waiting:
                del self._waiting[network]

    @log
    def forget(self, person: Person) -> None:
        """Free the person's name for good."""
        self.let_go(person)
        self._register.remove(person.name)
        del self.by_number[person.number]
        for other in list(person.lines):  # who notes for themselves is one of them
            other.lines.pop(person, None)
            other.owed_receipts.pop(person, None)
        untie(person)

    @log
    def overdue(self, now: float, most: int) -> list[Person]:
        """Return guests whose time to come back is over, up to `most` at a time."""
        over = (guest for guest, until in self._kept.items() if until <= now)
        return list(islice(over, most))

    @log
    def after(self, name: str | None) -> Iterator[Person]:
        """Return the persons in the order of their names, from behind `name`."""
        return self._register.after(name)


@log
def page(items: Iterable[Any], limit: int) -> tuple[list[Any], bool]:
    """Return up to `limit` items and whether more follow."""
    rows = list(islice(items, limit + 1))
    return rows[:limit], len(rows) > limit
