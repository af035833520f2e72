"""Everything that is written into an archive."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable

from client.keeping import Changes
from client.outbox import Pending
from client.rows import KeptMessage
from client.stream import Address
from common.names import Name, Secret, fold, is_room
from decorators import log

__all__ = ["Writer"]

_PUT_DEVICE = (
    "INSERT INTO device VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (one) DO UPDATE SET"
    " id = excluded.id, last_number = max(last_number, excluded.last_number),"
    " name = excluded.name, account = excluded.account, store = excluded.store,"
    " since = excluded.since, origin = excluded.origin"
)
_PUT_MESSAGE = (
    "INSERT OR IGNORE INTO messages"
    " (store, id, conversation, sender, recipient, time, text)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class Writer:
    """The one who writes; `waiting` are the numbers of the outbox on the disk."""

    @log
    def __init__(
        self,
        database: sqlite3.Connection,
        device: Secret,
        server: Address,
        waiting: Iterable[int],
        origin: str,
    ) -> None:
        self._database = database
        self._device = device
        self._server = server
        self._origin = origin
        #: The numbers of the messages that wait on the disk.
        self.waiting = frozenset(waiting)
        self._durable = False
        self._stores: dict[str, int] = {}
        self._conversations: dict[str, int] = {}

    @log
    def write(self, changes: Changes) -> None:
        """Write all of it or nothing; raises sqlite3.Error."""
        self._set_durable(self._must_be_durable(changes.outbox))
        self._database.execute("BEGIN IMMEDIATE")
        try:
            store = self._store(changes.store) if changes.store else None
            if store is not None:
                self._put_messages(changes.messages, store, changes.name)
            self._put_outbox(changes.outbox)
            number, since = changes.last_number, changes.since
            account = int(not changes.guest)
            who = (self._device, number, self._server, changes.name, account)
            self._database.execute(_PUT_DEVICE, (*who, store, since, self._origin))
            self._database.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise

    @log
    def forget(self, numbers: Iterable[int]) -> None:
        """Take messages out of the outbox; raises sqlite3.Error."""
        numbers = self.waiting.intersection(numbers)
        rows = [(number,) for number in numbers]
        self._database.executemany("DELETE FROM outbox WHERE number = ?", rows)
        self.waiting -= numbers

    @log
    def _must_be_durable(self, outbox: dict[int, Pending | None]) -> bool:
        """Tell whether `outbox` must not be lost even when the power is.

        What goes out at once may be: the number is lost with its text, and the server
        knows both. But what is told to wait has to wait, and what has waited and gets
        its number must never get another.
        """
        return any(
            one is not None and (not one.wire_id or number in self.waiting)
            for number, one in outbox.items()
        )

    @log
    def _set_durable(self, durable: bool) -> None:
        if durable is not self._durable:
            level = "FULL" if durable else "NORMAL"
            self._database.execute(f"PRAGMA synchronous = {level}")
            self._durable = durable

    @log
    def _put_outbox(self, outbox: dict[int, Pending | None]) -> None:
        database = self._database
        rows = [
            (number, one.wire_id, one.target, one.time, one.text)
            for number, one in outbox.items()
            if one is not None
        ]
        if rows:
            database.executemany(
                "INSERT OR REPLACE INTO outbox VALUES (?, ?, ?, ?, ?)", rows
            )
            self.waiting |= {row[0] for row in rows}
        self.forget(number for number, one in outbox.items() if one is None)

    @log
    def _put_messages(
        self, messages: list[KeptMessage], store: int, me: Name | str
    ) -> None:
        if not messages:
            return
        mine = fold(me)
        rows = []
        for one in messages:
            outgoing = is_room(one.to) or fold(one.sender) == mine
            conversation = self._conversation(one.to if outgoing else one.sender)
            rows.append(
                (
                    store,
                    one.message_id,
                    conversation,
                    one.sender,
                    one.to,
                    one.time,
                    one.text,
                )
            )
        self._database.executemany(_PUT_MESSAGE, rows)

    @log
    def _store(self, store: str) -> int:
        """Return the number of an id space, which it gets when it is met first."""
        if store not in self._stores:
            self._database.execute(
                "INSERT OR IGNORE INTO stores (store) VALUES (?)", (store,)
            )
            (self._stores[store],) = self._database.execute(
                "SELECT number FROM stores WHERE store = ?", (store,)
            ).fetchone()
        return self._stores[store]

    @log
    def _conversation(self, whom: Name | str) -> int:
        """Return the number of a conversation, which it gets with its first message."""
        if whom not in self._conversations:
            key = fold(whom)
            self._database.execute(
                "INSERT OR IGNORE INTO conversations (key, whom) VALUES (?, ?)",
                (key, whom),
            )
            (self._conversations[whom],) = self._database.execute(
                "SELECT number FROM conversations WHERE key = ?", (key,)
            ).fetchone()
        return self._conversations[whom]
