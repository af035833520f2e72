"""What was missed, and what has been read: by us, and by those we wrote to."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from client.events import (
    CaughtUp,
    Conversation,
    ConversationsListed,
    Event,
    HistoryListed,
    Kind,
    MessageReceived,
    ReceiptReceived,
    RequestFailed,
    Welcomed,
)
from client.line import Line
from client.lists import unread_line
from client.session import ClientSession
from client.state import State
from common.names import fold, is_room
from decorators import log
from errors import RequestError

__all__ = ["Reading", "Receipts"]

# People whose receipts are remembered; past it the ones not heard for longest go.
_MOST_READERS = 2_000
_NO_REQUEST = -1


class Reading:
    """What one session has shown to somebody, and what it has been told of others.

    Only a screen that is `watched` has a reader. After each sign-in the server is asked
    what is unread before it is told what has been read since: the answer tells what
    was missed. A `private` word reaches only our own devices.
    """

    @log
    def __init__(self, session: ClientSession, *, watched: bool, private: bool) -> None:
        self._session = session
        self._watched = watched
        self._private = private
        self._shown: dict[str, tuple[str, int]] = {}
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
            case Welcomed(keeps_history=keeps_history):
                self._catches_up = keeps_history
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
                if fold(sender) != fold(self._session.name):
                    self._note(to if is_room(to) else sender, message_id)
            case HistoryListed(whom=whom, messages=messages):
                # One's own are nothing that one reads: their reader would be told so.
                me = fold(self._session.name)
                others = [one for one in messages if fold(one.sender) != me]
                if others:
                    self._note(whom, others[-1].message_id)
        return None

    @log
    def tell(self) -> None:
        """Tell the server what was shown since the last time."""
        if self._catches_up or self._session.state is not State.SIGNED_IN:
            return
        shown = list(self._shown.values()) if self._session.keeps_history else []
        self._shown.clear()
        # One more that can't wait is no loss: the next one tells as much.
        with contextlib.suppress(RequestError):
            for whom, message_id in shown:
                self._session.mark_read(whom, message_id, private=self._private)

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
    def _note(self, whom: str, message_id: int) -> None:
        """Remember that a conversation was shown up to a message."""
        if self._watched:
            _, before = self._shown.get(fold(whom), ("", 0))
            self._shown[fold(whom)] = (whom, max(before, message_id))


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
