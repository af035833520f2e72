"""What `send` makes of what a session hears: which messages are stored, got and read.

Sans-I/O: texts and events in, ids and reasons out.
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from client.events import (
    Event,
    HistoryListed,
    MessageFailed,
    MessageSent,
    ReceiptReceived,
    RequestDone,
    RequestFailed,
    Welcomed,
)
from client.kinds import Kind
from client.session import ClientSession
from common.names import ALL, Name, RoomName, fold, is_room
from common.safe_text import visible
from decorators import log
from errors import ExitCode, Refused, RequestError

__all__ = ["Outcome", "Sending"]

_NOT_ALLOWED = 403
# Of a message whose answer was lost with its connection: above all that can be read.
_UNKNOWN = 2**53


class Outcome(Struct, frozen=True):
    """What became of a text, the `line`th: its id, None where it is not known.

    Or the `reason` why it reached nobody, and the JIM `code`.
    """

    line: int
    message_id: int | None = None
    reason: str = ""
    code: int = 200


class Sending:
    """Texts of one session to one person or room, in order."""

    @log
    def __init__(
        self, session: ClientSession, to: Name | RoomName, wait: str = "stored"
    ) -> None:
        """Send nothing before the first welcome, and a room lets us in."""
        self._session = session
        self._to = to
        self._wait = wait
        self._texts: deque[tuple[int, str]] = deque()
        self._lines: dict[int, int] = {}
        self._is_open = False
        self._entering = False
        self._newest = 0
        self._got = self._read = 0

    @property
    @log
    def unsettled(self) -> int:
        """How many texts are neither stored nor refused."""
        return len(self._texts) + len(self._lines)

    @property
    @log
    def has_happened(self) -> bool:
        """Tell whether what was to be waited for is so for all that is stored."""
        if self.unsettled:
            return False
        reached = {"delivered": self._got, "read": self._read}.get(self._wait)
        return reached is None or reached >= self._newest

    @log
    def add(self, line: int, text: str) -> list[Outcome]:
        """Send a text as soon as that can be; return what was refused at once."""
        self._texts.append((line, text))
        return self._send()

    @log
    def take(self, event: Event) -> list[Outcome]:
        """Return what became of texts; raises Refused where none can be sent."""
        match event:
            case Welcomed() if not (self._is_open or self._entering):
                return self._enter(event)
            case HistoryListed() | RequestDone(kind=Kind.JOIN) if self._entering:
                return self._open()
            case RequestFailed(kind=kind) if self._entering:
                self._knock(event, kind)
            case MessageSent(number=number) if number in self._lines:
                self._newest = max(self._newest, event.message_id or _UNKNOWN)
                return [Outcome(self._lines.pop(number), event.message_id)]
            case MessageFailed(number=number) if number in self._lines:
                line = self._lines.pop(number)
                return [Outcome(line, None, event.reason, event.code)]
            case ReceiptReceived() if self._is_theirs(event):
                # Who has read it has got it.
                self._got = max(self._got, event.message_id)
                if event.read:
                    self._read = max(self._read, event.message_id)
        return []

    @log
    def _enter(self, welcomed: Welcomed) -> list[Outcome]:
        """Find out whether we are in the room; a misspelled one is not to be made."""
        if not is_room(self._to) or self._to == ALL:
            return self._open()
        self._entering = True
        if welcomed.keeps_history:
            self._session.request_history(self._to, limit=1)
        else:
            self._session.join(self._to)
        return []

    @log
    def _knock(self, failed: RequestFailed, kind: Kind) -> None:
        """Join a room that is there and that we are not in."""
        allowed = failed.code != _NOT_ALLOWED
        if kind is Kind.JOIN or allowed:
            code = None if allowed else ExitCode.NOT_ALLOWED
            raise Refused(visible(failed.reason), code)
        self._session.join(self._to)

    @log
    def _open(self) -> list[Outcome]:
        self._is_open, self._entering = True, False
        return self._send()

    @log
    def _send(self) -> list[Outcome]:
        refused = []
        while self._is_open and self._texts:
            line, text = self._texts.popleft()
            try:
                self._lines[self._session.send_message(self._to, text)] = line
            except RequestError as error:
                refused.append(Outcome(line, None, str(error), error.code))
        return refused

    @log
    def _is_theirs(self, receipt: ReceiptReceived) -> bool:
        """Tell whether a receipt is of what we send, and not our own."""
        if is_room(self._to):
            mine = fold(receipt.reader) == fold(self._session.name)
            return fold(receipt.whom) == fold(self._to) and not mine
        return fold(receipt.reader) == fold(self._to) and not is_room(receipt.whom)
