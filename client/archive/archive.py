"""One device's archive: written in whole transactions, read for history and search.

Nothing here raises for what a disk or a file can do: then the conversation goes on
without an archive, and a sentence says so. What is on the disk stays as it was, so the
next start catches up from there.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from client.archive.copies import own_device
from client.archive.lookups import (
    Found,
    find_messages,
    read_kept,
    read_names,
    read_page,
)
from client.archive.schema import (
    UnusableFile,
    check_writable,
    is_damage,
    open_file,
    set_aside,
)
from client.archive.slots import Slot
from client.archive.writer import Writer
from client.events import HistoryListed, SearchDone
from client.keeping import Changes, Kept
from client.machine import origin_of
from client.rows import KeptMessage
from client.stream import Address
from common.names import Name, RoomName, Secret
from decorators import log

__all__ = ["Archive"]

_PAGE = 50
_MOST_NAMES = 2_000
# The last two are for a server that says what no database takes.
_TROUBLE = (sqlite3.Error, OSError, OverflowError, UnicodeError)

Read = TypeVar("Read")


class Archive:
    """A Keeper for one device, which no other process has until `release`.

    Its file is made with the first thing to keep. `kept` is the device as it was left.
    """

    @log
    def __init__(
        self, slot: Slot | None, server: Address, tell: Callable[[str], None]
    ) -> None:
        """Open what is in `slot`; without one nothing is kept.

        `tell` takes a sentence about trouble, now and later.
        """
        self.slot = slot.number if slot else 0
        self.kept = Kept(Secret(secrets.token_hex(16)))
        self._slot = slot
        self._server = server
        self._tell = tell
        self._database: sqlite3.Connection | None = None
        self._writer: Writer | None = None
        self._works = slot is not None
        if slot is not None:
            self._find_device(slot)
        self._earlier = frozenset(one.number for one in self.kept.waiting)

    @log
    def keep(self, changes: Changes) -> None:
        """Write `changes` down; what can't be is told once, and then nothing is."""
        if self._slot is None or not self._works:
            return
        try:
            if self._writer is None:
                self._writer = self._begin_writing(self._slot)
                self._writer.write(changes)
                self._slot.forget_old_device()
            else:
                self._writer.write(changes)
        except _TROUBLE as error:
            self._give_up(error)

    @log
    def forget_unsent(self) -> None:
        """Forget the messages of this run that the server has not settled."""
        if self._writer is None or not self._works:
            return
        try:
            self._writer.forget(self._writer.waiting - self._earlier)
        except sqlite3.Error as error:
            self._give_up(error)

    @property
    @log
    def place(self) -> str:
        """Where the file is, or would be; "" where nothing is kept."""
        return str(self._slot.path) if self._slot else ""

    @property
    @log
    def waits(self) -> bool:
        """Tell whether messages wait here, for the next start if not before."""
        waiting = self._writer.waiting if self._writer else self._earlier
        return self._works and bool(waiting)

    @log
    def history(
        self,
        whom: Name | RoomName | str,
        before: int | None = None,
        limit: int = _PAGE,
    ) -> HistoryListed:
        """Return a conversation's newest page, or the one that ends at `before`.

        `before` is what the page after it says; it means nothing to a server.
        """
        found = self._read(lambda db: read_page(db, whom, before, limit + 1))
        return HistoryListed(0, whom, *_page(found or [], limit))

    @log
    def search(
        self,
        text: str,
        whom: Name | RoomName | str | None = None,
        before: int | None = None,
        limit: int = _PAGE,
    ) -> SearchDone:
        """Return the newest page of messages that hold all the words of `text`."""
        found = self._read(lambda db: find_messages(db, text, whom, before, limit + 1))
        return SearchDone(0, text, *_page(found or [], limit), whom=whom or "")

    @log
    def names(self) -> list[str]:
        """Return the people and rooms that were talked with, the latest first."""
        return self._read(lambda db: read_names(db, _MOST_NAMES)) or []

    @log
    def release(self) -> None:
        """Write everything out, and let another process have this device."""
        self._close()
        self._works = False
        if self._slot is not None:
            self._slot.release()
            self._slot = None

    @log
    def _find_device(self, slot: Slot) -> None:
        """Take what is in `slot`: a database, or what was there before there were."""
        old = slot.maybe_old_device()
        if old is not None:
            self.kept = Kept(old.id, last_number=old.number)
        if not slot.path.exists():
            return
        try:
            self._database = open_file(slot.path)
            kept = read_kept(self._database)
            if kept is None:
                return
            kept = own_device(self._database, slot.path, kept, self._tell)
            if kept.waiting:
                # Where their numbers could not be kept they would go out twice.
                check_writable(self._database)
            self.kept = kept
        except UnusableFile as error:
            self._set_aside(slot, error.what)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    @log
    def _begin_writing(self, slot: Slot) -> Writer:
        if self._database is None:
            self._database = open_file(slot.path)
        device = self.kept.device
        origin = origin_of(slot.path)
        return Writer(self._database, device, self._server, self._earlier, origin)

    @log
    def _read(self, read: Callable[[sqlite3.Connection], Read]) -> Read | None:
        """Return what `read` finds; None where there is nothing to read."""
        if self._database is None:
            return None
        try:
            return read(self._database)
        except sqlite3.Error as error:
            self._give_up(error)
            return None

    @log
    def _give_up(self, error: Exception) -> None:
        """Go on without a file, which the next start finds as it is now."""
        slot, self._works = self._slot, False
        assert slot is not None
        if isinstance(error, sqlite3.Error) and is_damage(error):
            self._set_aside(slot, "is damaged")
            return
        self._close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        self._tell(
            f"the archive {slot.path} can't be used ({reason}): from now on what is "
            "said is kept only while this client runs"
        )

    @log
    def _set_aside(self, slot: Slot, what: str) -> None:
        """Give a file another name, so that a new one can begin."""
        self._close()
        try:
            aside = set_aside(slot.path)
        except OSError as error:
            self._works = False
            self._tell(
                f"the archive {slot.path} {what} and can't be set aside "
                f"({error.strerror}): what is said is kept only while this client runs"
            )
            return
        begins = (
            "a new one begins" if self._works else "the next start begins a new one"
        )
        self._tell(f"the archive {slot.path} {what}: {aside.name} is it now, {begins}")

    @log
    def _close(self) -> None:
        self._writer = None
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None


@log
def _page(found: Found, limit: int) -> tuple[list[KeptMessage], bool, int]:
    """Return the messages in order, whether there are more, and what they are below.

    `found` is one message longer than a page if there are.
    """
    page = found[:limit]
    messages = [message for _, message in reversed(page)]
    return messages, len(found) > limit, page[-1][0] if page else 0
