"""The client's side of JIM without sockets: bytes in, events out, and back.

It runs wherever bytes can be carried: hand what comes to `receive_data`, carry away
what `data_to_send` returns after each call, say `receive_eof` when the connection is
gone, and `sign_in` on the next one. What is not acknowledged is sent again then, and
nothing twice (docs/protocol.md). What has to outlive the session is in `changes`.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable

from client.answers import failure
from client.asking import AnyRequest
from client.encoding import (
    Credentials,
    encode_pending,
    encode_presence,
    encode_quit,
    encode_sign_in,
)
from client.events import (
    Event,
    Kind,
    Notice,
    ProtocolBroken,
    SessionEnded,
    SignInRefused,
    Welcomed,
)
from client.hearing import Hearing
from client.incoming import read_incoming
from client.keeping import Changes, Kept
from client.memory import Memory
from client.outbox import Outbox, Pending
from client.privacy import check_request
from client.receipts import Receipts
from client.requests import Requests
from client.standing import Standing
from client.state import Move, State, next_state
from common.framing import Broken, ObjectSplitter
from common.messages import UNSET, Answer, Probe
from common.names import Name, RoomName, Secret
from decorators import log
from errors import ProtocolError

__all__ = ["ClientSession", "Credentials"]

# What a server may send at once; ours keeps to 64 KiB.
_LARGEST_OBJECT_BYTES = 4 * 1024 * 1024
_DEEPEST_NESTING = 32
# The server's own code for a request that it could not do.
_BROKEN = 500


class ClientSession(Requests):
    """One person on one device at one server, across all its connections.

    Its methods raise IllegalTransition when the session has ended; those that ask for
    something return its number, by which events refer to it.
    """

    @log
    def __init__(
        self,
        name: Name | str,
        device: Secret | str = "",
        *,
        last_number: int = 0,
        kept: Kept | None = None,
        credentials: Credentials | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a session that is signed out.

        `kept` is what an archive has kept of this device; take `changes` from then on.
        Without it `device` is a random id that the client keeps (by default one that
        lasts as long as this object), and `last_number` the last that it has used.
        """
        self.name = self.log_label = name
        self.state = State.SIGNED_OUT
        #: Nobody on the way can read what is said; to be set for each connection.
        self.is_private = True
        self._standing = Standing(credentials or Credentials())
        self._is_kept = kept is not None
        if kept is None:
            new_id = Secret(device or secrets.token_hex(16))
            kept = Kept(new_id, last_number=last_number)
        self._device = kept.device
        self._clock = clock
        first = max((one.number for one in kept.waiting), default=0) + 1
        self._numbers = itertools.count(first)
        self._outbox = Outbox(kept.last_number, kept.waiting)
        self._memory = Memory(kept)
        self._receipts = Receipts(self._memory)
        self._hearing = Hearing(name, self._memory, self._outbox, self._standing)
        self._splitter = ObjectSplitter()
        self._out = bytearray()
        self._sign_in_id = 0
        self._goodbye = ""

    @property
    @log
    def credentials(self) -> Credentials:
        """What the next sign-in proves who we are with; may be set."""
        return self._standing.credentials

    @credentials.setter
    @log
    def credentials(self, credentials: Credentials) -> None:
        self._standing.credentials = credentials

    @property
    @log
    def guest(self) -> bool:
        """Tell whether our name is no account's, as the server said last."""
        return self._memory.guest

    @property
    @log
    def keeps_history(self) -> bool:
        """Tell whether the server keeps what is said, as it said last."""
        return self._memory.keeps_history

    @property
    @log
    def store(self) -> str:
        """Which store the server has, as it said last; "" before it said so."""
        return self._memory.store

    @property
    @log
    def unacknowledged(self) -> int:
        """How many messages are not known to be stored or refused."""
        return self._outbox.unacknowledged

    @property
    @log
    def unanswered(self) -> int:
        """How many requests, messages among them, have no answer yet."""
        return self._outbox.unanswered

    @property
    @log
    def awaits_answer(self) -> bool:
        """Tell whether the server owes an answer on this connection."""
        return self.state is State.SIGNING_IN or self._outbox.on_wire > 0

    @property
    @log
    def last_number(self) -> int:
        """The last number that this device has used; to be kept with its id."""
        return self._outbox.last_id

    @log
    def sign_in(self) -> None:
        """Begin on a new connection: Welcomed or SignInRefused follows."""
        self._move(Move.SIGN_IN)
        self._splitter = ObjectSplitter(_LARGEST_OBJECT_BYTES, _DEEPEST_NESTING)
        self._goodbye = ""
        self._receipts.begin_anew()
        self._sign_in_id = self._outbox.next_id()
        memory = self._memory
        known = Kept(self._device, store=memory.store, since=memory.since)
        self._out += encode_sign_in(
            self.name, self._clock(), self._sign_in_id, known, self.credentials
        )

    @log
    def retry(self) -> None:
        """Do what is due by the clock; call it once a second.

        What found nobody at a restarted server is tried again, and the server is told
        what we have got since the last time.
        """
        self._outbox.release()
        self._fill_wire()
        if self.state is State.SIGNED_IN:
            self._out += self._receipts.maybe_encode(self._clock())

    @log
    def quit(self) -> None:
        """Say goodbye; the session is over once the bytes are sent."""
        before = self.state
        self._move(Move.QUIT)
        if before is State.SIGNED_IN:
            self._out += self._receipts.encode(self._clock())
        if before is not State.SIGNED_OUT:
            self._out += encode_quit(self._clock())

    @log
    def data_to_send(self) -> bytes:
        """Return the bytes for the connection, and forget them."""
        if not self._is_kept:
            self.changes()
        data = bytes(self._out)
        self._out.clear()
        return data

    @log
    def changes(self) -> Changes | None:
        """Return what is to be kept before anything else happens; forget it.

        None if nothing is. To be asked for after each call, if the session was made of
        something kept.
        """
        outbox = self._outbox.take_changed()
        messages, moved = self._memory.take_unkept()
        if not (outbox or messages or moved):
            return None
        memory, last = self._memory, self._outbox.last_id
        return Changes(
            self.name, memory.guest, last, memory.store, memory.since, outbox, messages
        )

    @log
    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes from the server, however cut; return what they mean, in order.

        Never raises on what the server says. Ask for `data_to_send` afterwards.
        """
        events: list[Event] = []
        for piece in self._splitter.receive_data(data):
            if self.state in (State.SIGNED_OUT, State.ENDED):
                break
            try:
                events += self._receive_piece(piece)
            except ProtocolError as error:
                self._move(Move.BREAK)
                events.append(ProtocolBroken(str(error)))
        self._fill_wire()
        return events

    @log
    def receive_eof(self) -> list[Event]:
        """Note that the connection is gone; sign in again on the next one."""
        before = self.state
        self._move(Move.LOSE)
        if before in (State.SIGNED_OUT, State.ENDED):
            return []
        self._out.clear()
        reason = "the connection broke at it again and again"
        given_up = self._outbox.lose_connection()
        events = [failure(one, reason, _BROKEN) for one in given_up]
        return [*events, SessionEnded(self._goodbye)]

    @log
    def _move(self, move: Move) -> None:
        self.state = next_state(self.state, move)

    @log
    def _ask(
        self,
        kind: Kind,
        request: AnyRequest | None,
        target: Name | RoomName | str = "",
        text: str = "",
    ) -> int:
        self._move(Move.REQUEST)
        if not self.is_private:
            check_request(request)
        number = next(self._numbers)
        pending = Pending(number, kind, target, text, self._clock(), request=request)
        self._memory.check_size(text, encode_pending(pending, self.name))
        self._outbox.add(pending)
        self._fill_wire()
        return number

    @log
    def _fill_wire(self) -> None:
        if self.state is State.SIGNED_IN:
            for pending in self._outbox.take_ready():
                self._out += encode_pending(pending, self.name)

    @log
    def _receive_piece(self, piece: bytes | Broken) -> list[Event]:
        if isinstance(piece, Broken):
            raise ProtocolError(f"what the server says is not JIM: {piece.flaw.value}")
        said, now = read_incoming(piece), self._clock()
        if said is None:
            return []
        if isinstance(said, Probe):
            self._out += encode_presence(self.name, now, self._standing.status)
            return []
        if isinstance(said, Answer) and self._answers_sign_in(said):
            events = self._hearing.take_sign_in(said, now)
        else:
            events = self._hearing.take(said, now)
        for event in events:
            self._follow(event)
        return events

    @log
    def _answers_sign_in(self, answer: Answer) -> bool:
        if self.state is not State.SIGNING_IN or answer.replaced is True:
            return False
        return answer.response >= 200 and answer.id in (UNSET, self._sign_in_id)

    @log
    def _follow(self, event: Event) -> None:
        """Go where an event leads."""
        match event:
            case Welcomed(name=name):
                self._move(Move.BE_WELCOMED)
                self.name = self.log_label = name
            case SignInRefused():
                self._move(Move.BE_REFUSED)
            case SessionEnded(replaced=replaced):
                self._move(Move.BE_REPLACED if replaced else Move.BE_SIGNED_OUT)
            case Notice(code=code, text=text) if code >= 400:
                self._goodbye = text
