"""What a session has asked for and has no answer to: numbers, order, sending again.

A request waits, goes onto the wire, and leaves when it is answered. Its id on the wire
is given when it first goes there, so never before the server has said which numbers
this device has used (docs/protocol.md, "Devices"). After a broken connection what was
on the wire waits again, with its id, before what came later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from client.asking import AnyRequest
from client.kinds import Kind
from decorators import log
from errors import TooMany

__all__ = ["MOST_UNANSWERED", "MOST_WAITING", "Outbox", "Pending"]

#: Requests on the wire at once; the server remembers as many settled numbers.
MOST_UNANSWERED = 1_000
#: Requests that may wait for their turn: a queue without an end fills the memory.
MOST_WAITING = 10_000

# Connections break for other reasons, too: a few in a row are no proof.
_MOST_BREAKS = 5


class Pending(Struct):
    """One request without an answer; `number` is the owner's name for it.

    `request` is what goes onto the wire for all but messages, whose `target` and `text`
    say all. `page` and `rows` are of a list that comes in pages. Until `retry_until`,
    in UNIX seconds, an addressee who is not there may yet come. `breaks` counts the
    connections that broke while the server owed the answer to this one.
    """

    number: int
    kind: Kind
    target: str
    text: str
    time: float
    wire_id: int = 0
    request: AnyRequest | None = None
    page: str | int = ""
    rows: list[Any] = []
    retry_until: float = 0.0
    breaks: int = 0


class Outbox:
    """The requests of one session, in order."""

    @log
    def __init__(self, last_id: int = 0, waiting: Iterable[Pending] = ()) -> None:
        """Go on above `last_id`, the last number that this device has used.

        `waiting` are messages of an earlier run; those with a number go first.
        """
        self.last_id = last_id
        self.unacknowledged = 0
        self._stored_id = 0
        self._on_wire: dict[int, Pending] = {}
        self._held: list[Pending] = []
        self._changed: dict[int, Pending | None] = {}
        self._waiting: deque[Pending] = deque()
        self.add_first(
            sorted(waiting, key=lambda one: (not one.wire_id, one.wire_id, one.number))
        )
        self._changed.clear()

    @property
    @log
    def unanswered(self) -> int:
        """How many requests of any kind have no answer."""
        return len(self._waiting) + len(self._on_wire) + len(self._held)

    @property
    @log
    def on_wire(self) -> int:
        """How many requests the server owes an answer."""
        return len(self._on_wire)

    @log
    def next_id(self) -> int:
        """Return a number that this device has not used yet."""
        self.last_id += 1
        return self.last_id

    @log
    def add(self, pending: Pending) -> None:
        """Let a request wait for its turn; raises TooMany when too many do."""
        if len(self._waiting) >= MOST_WAITING:
            raise TooMany("messages waiting to be sent", MOST_WAITING)
        self._waiting.append(pending)
        self._count(pending, 1)

    @log
    def add_first(self, pendings: Iterable[Pending]) -> None:
        """Let requests go before all that wait."""
        pendings = list(pendings)
        self._waiting.extendleft(reversed(pendings))
        for pending in pendings:
            self._count(pending, 1)

    @log
    def take_ready(self) -> list[Pending]:
        """Move what may go onto the wire there, and return it; each has its id."""
        ready = []
        while self._waiting and len(self._on_wire) < MOST_UNANSWERED:
            pending = self._waiting.popleft()
            if not pending.wire_id:
                pending.wire_id = self.next_id()
                self._note(pending)
            self._on_wire[pending.wire_id] = pending
            ready.append(pending)
        return ready

    @log
    def take_changed(self) -> dict[int, Pending | None]:
        """Return by number the messages that changed, None for settled; forget them."""
        changed, self._changed = self._changed, {}
        return changed

    @log
    def answer(self, wire_id: int, code: int) -> Pending | None:
        """Take out the request that an answer belongs to; None if there is none."""
        pending = self._on_wire.pop(wire_id, None)
        if pending is not None:
            self._count(pending, -1)
            if pending.kind is Kind.MESSAGE and code < 300:
                self._stored_id = max(self._stored_id, wire_id)
        return pending

    @log
    def hold(self, pending: Pending) -> None:
        """Keep a request that was answered, as a new one, until `release`."""
        pending.wire_id = 0
        self._held.append(pending)
        self._count(pending, 1)

    @log
    def release(self) -> None:
        """Let what is held wait for its turn, before what came later.

        Numbers must rise: what has its number already goes first.
        """
        if self._held:
            numbered = [one for one in self._waiting if one.wire_id]
            others = [one for one in self._waiting if not one.wire_id]
            self._waiting = deque([*numbered, *self._held, *others])
            self._held = []

    @log
    def lose_connection(self) -> list[Pending]:
        """Let everything on the wire wait again, in the old order.

        Returns what is given up: the request that was next, where it was that at many
        broken connections in a row, which are then its doing. Never a message.
        """
        given_up = []
        first = next(iter(self._on_wire.values()), None)
        if first is not None and first.kind is not Kind.MESSAGE:
            first.breaks += 1
            if first.breaks >= _MOST_BREAKS:
                given_up.append(self._on_wire.pop(first.wire_id))
        for pending in self._on_wire.values():
            pending.rows = []
            pending.page = ""
        self._waiting.extendleft(reversed(self._on_wire.values()))
        self._on_wire.clear()
        self.release()
        return given_up

    @log
    def settle(self, device_seq: int) -> list[Pending]:
        """Take out the messages that the server settled before the connection broke.

        Those are all up to `device_seq`, its word at sign-in, that were on the wire.
        """
        self.last_id = max(self.last_id, device_seq)
        return self.take_out(
            [
                one
                for one in self._waiting
                if one.kind is Kind.MESSAGE and 0 < one.wire_id <= device_seq
            ]
        )

    @log
    def waiting(self) -> list[Pending]:
        """Return what waits, in order."""
        return list(self._waiting)

    @log
    def take_out(self, pendings: list[Pending]) -> list[Pending]:
        """Let requests that wait be forgotten; return them."""
        identities = {id(one) for one in pendings}
        self._waiting = deque(one for one in self._waiting if id(one) not in identities)
        for pending in pendings:
            self._count(pending, -1)
        return pendings

    @log
    def is_forgotten(self, device_seq: int) -> bool:
        """Tell whether a server that says `device_seq` has forgotten this device.

        The answer counts from then on: what is stored is what that server has stored.
        """
        forgotten = device_seq < self._stored_id
        if forgotten:
            self._stored_id = device_seq
        return forgotten

    @log
    def _count(self, pending: Pending, change: int) -> None:
        if pending.kind is Kind.MESSAGE:
            self.unacknowledged += change
            self._changed[pending.number] = pending if change > 0 else None

    @log
    def _note(self, pending: Pending) -> None:
        if pending.kind is Kind.MESSAGE:
            self._changed[pending.number] = pending
