"""Tell what was missed, and what has been read: by us, and by those we wrote to."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Sequence

from client.events import (
    CaughtUp,
    Conversation,
    ConversationsListed,
    Event,
    Kind,
    MessageReceived,
    ReceiptReceived,
    RequestFailed,
    Welcomed,
)
from client.line import Line, Seen
from client.lists import unread_line
from client.session import ClientSession
from client.state import State
from common.names import fold, is_room
from decorators import log
from errors import RequestError

__all__ = ["Reading", "Receipts"]

# People whose receipts are remembered; past it the ones not heard for longest go.
_MOST_READERS = 2_000
# Messages of one conversation that nobody has looked at are counted up to here.
_MOST_UNSEEN = 10_000
_NO_REQUEST = -1


class Reading:
    """What somebody has looked at in one session, and what it has been told of others.

    Only a screen that is `watched` has a reader, and what is on it is read once they
    look. A conversation is read up to one message, so one that was not looked at holds
    back what came later. After each sign-in the server is asked what is unread before
    it is told what has been read since: the answer tells what was missed. A `private`
    word reaches only our own devices.
    """

    @log
    def __init__(self, session: ClientSession, *, watched: bool, private: bool) -> None:
        self._session = session
        self._watched = watched
        self._private = private
        self._read: dict[str, _Conversation] = {}
        self._receipts = Receipts()
        self._delivered: dict[str, ReceiptReceived] = {}
        self._due: dict[str, ReceiptReceived] = {}
        self._catches_up = False
        self._missed = 0
        self._asked_unread = _NO_REQUEST

    @log
    def take_event(self, event: Event) -> list[Line] | None:
        """Return what to show of an event; None for the one who knows all others."""
        match event:
            case Welcomed(keeps_history=keeps_history, restarted=restarted):
                self._catches_up = keeps_history
                if restarted:
                    # Another space of ids, in which nothing of ours has a meaning.
                    self._read.clear()
            case CaughtUp(missed=missed):
                return self._catch_up(missed)
            case ConversationsListed(number=self._asked_unread, rows=rows):
                return self._sum_up(rows)
            case RequestFailed(number=self._asked_unread):
                return self._sum_up([])
            case RequestFailed(kind=Kind.READ):
                # The conversation is gone; nothing that was asked for failed.
                return []
            case ReceiptReceived():
                return self._take_receipt(event)
            case MessageReceived(sender=sender, to=to, message_id=int(message_id)):
                if self._watched and fold(sender) != fold(self._session.name):
                    whom = to if is_room(to) else sender
                    self._conversation(whom).show(message_id)
        return None

    @log
    def look(self, seen: Iterable[Seen]) -> None:
        """Take what somebody has looked at."""
        for one in seen:
            self._conversation(one.whom).look(one.message_id)

    @log
    def answer(self, whom: str) -> None:
        """Take that somebody writes there: they know what was said."""
        if fold(whom) in self._read:
            self._conversation(whom).look_at_all()

    @log
    def tell(self) -> None:
        """Tell the server what was read since the last time."""
        if self._catches_up or self._session.state is not State.SIGNED_IN:
            return
        keeps = self._session.keeps_history
        # One more that can't wait is no loss: the next one tells as much.
        with contextlib.suppress(RequestError):
            for one in self._read.values():
                message_id = one.take_read()
                if message_id and keeps:
                    self._session.mark_read(one.whom, message_id, private=self._private)

    @log
    def take_delivered(self) -> list[ReceiptReceived]:
        """Return what was delivered a while ago and not read since; once a second."""
        due = list(self._due.values())
        self._due, self._delivered = self._delivered, {}
        return due

    @log
    def _take_receipt(self, receipt: ReceiptReceived) -> list[Line] | None:
        """Let a reading be said, and a delivery wait: it is mostly read at once."""
        if not self._watched or not self._receipts.moves(receipt, self._session.name):
            return []
        reader = fold(receipt.reader)
        self._due.pop(reader, None)
        self._delivered.pop(reader, None)
        if receipt.read:
            return None
        self._delivered[reader] = receipt
        return []

    @log
    def _catch_up(self, missed: int) -> list[Line]:
        """Say how much was missed, to a watcher together with what is unread."""
        self._missed += missed
        if not (self._watched and self._session.keeps_history):
            return self._sum_up([])
        # After a broken connection the question may still be under way.
        if self._asked_unread == _NO_REQUEST:
            try:
                self._asked_unread = self._session.request_conversations()
            except RequestError:
                # Too much waits already.
                return self._sum_up([])
        return []

    @log
    def _sum_up(self, rows: Sequence[Conversation]) -> list[Line]:
        missed, self._missed = self._missed, 0
        self._asked_unread = _NO_REQUEST
        self._catches_up = False
        return unread_line(missed, rows)

    @log
    def _conversation(self, whom: str) -> _Conversation:
        return self._read.setdefault(fold(whom), _Conversation(whom))


class _Conversation:
    """How far one conversation was shown, looked at and told to be read."""

    @log
    def __init__(self, whom: str) -> None:
        self.whom = whom
        self._unseen: set[int] = set()
        self._seen: set[int] = set()
        self._told = 0

    @log
    def show(self, message_id: int) -> None:
        """Note a new message that is on its way to the screen."""
        # Past the limit the ones that hold back the others are known.
        if message_id > self._told and len(self._unseen) < _MOST_UNSEEN:
            self._unseen.add(message_id)

    @log
    def look(self, message_id: int) -> None:
        """Note that somebody has looked at a message."""
        self._unseen.discard(message_id)
        if message_id > self._told:
            self._seen.add(message_id)

    @log
    def look_at_all(self) -> None:
        """Note that somebody knows all that was shown."""
        self._seen |= self._unseen
        self._unseen.clear()

    @log
    def take_read(self) -> int:
        """Return up to which message all is read, 0 where that is not new."""
        first = min(self._unseen, default=math.inf)
        message_id = max((one for one in self._seen if one < first), default=0)
        if not message_id:
            return 0
        self._told = message_id
        self._seen = {one for one in self._seen if one > message_id}
        return message_id


class Receipts:
    """How far others have got with what we wrote to them."""

    @log
    def __init__(self) -> None:
        self._positions: dict[str, tuple[int, int]] = {}

    @log
    def moves(self, receipt: ReceiptReceived, me: str) -> bool:
        """Take a receipt; tell whether it says something new of a direct line."""
        if is_room(receipt.whom) or fold(receipt.reader) == fold(me):
            return False
        key = fold(receipt.reader)
        delivered, read = self._positions.pop(key, (0, 0))
        known = read if receipt.read else delivered
        new = receipt.message_id > known
        if new:
            delivered = max(delivered, receipt.message_id)
            read = receipt.message_id if receipt.read else read
        self._positions[key] = (delivered, read)
        if len(self._positions) > _MOST_READERS:
            del self._positions[next(iter(self._positions))]
        return new
