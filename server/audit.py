"""The audit log: who signed in, who was refused, who changed what others may do.

`audit.log` in the data folder, a JSON object per line. Each entry holds the hash of the
one before, and the database holds the number and the hash of the last one, so that
`server.audit_verify` finds what was changed, put in, taken out or cut off.
"""

import logging
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from common.names import Label
from decorators import log
from server.audit_file import (
    ONLY_START,
    TRIMMED,
    Head,
    append,
    chained,
    cut_in_words,
    first_of,
    head_of,
    older,
    set_aside,
)
from server.audit_verify import UNKNOWN
from server.store.base import Store

__all__ = ["Audit"]

# What others can cause without end: the first few of a minute and address (of an
# account's sign-ins: and account) are entered one by one, of the others how many.
_SUMMED = frozenset({"sign-in", "refused"})
_FREE_A_MINUTE = 10
_MINUTE_SECONDS = 60.0
_DAY_SECONDS = 86_400.0
# Of all strangers together, and of so many of their addresses: 100 MB a day at worst.
_STRANGERS_A_MINUTE = 200
_MOST_ADDRESSES = 100
# While the file can't be written: 3 MiB, and the disk has room again within hours.
_MOST_WAITING = 10_000
# No field needs more, and a name that was refused may have any length.
_LONGEST_FIELD = 200

_logger = logging.getLogger("server.audit")


class _Kind(NamedTuple):
    """What is counted together."""

    what: str
    who: str
    where: str


class Audit:
    """Takes note of what an owner may have to account for.

    Notes wait until `write`, which the hub calls before it makes a turn final. Where
    the file can't be written they wait on, `trouble` says why, and the messenger goes
    on: an owner who can't be reached must not silence everybody else.
    """

    @log
    def __init__(
        self,
        folder: Path | None = None,
        head: tuple[int, str] = ONLY_START,
        *,
        syncs: bool = True,
        keep_days: float = 0.0,
    ) -> None:
        """Go on behind the last entry; without a folder nothing is kept.

        `head` is what the store knows of the last entry; what the file has behind it is
        noted. With `syncs` an entry is on the disk when `write` returns. Entries stay
        for `keep_days` at least, twice as long at most; 0 is for ever. A file that
        can't be read becomes the trouble.
        """
        self.path = None if folder is None else folder / "audit.log"
        self.trouble = ""
        self.waiting: list[dict[str, Any]] = []
        self._lost = 0
        self._syncs = syncs
        self._head = Head(*head)
        self._counts: Counter[_Kind] = Counter()
        self._skipped: Counter[_Kind] = Counter()
        self._strangers = 0
        self._minute = 0.0
        self._keep_seconds = keep_days * _DAY_SECONDS
        # When the first entry of the file was written, and whether it is to be the
        # older one as soon as what goes by that is noted for good.
        self._began: float | None = None
        self._is_noted = False
        if self.path is not None:
            try:
                self._open(self.path)
            except OSError as error:
                self._complain(error)

    @log
    def _open(self, path: Path) -> None:
        known, self._head = self._head, head_of(path, self._head)
        first = first_of(path)
        self._began = None if first is None else first.time
        if self._head.number > known.number:
            # Written and never made final, or written by somebody else. From now on
            # they are part of the chain; that they were not must stay to be seen.
            how = (
                f"the database knew {known.number} entries, the file had "
                f"{self._head.number}: a crash, or somebody put the others there"
            )
            self.note(UNKNOWN, who="server", how=how)

    @log
    def note(
        self,
        what: str,
        *,
        who: str = "",
        whom: str = "",
        where: str = "",
        how: str = "",
    ) -> None:
        """Note that `who` has done `what` to `whom`.

        `where` is a room or an address, `how` says more. No secrets, no texts; `who`
        is a name that somebody has, never what a stranger has typed. A guest's sign-in
        says so in `how`: those are counted by their address, not by their names.
        """
        if what not in _SUMMED or self._is_entered(what, who, where, how):
            self._add(what, who, whom, where, how)

    @log
    def end_minute(self, wall: float) -> None:
        """Once a minute note what was only counted; call it once a second."""
        if 0 <= wall - self._minute < _MINUTE_SECONDS:
            return
        self._minute = wall
        self._sum_up()

    @log
    def let_go(self, sure: float) -> None:
        """Let go what is too old by a time that is sure; call it once a second."""
        began = self._began
        if self.path is None or began is None or not self._keep_seconds:
            return
        if sure - began <= self._keep_seconds or self.waiting or self.trouble:
            return
        try:
            self._shorten(self.path)
        except OSError as error:
            self._complain(error)

    @log
    def _shorten(self, path: Path) -> None:
        """First note what goes, and when that is written, let it go."""
        first = first_of(path)
        if first is not None and older(path).exists() and not self._is_noted:
            cut = Head(first.number - 1, first.previous)
            self.note(TRIMMED, who="server", how=cut_in_words(cut))
            self._is_noted = True
            return
        set_aside(path, syncs=self._syncs)
        self._began, self._is_noted = None, False

    @log
    def _sum_up(self) -> None:
        skipped, self._skipped = self._skipped, Counter()
        self._counts.clear()
        self._strangers = 0
        for kind, count in skipped.items():
            self._add(kind.what, kind.who, "", kind.where, f"and {count} more")

    @log
    def write(self, store: Store, wall: float) -> None:
        """Write down what waits, and tell the store; call it before each commit."""
        notes, self.waiting = self.waiting, []
        if self.path is None:
            return
        for note in notes:
            note.setdefault("time", float(wall))
        lost, self._lost = self._lost, 0
        if lost:
            how = f"{lost} entries could not be written"
            notes.append(_note("lost", "", "", "", how) | {"time": float(wall)})
        data, head = chained(notes, self._head)
        try:
            append(self.path, data, syncs=self._syncs)
        except OSError as error:
            self._lost = lost
            self.waiting = notes[: -1 if lost else None]
            self._complain(error)
            return
        if self.trouble:
            self.trouble = ""
            _logger.info("the audit log is written again")
        if self._began is None:
            self._began = float(wall)
        self._head = head
        store.note_audit(head.number, head.hash)

    @log
    def close(self, store: Store, wall: float) -> None:
        """Write down what waits, and what was only counted."""
        self._sum_up()
        if self.waiting:
            self.write(store, wall)

    @log
    def _is_entered(self, what: str, who: str, where: str, how: str) -> bool:
        """Count one, and tell whether it has an entry of its own."""
        is_stranger = what == "refused" or how == "guest"
        kind = _Kind(what, "" if is_stranger else who, where)
        is_new = kind not in self._counts
        if is_stranger and is_new and len(self._counts) >= _MOST_ADDRESSES:
            # Accounts are never put together: none hides behind a flood.
            kind = _Kind(what, "", "other addresses")
        self._counts[kind] += 1
        is_full = is_stranger and self._strangers >= _STRANGERS_A_MINUTE
        if is_full or self._counts[kind] > _FREE_A_MINUTE:
            self._skipped[kind] += 1
            return False
        self._strangers += is_stranger
        return True

    @log
    def _add(self, what: str, who: str, whom: str, where: str, how: str) -> None:
        if len(self.waiting) >= _MOST_WAITING:
            self._lost += 1
        else:
            self.waiting.append(_note(what, who, whom, where, how))

    @log
    def _complain(self, error: OSError) -> None:
        trouble = f"{self.path} can't be written ({error.strerror or error})"
        if trouble != self.trouble:
            _logger.warning("the audit log waits: %s", Label(trouble))
        self.trouble = trouble


@log
def _note(what: str, who: str, whom: str, where: str, how: str) -> dict[str, Any]:
    given = {"what": what, "who": who, "whom": whom, "where": where, "how": how}
    return {
        # Half a character can be in what a client sends, and in no file.
        key: text[:_LONGEST_FIELD].encode("utf-8", "replace").decode()
        for key, text in given.items()
    }
