"""The store in one SQLite file: what a turn wrote is on the disk when it returns."""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from common.names import Name, Secret, fold
from common.roles import Role
from decorators import log
from errors import NotAllowed, NotStored
from server.events import Delivery
from server.store import lookups
from server.store.base import Contents, DeviceRow, MemberRow, NumberedDevice, TokenRow
from server.store.batches import insert_messages, settle_devices
from server.store.changes import FORGET_PERSON, Change
from server.store.changes_rules import USE_INVITE
from server.store.index_worker import Index
from server.store.pruning import SqlitePruner
from server.store.reader import SqliteReader
from server.store.transactions import Transactions

__all__ = ["SqliteStore"]


class SqliteStore(Transactions):
    """The store behind `Store`; one connection writes, on the thread that made it.

    Lookups see what was said before and is not written yet. They raise NotStored where
    that can't be, as long as it can't, and StoreFailed as `commit` does.
    """

    __slots__ = ("_index", "keeps_history", "store_id")

    @log
    def __init__(self, folder: Path, durability: str = "full") -> None:
        """Open the database in `folder`, or make it.

        Raises StartError when it is in use, not ours or of a newer version.
        """
        super().__init__(folder, durability)
        self.keeps_history = True
        try:
            self.store_id: str = self.look(lookups.store_id)
            self._index = Index(self._files.index, self._files.database)
        except BaseException:
            super().close()
            raise
        self._index.note(self.last_id)
        self._index.start()

    @log
    def load(self) -> Contents:
        """Return what is known at the start; guests without a device are gone."""
        contents = self.look(lookups.load)
        gone = self.look(lookups.homeless_guests)
        for identity in sorted(gone):
            self.forget_person(identity)
        members = []
        for one in contents.members:
            if one.since > self.last_id:
                # Behind messages of a turn that ended in a crash.
                one = MemberRow(one.conversation, one.identity, self.last_id)
                self.enter(one.conversation, one.identity, one.since)
            if one.identity not in gone:
                members.append(one)
        if self.look(lookups.has_later_blocks):
            self.limit_blocks(self.last_id)
        guests = [one for one in contents.guests if one.identity not in gone]
        return msgspec.structs.replace(contents, guests=guests, members=members)

    @log
    def open_reader(self) -> SqliteReader:
        """Return a reader for the calling thread."""
        return SqliteReader(self._files.database, self._files.index)

    @log
    def open_pruner(self) -> SqlitePruner:
        """Return what deletes old messages."""
        return SqlitePruner(self, self._index.note_deleted)

    @log
    def commit(
        self,
        batch: Sequence[Delivery],
        devices: Collection[NumberedDevice],
        time: float,
    ) -> None:
        """Make a turn final: messages, device numbers, and what waits to be written."""
        last_id = self.last_id
        if batch:
            last_id = batch[-1].first_id + len(batch[-1].texts) - 1

        def work(connection: sqlite3.Connection) -> None:
            insert_messages(connection, batch, time)
            settle_devices(connection, devices)

        try:
            self._write(work, "nothing was sent", last_id)
        except NotStored:
            self.limit_ids(self.last_id)
            raise
        for delivery in batch:
            delivery.time = time
        if batch:
            self._index.note(last_id)
        self._tidy()

    @log
    def close(self) -> None:
        """Let go of the files; what was not committed is lost."""
        # First the index, so that the connection that writes is the last one, which
        # cleans up.
        self._index.close()
        super().close()

    # ---------------------------------------------------------------- lookups

    @log
    def find_line(self, one: int, other: int) -> int | None:
        """Return the conversation of a direct line, if there is one."""
        return self.look(lookups.find_line, one, other)

    @log
    def find_former_line(self, identity: int, name: str) -> int | None:
        """Return one's newest direct line with somebody gone who had that name."""
        return self.look(lookups.find_former_line, identity, name)

    @log
    def find_partners(self, identity: int) -> list[int]:
        """Return with whom somebody has talked directly, themselves left out."""
        return self.look(lookups.find_partners, identity)

    @log
    def find_device(self, identity: int, digest: str) -> DeviceRow | None:
        """Return somebody's device."""
        return self.look(lookups.find_device, identity, digest)

    @log
    def find_devices(self, identity: int) -> list[DeviceRow]:
        """Return the devices of somebody, in the order in which they came."""
        return self.look(lookups.find_devices, identity)

    @log
    def find_token(self, digest: str) -> TokenRow | None:
        """Return the token that has this digest."""
        return self.look(lookups.find_token, digest)

    @log
    def find_tokens(self, identity: int) -> list[TokenRow]:
        """Return the tokens of an account, in the order in which they were made."""
        return self.look(lookups.find_tokens, identity)

    @log
    def audit_head(self) -> tuple[int, str]:
        """Return the number and the hash of the audit log's last entry."""
        return self.look(lookups.audit_head)

    @log
    def clock(self) -> tuple[float | None, float | None]:
        """Return what was noted of the clock, and the newest message's time."""
        return self.look(lookups.clock)

    @log
    def read_position(self, conversation: int, identity: int) -> int:
        """Return the last message that somebody has read of a conversation."""
        return self.look(lookups.read_position, conversation, identity)

    # ------------------------------------------------------- committed at once

    @log
    def add_account(
        self,
        identity: int,
        name: Name,
        password: Secret | None,
        *,
        was_guest: bool,
        role: Role = Role.MEMBER,
        invite: int | None = None,
    ) -> None:
        """Make an account, or make one of a guest; `password` is a hash or None.

        The invitation `invite` is used up by one; raises NotAllowed where it can't be,
        and then nothing of it has happened.
        """
        kind = (
            "UPDATE identities SET name = ?, folded = ?, kind = 'account', "
            "kept_until = NULL WHERE number = ?"
            if was_guest
            else "INSERT INTO identities(name, folded, kind, number) "
            "VALUES (?, ?, 'account', ?)"
        )
        account = "INSERT INTO accounts(identity, password, role) VALUES (?, ?, ?)"

        def work(connection: sqlite3.Connection) -> None:
            if invite is not None:
                _use(connection, invite)
            connection.execute(kind, (name, fold(name), identity))
            connection.execute(account, (identity, password, role.word))

        self._write_at_once(work)

    @log
    def add_token(self, token: int, identity: int, digest: str, now: float) -> None:
        """Make a token."""
        new = "INSERT INTO tokens(number, identity, digest, created) VALUES (?,?,?,?)"
        self._write_now((new, (token, identity, digest, now)))

    @log
    def change_password(
        self, identity: int, password: Secret, *, keep_tokens: bool = True
    ) -> None:
        """Change the hash of a password; without `keep_tokens` they go with the old."""
        change = "UPDATE accounts SET password = ? WHERE identity = ?"
        changes: list[Change] = [(change, (password, identity))]
        if not keep_tokens:
            changes.append(("DELETE FROM tokens WHERE identity = ?", (identity,)))
        self._write_now(*changes)

    @log
    def delete_account(self, identity: int) -> None:
        """As `forget_person`, at once."""
        self._write_now(*((statement, (identity,)) for statement in FORGET_PERSON))

    @log
    def _write_now(self, *changes: Change) -> None:
        """Write what waits and then these changes, or none of these."""

        def work(connection: sqlite3.Connection) -> None:
            for statement, given in changes:
                connection.execute(statement, given)

        self._write_at_once(work)

    @log
    def _write_at_once(self, work: Callable[[sqlite3.Connection], None]) -> None:
        self._write(work, "nothing was changed", self.last_id)
        self._tidy()


@log
def _use(connection: sqlite3.Connection, invite: int) -> None:
    """Take an invitation once. Two may have had the last use of it in their hands."""
    if not connection.execute(USE_INVITE, (invite,)).rowcount:
        raise NotAllowed("this invitation is not good (any more): ask for a new one")
