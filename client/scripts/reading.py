"""What `read` tells of what a session hears: each message once, in the order of ids.

Sans-I/O: events in, messages out. The server replays what was missed by who was a
member meanwhile. A guest that was away too long is a new one and was no member, and who
says where to begin may want what is older: then the pages of history are got as well,
and what comes is held until it can be told in order.
"""

from __future__ import annotations

from client.events import (
    CaughtUp,
    ConversationsListed,
    Event,
    HistoryListed,
    MessageReceived,
    RequestFailed,
    Welcomed,
)
from client.kinds import Kind
from client.rows import KeptMessage
from client.scripts.wanted import Wanted
from client.session import ClientSession
from common.names import ALL, RoomName
from common.safe_text import visible
from decorators import log
from errors import ExitCode, Refused

__all__ = ["Reading"]

_NOT_ALLOWED = 403
# What can't be answered now may be asked again a little later.
_LATER = frozenset({429, 500})


class Reading:
    """Takes all events of one session; `last` is up to where everything was told."""

    @log
    def __init__(
        self,
        session: ClientSession,
        wanted: Wanted,
        last: int | None = None,
        *,
        digs: bool = False,
    ) -> None:
        """Begin behind the message `last`, or with what is said from now on.

        With `digs` the history is looked into at first, also before our time.
        """
        self.last = last
        #: Everything that was said before now has been told.
        self.caught_up = False
        self._session = session
        self._wanted = wanted
        self._digs = digs
        self._holds = False
        self._held: dict[int, KeptMessage] = {}
        self._up_to = 0
        # Of which conversation, from behind which message; "" is the list of them.
        self._asked: dict[int, tuple[RoomName | str, int]] = {}
        self._later: list[tuple[RoomName | str, int]] = []

    @property
    @log
    def waits(self) -> bool:
        """Tell whether something is to be asked again: `retry` in a second."""
        return bool(self._later)

    @log
    def take(self, event: Event) -> list[KeptMessage]:
        """Return what is to be told now; raises Refused where nothing can be.

        What `last` says then holds once it is told.
        """
        match event:
            case Welcomed():
                self._begin(event)
            case MessageReceived():
                return self._receive(_row(event))
            case CaughtUp(last_id=last_id):
                return self._catch_up(last_id)
            case ConversationsListed(number=number) if number in self._asked:
                del self._asked[number]
                self._dig_into(event)
                return self._finish()
            case HistoryListed(number=number) if number in self._asked:
                self._turn_page(event)
                return self._finish()
            case RequestFailed():
                return self._fail(event)
        return []

    @log
    def retry(self) -> None:
        """Ask again for what could not be answered."""
        later, self._later = self._later, []
        for whom, after in later:
            self._ask(whom, after)

    @log
    def _begin(self, welcomed: Welcomed) -> None:
        """Take a welcome: the server may have begun anew, and so do we."""
        self.caught_up = False
        self._asked.clear()
        self._later.clear()
        if welcomed.restarted:
            self.last = None
            self._digs = False
            self._held.clear()
        self._holds = (
            welcomed.keeps_history
            and self.last is not None
            and (self._digs or welcomed.guest)
        )
        if self._wanted.room and self._wanted.room != ALL:
            self._session.join(self._wanted.room)

    @log
    def _receive(self, one: KeptMessage) -> list[KeptMessage]:
        if self._holds and one.message_id:
            self._held[one.message_id] = one
            return []
        return self._tell([one])

    @log
    def _tell(self, rows: list[KeptMessage]) -> list[KeptMessage]:
        """Return those of `rows`, which are in order, that are new and wanted."""
        told = []
        for one in rows:
            if one.message_id:
                if self.last is not None and one.message_id <= self.last:
                    continue
                self.last = one.message_id
            if self._wanted.holds(one):
                told.append(one)
        return told

    @log
    def _catch_up(self, last_id: int) -> list[KeptMessage]:
        if not self._holds:
            self._move(last_id)
            self.caught_up = True
            return []
        self._up_to = last_id
        if self._digs and self.last is not None:
            # Who begins behind what nobody has said yet hears what is said next.
            self.last = min(self.last, last_id)
        self._ask(self._wanted.room, self.last or 0)
        return []

    @log
    def _move(self, message_id: int) -> None:
        if self.last is None or message_id > self.last:
            self.last = message_id

    @log
    def _ask(self, whom: RoomName | str, after: int) -> None:
        """Ask for a page of a conversation, or without one for all conversations."""
        session = self._session
        number = (
            session.request_history(whom, after=after)
            if whom
            else session.request_conversations()
        )
        self._asked[number] = (whom, after)

    @log
    def _dig_into(self, listed: ConversationsListed) -> None:
        after = self.last or 0
        found = [
            one.whom for one in listed.rows if one.last and one.last.message_id > after
        ]
        # One that we have said nothing in is not among ours.
        for whom in dict.fromkeys([*found, ALL]):
            self._ask(whom, after)

    @log
    def _turn_page(self, page: HistoryListed) -> None:
        del self._asked[page.number]
        self._held.update((one.message_id, one) for one in page.messages)
        if page.more and page.messages:
            self._ask(page.whom, page.messages[-1].message_id)

    @log
    def _fail(self, failed: RequestFailed) -> list[KeptMessage]:
        if failed.kind is Kind.JOIN:
            code = ExitCode.NOT_ALLOWED if failed.code == _NOT_ALLOWED else None
            raise Refused(visible(failed.reason), code)
        asked = self._asked.pop(failed.number, None)
        if asked is None:
            return []
        if failed.code in _LATER:
            self._later.append(asked)
        return self._finish()

    @log
    def _finish(self) -> list[KeptMessage]:
        """Tell all that was held, once nothing more of it is to come."""
        if self._asked or self._later:
            return []
        self._holds = self._digs = False
        held, self._held = self._held, {}
        told = self._tell([held[message_id] for message_id in sorted(held)])
        self._move(self._up_to)
        self.caught_up = True
        return told


@log
def _row(one: MessageReceived) -> KeptMessage:
    return KeptMessage(one.message_id or 0, one.time, one.sender, one.to, one.text)
