"""What an administrator reads at INFO: who came and went, what was sent and refused.

Messages appear with their size, never their text (unless `texts` is on). Lines that
somebody else can cause without end (messages, refusals) have a budget a second; what
is above it is told as one sum. The messages have a logger of their own, so that they
need not stand between the other lines; there a minute of them is one. Who wants a line
for each listens to `server.chat`: nothing is done for it while no list of handlers
there names one.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

from common.names import Label, Name, RoomName
from common.safe_text import visible
from decorators import log
from errors import NotStored, RequestError
from server.events import Delivery
from server.people import Device

__all__ = ["Journal"]

_LINES_A_SECOND = 200
_MINUTE_SECONDS = 60

_logger = logging.getLogger("server.hub")
_messages = logging.getLogger("server.messages")
_chat = logging.getLogger("server.chat")
_receipts = logging.getLogger("server.receipts")


class Journal:
    """Writes INFO lines. Call `end_second` each second, `end_minute` at the end."""

    @log
    def __init__(self, *, texts: bool = False) -> None:
        self.texts = texts
        self._room = _LINES_A_SECOND
        self._messages = 0
        self._characters = 0
        self._refused = 0
        self._seconds = 0
        self._of_minute = self._characters_of_minute = 0

    @log
    def note_messages(self, batch: Sequence[Delivery]) -> None:
        """Tell of the messages of a turn, which are on disk.

        A line per sender and addressee; and one for each, where that is listened to.
        """
        for delivery in batch:
            size = sum(map(len, delivery.texts))
            self._of_minute += len(delivery.texts)
            self._characters_of_minute += size
            if self._room > 0:
                self._room -= 1
                self._note(delivery, size)
            else:
                self._messages += len(delivery.texts)
                self._characters += size
        if _chat.handlers and _chat.isEnabledFor(logging.INFO):
            self._note_each(batch)

    @log
    def _note_each(self, batch: Sequence[Delivery]) -> None:
        """Tell of each message, whatever the second has room for."""
        for delivery in batch:
            for number, text in enumerate(delivery.texts, delivery.first_id):
                _chat.info(
                    "message %d from %s to %s%s",
                    number,
                    delivery.sender,
                    delivery.to,
                    f": {visible(text)}" if self.texts else f", {len(text)} characters",
                )

    @log
    def _note(self, delivery: Delivery, size: int) -> None:
        count = len(delivery.texts)
        which = f"message {delivery.first_id}"
        if count > 1:
            which = f"messages {delivery.first_id}-{delivery.first_id + count - 1}"
        texts = f": {' | '.join(delivery.texts)}" if self.texts else ""
        _messages.info(
            "%s from %s to %s, %d characters%s",
            which,
            delivery.sender,
            delivery.to,
            size,
            visible(texts),
        )

    @log
    def note_receipts(
        self,
        wall: float,
        received: Iterable[Device],
        read: Mapping[tuple[int, int], int],
    ) -> None:
        """Tell what devices have got, and people read, within a second: in one line.

        `server/admin/receipt_times.py` finds times there. Without a list of handlers
        that names one nothing is done.
        """
        if not (_receipts.handlers and _receipts.isEnabledFor(logging.INFO)):
            return
        got = " ".join(f"{one.row}:{one.received}" for one in received if one.row)
        seen = " ".join(f"{who}/{where}:{upto}" for (who, where), upto in read.items())
        _receipts.info("at %.3f got %s read %s", wall, got, seen)

    @log
    def refused(self, session: Label, request: str, error: RequestError) -> None:
        """Tell that a request was refused; the code says why, the text may quote."""
        if self._room > 0:
            self._room -= 1
            kind = type(error).__name__
            _logger.info("refused %s of %s: %d %s", request, session, error.code, kind)
        else:
            self._refused += 1

    @log
    def end_second(self) -> None:
        """Tell the sums of what had no room in this second."""
        if self._messages:
            _messages.info(
                "and %d more messages in this second, %d characters",
                self._messages,
                self._characters,
            )
        if self._refused:
            _logger.info("and %d more refusals in this second", self._refused)
        self._room = _LINES_A_SECOND
        self._messages = self._characters = self._refused = 0
        self._seconds += 1
        if self._seconds >= _MINUTE_SECONDS:
            self.end_minute()

    @log
    def end_minute(self) -> None:
        """Tell how many messages there were in this minute, if any."""
        if self._of_minute:
            _logger.info(
                "messages within a minute: %d, %d characters",
                self._of_minute,
                self._characters_of_minute,
            )
        self._seconds = self._of_minute = self._characters_of_minute = 0

    @log
    def signed_in(self, session: Label) -> None:
        """Tell that somebody signed in; `session` is its label."""
        _logger.info("signed in: %s", session)

    @log
    def listens(self, session: Label) -> None:
        """Tell that somebody who has not signed in reads along."""
        _logger.info("reads along: %s", session)

    @log
    def left(self, session: Label, reason: Label) -> None:
        """Tell that somebody who was signed in left, and why."""
        _logger.info("left: %s, %s", session, reason)

    @log
    def left_unsigned(self, session: Label, reason: Label) -> None:
        """Tell that a connection ended on which nobody had signed in."""
        if self._room > 0:
            self._room -= 1
            _logger.info("gone without signing in: %s, %s", session, reason)

    @log
    def forgotten(self, name: Name) -> None:
        """Tell that a guest's name is free again."""
        _logger.info("the name %s is free again", name)

    @log
    def registered(self, name: Name) -> None:
        """Tell that an account was made."""
        _logger.info("registered: %s", name)

    @log
    def deleted(self, name: Name) -> None:
        """Tell that an account was given up."""
        _logger.info("the account %s was given up", name)

    @log
    def not_stored(self, error: NotStored) -> None:
        """Warn that the disk did not take a turn: its senders were told so."""
        if self._room > 0:
            self._room -= 1
            _logger.warning("messages were refused: %s", error)
        else:
            self._refused += 1

    @log
    def moved(self, name: Name, room: RoomName, *, entered: bool) -> None:
        """Tell that somebody entered or left a room."""
        # Two formats: a log that counts by kind tells them apart.
        _logger.info("%s entered %s" if entered else "%s left %s", name, room)

    @log
    def room_ended(self, room: RoomName) -> None:
        """Tell that a room that nobody was in has ended."""
        _logger.info("the room %s has ended", room)
