"""Keep the rows of what we say, each with the mark of what became of it.

`✓` is on the server's disk, `✓✓` on a device of the other's, `✓✓ read` was looked at.
"""

from __future__ import annotations

from msgspec import Struct

from client.events import Event, MessageFailed, MessageSent, ReceiptReceived
from client.line import Line, Tone
from client.lists import excerpt
from client.times import clock_time
from common.names import fold
from common.safe_text import visible
from decorators import log

__all__ = ["OwnRows"]

_AWAY_CODE = 202
# Nobody waits for the marks of more; past it the oldest say no more.
_MOST_ROWS = 500
_WAITS, _SENT, _DELIVERED, _READ = range(4)


class _Row(Struct):
    """One message of ours; `message_id` is 0 until it is stored."""

    key: int
    to: str
    text: str
    head: str
    message_id: int = 0
    state: int = _WAITS

    @log
    def line(self, mark: str = "", later: str = "", *, new: bool = False) -> Line:
        """Return the row as a screen shows it, or says of it `later`."""
        text = visible(self.text, keep_newlines=True)
        if later:
            later = f"{later}: {excerpt(self.text)}"
        return Line(
            Tone.OWN, text, self.head, key=self.key, new=new, mark=mark, later=later
        )


class OwnRows:
    """The messages of one session, by the number that it gave them."""

    @log
    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}

    @log
    def say(self, number: int, to: str, text: str, now: float, *, away: bool) -> Line:
        """Return the row of a new message at `now`, in UNIX seconds.

        With the server `away` it waits.
        """
        head = f"{clock_time(now)} you → {visible(to)}:"
        self._rows[number] = row = _Row(number, to, text, head)
        if len(self._rows) > _MOST_ROWS:
            del self._rows[next(iter(self._rows))]
        if not away:
            return row.line(new=True)
        return row.line("… waits", f"… waits to be sent to {visible(to)}", new=True)

    @log
    def take_event(self, event: Event) -> list[Line]:
        """Return the rows that are other than they were; none for what is not ours."""
        match event:
            case MessageSent(number=number) if number in self._rows:
                return [self._store(self._rows[number], event)]
            case MessageFailed(number=number) if number in self._rows:
                return [self._rows.pop(number).line("✗")]
            case ReceiptReceived():
                return self._receive(event)
        return []

    @log
    def _store(self, row: _Row, sent: MessageSent) -> Line:
        row.state, row.message_id = _SENT, sent.message_id or 0
        to = visible(row.to)
        if sent.code == _AWAY_CODE:
            return row.line("✓ away", f"✓ kept for {to}, who is away")
        return row.line("✓", f"✓ sent to {to}")

    @log
    def _receive(self, receipt: ReceiptReceived) -> list[Line]:
        """Mark all rows up to a message; only of the last one it is said later."""
        state = _READ if receipt.read else _DELIVERED
        reader = fold(receipt.reader)
        rows = [
            one
            for one in self._rows.values()
            if fold(one.to) == reader
            and 0 < one.message_id <= receipt.message_id
            and one.state < state
        ]
        mark, what = ("✓✓ read", "read by") if receipt.read else ("✓✓", "delivered to")
        said = f"✓✓ {what} {visible(receipt.reader)}"
        lines = []
        for row in rows:
            row.state = state
            lines.append(row.line(mark, said if row is rows[-1] else ""))
            if receipt.read:
                del self._rows[row.key]
        return lines
