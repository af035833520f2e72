"""The client's side of JIM without sockets: bytes in, events out, and back.

It runs wherever bytes can be carried: hand what comes to `receive_data`, carry away
what `data_to_send` returns after each call, say `receive_eof` when the connection is
gone, and `sign_in` on the next one. What is not acknowledged is sent again then, and
nothing twice (docs/protocol.md).
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from typing import NewType

from client.answers import event_of, goes_on, is_refusal, reason_of
from client.encoding import encode_pending, encode_presence, encode_quit
from client.events import (
    Event,
    Kind,
    MessageReceived,
    Movement,
    Notice,
    ProtocolBroken,
    SessionEnded,
    SignInRefused,
)
from client.incoming import read_incoming
from client.memory import Memory
from client.outbox import Outbox, Pending
from client.state import Move, State, next_state
from client.welcome import may_yet_come, settle
from common.framing import Broken, ObjectSplitter
from common.messages import UNSET, Answer, Join, Leave, Message, Probe
from common.names import Name, RoomName
from decorators import log
from errors import ProtocolError

__all__ = ["ClientSession", "DeviceId"]

#: Never in a log: whoever knows it can take a guest's name over.
DeviceId = NewType("DeviceId", str)

# What a server may send at once; ours keeps to 64 KiB.
_LARGEST_OBJECT_BYTES = 4 * 1024 * 1024
_DEEPEST_NESTING = 32


class ClientSession:
    """One person on one device at one server, across all its connections.

    Its methods raise IllegalTransition when the session has ended; those that ask for
    something return its number, by which events refer to it.
    """

    @log
    def __init__(
        self,
        name: Name | str,
        device: DeviceId | str = "",
        *,
        last_number: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a session that is signed out.

        `device` is a random id that this client keeps; without one it lasts as long
        as this object. `last_number` is the last one that the device has used.
        """
        self.name = self.log_label = name
        self.state = State.SIGNED_OUT
        self._device = device or secrets.token_hex(16)
        self._clock = clock
        self._numbers = itertools.count(1)
        self._outbox = Outbox(last_number)
        self._splitter = ObjectSplitter()
        self._out = bytearray()
        self._memory = Memory()
        self._sign_in_id = 0
        self._goodbye = ""

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
        self._sign_in_id = self._outbox.next_id()
        self._out += encode_presence(
            self.name, self._clock(), self._sign_in_id, self._device, self._memory.store
        )

    @log
    def send_message(self, to: Name | RoomName | str, text: str) -> int:
        """Send `text` to a person or a #room; MessageSent or MessageFailed follows.

        While signed out it waits. Raises TooLong when the server's limit is known and
        passed, TooMany when too many wait, BadRequest when it is not Unicode.
        """
        return self._request(Kind.MESSAGE, to, text)

    @log
    def join(self, room: RoomName | str) -> int:
        """Enter a room; RequestDone or RequestFailed follows."""
        return self._request(Kind.JOIN, room)

    @log
    def leave(self, room: RoomName | str) -> int:
        """Leave a room; RequestDone or RequestFailed follows."""
        return self._request(Kind.LEAVE, room)

    @log
    def request_users(self, room: RoomName | str | None = None) -> int:
        """Ask who is here, or in `room`; UsersListed or RequestFailed follows."""
        return self._request(Kind.USERS, room or "")

    @log
    def request_rooms(self) -> int:
        """Ask which rooms there are; RoomsListed or RequestFailed follows."""
        return self._request(Kind.ROOMS, "")

    @log
    def retry(self) -> None:
        """Try again what found nobody at a restarted server; call it once a second."""
        self._outbox.release()
        self._fill_wire()

    @log
    def quit(self) -> None:
        """Say goodbye; the session is over once the bytes are sent."""
        greeted = self.state is not State.SIGNED_OUT
        self._move(Move.QUIT)
        if greeted:
            self._out += encode_quit(self._clock())

    @log
    def data_to_send(self) -> bytes:
        """Return the bytes for the connection, and forget them."""
        data = bytes(self._out)
        self._out.clear()
        return data

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
        self._outbox.lose_connection()
        return [SessionEnded(self._goodbye)]

    @log
    def _move(self, move: Move) -> None:
        self.state = next_state(self.state, move)

    @log
    def _request(
        self, kind: Kind, target: Name | RoomName | str, text: str = ""
    ) -> int:
        self._move(Move.REQUEST)
        number = next(self._numbers)
        pending = Pending(number, kind, target, text, self._clock())
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
        match read_incoming(piece):
            case Answer() as answer:
                return self._receive_answer(answer)
            case Message() as message:
                return self._receive_message(message)
            case (Join() | Leave()) as movement:
                return self._receive_movement(movement)
            case Probe():
                self._out += encode_presence(self.name, self._clock())
        return []

    @log
    def _receive_message(self, one: Message) -> list[Event]:
        if not self._memory.is_new(one.message_id):
            return []
        message_id = one.message_id or None
        return [MessageReceived(one.sender, one.to, one.text, one.time, message_id)]

    @log
    def _receive_movement(self, movement: Join | Leave) -> list[Event]:
        if movement.user is UNSET:
            return []
        joined = isinstance(movement, Join)
        return [Movement(movement.room, movement.user.account_name, joined)]

    @log
    def _receive_answer(self, answer: Answer) -> list[Event]:
        if answer.replaced is True:
            self._move(Move.BE_REPLACED)
            return [SessionEnded(reason_of(answer), final=True, replaced=True)]
        signing_in = self.state is State.SIGNING_IN and answer.response >= 200
        if signing_in and answer.id in (UNSET, self._sign_in_id):
            return self._receive_sign_in(answer)
        if answer.id is UNSET:
            return self._receive_notice(answer)
        pending = self._outbox.answer(answer.id, answer.response)
        if pending is None:
            return []
        if may_yet_come(pending, answer, self._clock()):
            self._outbox.hold(pending)
            return []
        if goes_on(pending, answer):
            pending.wire_id = 0
            self._outbox.add_first([pending])
            return []
        event = event_of(pending, answer)
        self._memory.note(event)
        return [event]

    @log
    def _receive_notice(self, answer: Answer) -> list[Event]:
        if 200 <= answer.response < 400:
            # Such as the answer to the answer to a probe.
            return []
        if is_refusal(answer):
            self._goodbye = reason_of(answer)
        return [Notice(answer.response, reason_of(answer))]

    @log
    def _receive_sign_in(self, answer: Answer) -> list[Event]:
        if is_refusal(answer):
            self._move(Move.BE_REFUSED)
            return [SignInRefused(answer.response, reason_of(answer))]
        if answer.session is UNSET:
            raise ProtocolError(
                "this server speaks a JIM without sessions, which is too little"
            )
        self._move(Move.BE_WELCOMED)
        self.name = self.log_label = answer.session.name
        return settle(answer.session, self._memory, self._outbox, self._clock())
