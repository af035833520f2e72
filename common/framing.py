"""Cut a stream of bytes into JSON objects, however they come.

Objects stand one after another with any white space or nothing between them, whole
or in pieces. The splitter follows braces, brackets and strings only; whether an
object is good JSON is for its reader to find out. What it reports depends on the
bytes alone, never on how they were cut into reads.

Strategy for broken input, so that the stream can be followed for as long as possible:
bytes outside an object are skipped up to the next newline or `{`; a raw newline inside
a string, which JSON forbids, ends the broken object there; a `{` where JSON allows no
value begins a new object: in an object that is behind a comma too, for there a key must
follow. What breaks off where JSON does allow a value can't be told from an object over
several lines. Only an object past the size limit is fatal.
"""

import enum
import re
from typing import NamedTuple

__all__ = ["Broken", "Flaw", "ObjectSplitter"]


class Flaw(enum.Enum):
    """What is wrong with a piece of the stream; the value says it to the user."""

    GARBAGE = "expected a JSON object, which begins with {"
    NEWLINE_IN_STRING = "a string is not closed before the end of its line"
    ABANDONED = "a new object begins before the one before it has ended"
    TOO_DEEP = "the object is nested too deeply"
    TOO_LONG = "the object is too long"


class Broken(NamedTuple):
    """A piece of the stream that is no object."""

    flaw: Flaw

    @property
    def fatal(self) -> bool:
        """Tell whether the stream can't be followed any more."""
        return self.flaw is Flaw.TOO_LONG


_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\\n]')
_SKIP = re.compile(rb"[\n{]")
_NO_SPACE = re.compile(rb"[^ \t\r\n]")
_SPACE = b" \t\r\n"


class ObjectSplitter:
    """An incremental scanner. Feed `receive_data`, take objects and flaws in order.

    After a fatal flaw it swallows everything. `max_bytes` and `max_depth` of 0 mean no
    limit. The work is linear in the bytes, also when they come one by one, and of one
    call it is bounded by `most_objects`: then `has_more` says that there may be more,
    to be had by a call with b"".
    """

    __slots__ = (
        "_at",
        "_buffer",
        "_dead",
        "_in_string",
        "_max_bytes",
        "_max_depth",
        "_open",
        "_skipping",
        "_start",
        "_too_deep",
        "has_more",
    )

    def __init__(self, max_bytes: int = 0, max_depth: int = 0) -> None:
        self._max_bytes = max_bytes
        self._max_depth = max_depth
        self._buffer = bytearray()
        self._start = 0  # where the object under way begins
        self._at = 0  # what is before has been looked at
        self._open = bytearray()  # the brackets that are not closed yet
        self._in_string = False
        self._too_deep = False
        self._skipping = False
        self._dead = False
        self.has_more = False

    @property
    def idle(self) -> bool:
        """Tell whether the next byte begins something new."""
        return not (self._open or self._skipping or self._dead or self.has_more)

    def receive_data(self, data: bytes, most_objects: int = 0) -> list[bytes | Broken]:
        """Take the next bytes; return the whole objects and flaws they complete."""
        found: list[bytes | Broken] = []
        if self._dead:
            return found
        self._buffer += data
        self.has_more = False
        while self._scan_object(found) if self._open else self._find_object(found):
            if most_objects and len(found) >= most_objects:
                self.has_more = True
                break
        del self._buffer[: self._start]
        self._at -= self._start
        self._start = 0
        return found

    def _find_object(self, found: list[bytes | Broken]) -> bool:
        """Go to the next object; False when all bytes are used up."""
        if not self._skipping:
            match = _NO_SPACE.search(self._buffer, self._at)
            if match is None:
                return self._pause()
            self._at = match.start()
            if match[0] != b"{":
                found.append(Broken(Flaw.GARBAGE))
                self._skipping = True
        match = _SKIP.search(self._buffer, self._at)
        if match is None:
            return self._pause()
        self._skipping = False
        self._at = match.end()
        if match[0] == b"{":
            self._start = match.start()
            self._open += b"{"
            self._in_string = self._too_deep = False
        return True

    def _pause(self) -> bool:
        """Forget what holds no object, and wait for more."""
        self._start = self._at = len(self._buffer)
        return False

    def _scan_object(self, found: list[bytes | Broken]) -> bool:
        """Scan to the end of the object; False when all bytes are used up."""
        buffer = self._buffer
        most = self._start + self._max_bytes if self._max_bytes else len(buffer)
        while True:
            match = (_INSIDE if self._in_string else _OUTSIDE).search(buffer, self._at)
            if match is None or match.end() > most:
                self._at = len(buffer)
                return self._die(found) if len(buffer) > most else False
            token = match[0]
            if token == b"\\":
                if match.end() == len(buffer):
                    # What is escaped has not come: look at the backslash again.
                    self._at = match.start()
                    return False
                self._at = match.end() + 1
                continue
            self._at = match.end()
            if token == b'"':
                self._in_string = not self._in_string
            elif token == b"\n":
                return self._abandon(found, Flaw.NEWLINE_IN_STRING, match.end())
            elif token == b"{" and not self._may_hold_value(match.start()):
                return self._abandon(found, Flaw.ABANDONED, match.start())
            elif token in b"{[":
                self._deepen(token, found)
            else:
                self._open.pop()
                if not self._open:
                    return self._complete(found)

    def _deepen(self, bracket: bytes, found: list[bytes | Broken]) -> None:
        self._open += bracket
        deepest = self._max_depth
        if deepest and len(self._open) > deepest and not self._too_deep:
            self._too_deep = True
            found.append(Broken(Flaw.TOO_DEEP))

    def _may_hold_value(self, at: int) -> bool:
        """Tell whether JSON allows a value at `at`, by the last byte before it."""
        before = at - 1
        while self._buffer[before] in _SPACE:
            before -= 1
        return self._buffer[before] in (b":" if self._open.endswith(b"{") else b"[,")

    def _complete(self, found: list[bytes | Broken]) -> bool:
        if not self._too_deep:
            found.append(bytes(self._buffer[self._start : self._at]))
        self._start = self._at
        return True

    def _abandon(self, found: list[bytes | Broken], flaw: Flaw, end: int) -> bool:
        if not self._too_deep:
            found.append(Broken(flaw))
        self._open.clear()
        self._start = self._at = end
        return True

    def _die(self, found: list[bytes | Broken]) -> bool:
        found.append(Broken(Flaw.TOO_LONG))
        self._dead = True
        self._open.clear()
        return self._pause()
