"""How simple chat clients are spoken to: a line at a time, with pauses.

They take one `recv(1024)` for one message, and some die of half a letter at its end.
"""

from collections import deque
from typing import NamedTuple

from decorators import log

__all__ = ["TextVoice"]

_PIECE_BYTES = 1000
_QUEUED_PIECES = 200
_PAUSE_SECONDS = 0.02
# Of a letter in UTF-8 all bytes but the first begin with the bits 10.
_INSIDE_A_LETTER = range(0x80, 0xC0)


class _Piece(NamedTuple):
    """A line, or a part of one that is too long; `message_id` is with the last part."""

    data: bytes
    message_id: int


class TextVoice:
    """What one client is still to be told. `written_id` is what was handed out whole.

    A queue past its limit loses its oldest lines, and the client is told so.
    """

    __slots__ = ("_note", "_pieces", "_sent_at", "written_id")

    @log
    def __init__(self) -> None:
        self._pieces: deque[_Piece] = deque()
        self._sent_at = float("-inf")
        self._note = b""
        self.written_id = 0

    @log
    def add(self, data: bytes, message_id: int, note: bytes) -> None:
        """Take whole lines; `note` is what is said where older ones are left out.

        The last of the lines ends the message `message_id` (0: none).
        """
        for line in data.splitlines(keepends=True):
            self._pieces += [_Piece(part, 0) for part in _parts(line)]
        last = self._pieces.pop()
        self._pieces.append(_Piece(last.data, message_id))
        while len(self._pieces) > _QUEUED_PIECES:
            self._note = note
            while not self._pieces.popleft().data.endswith(b"\n"):
                pass  # a line is left out with all its parts

    @property
    @log
    def next_send_at(self) -> float | None:
        """When the next piece may be sent; None if there is none."""
        return self._sent_at + _PAUSE_SECONDS if self._pieces else None

    @property
    @log
    def backlog(self) -> int:
        """How many pieces wait."""
        return len(self._pieces)

    @log
    def data_to_send(self, now: float) -> bytes:
        """Return the next piece if its time has come, else nothing."""
        due = self.next_send_at
        if due is None or now < due:
            return b""
        self._sent_at = now
        return self._next_piece()

    @log
    def data_at_once(self) -> bytes:
        """Return all that waits: the client turned out to read as it should."""
        waiting = []
        while self._pieces:
            waiting.append(self._next_piece())
        return b"".join(waiting)

    @log
    def _next_piece(self) -> bytes:
        if self._note:
            note, self._note = self._note, b""
            return note
        piece = self._pieces.popleft()
        self.written_id = max(self.written_id, piece.message_id)
        return piece.data


@log
def _parts(line: bytes) -> list[bytes]:
    """Cut a line so that each part fits, and no letter is cut."""
    parts = []
    start = 0
    while len(line) - start > _PIECE_BYTES:
        end = start + _PIECE_BYTES
        while line[end] in _INSIDE_A_LETTER:
            end -= 1
        parts.append(line[start:end])
        start = end
    parts.append(line[start:])
    return parts
