"""What is said to the store of who may do what, written by its next commit."""

from typing import ClassVar

import msgspec

from common.roles import Role
from decorators import log
from server.store.base import InviteRow, SanctionRow
from server.store.changes import Changes

__all__ = ["USE_INVITE", "ChangesOfRules"]

_SET_ROLE = "UPDATE accounts SET role = ? WHERE identity = ?"
_SEEN = "UPDATE accounts SET seen = ? WHERE identity = ?"
_SHOW_SEEN = "UPDATE accounts SET shows_seen = ? WHERE identity = ?"
_SET_TOPIC = "UPDATE rooms SET topic = ? WHERE conversation = ?"
_SET_ACCESS = "UPDATE rooms SET access = ? WHERE conversation = ?"
_SET_KEEP = "UPDATE rooms SET keep_days = ?, keep_bytes = ? WHERE conversation = ?"
_PERMIT = "INSERT OR IGNORE INTO permits(conversation, identity) VALUES (?, ?)"
_REMOVE_PERMIT = "DELETE FROM permits WHERE conversation = ? AND identity = ?"
_INVITE = (
    "INSERT INTO invites(number, digest, role, room, creator, created, expires, "
    "uses_left, used) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
#: Changes no row where the invitation is used up, or gone.
USE_INVITE = (
    "UPDATE invites SET uses_left = uses_left - 1, used = used + 1 "
    "WHERE number = ? AND uses_left > 0"
)
_REVOKE_INVITE = "DELETE FROM invites WHERE number = ?"
_SANCTION = (
    "INSERT INTO sanctions(number, kind, conversation, identity, name, network, until, "
    "creator, created, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_REMOVE_SANCTION = "DELETE FROM sanctions WHERE number = ?"
# Who blocks somebody again before another message came has never stopped.
_BLOCK = (
    "INSERT INTO blocks(identity, other, since) VALUES (?, ?, ?) "
    "ON CONFLICT DO UPDATE SET until = NULL"
)
_END_BLOCK = (
    "UPDATE blocks SET until = ended.id "
    "FROM (SELECT ? AS identity, ? AS other, ? AS id) AS ended "
    "WHERE blocks.identity = ended.identity AND blocks.other = ended.other "
    "AND until IS NULL"
)
_LIMIT_BLOCKS = (
    "UPDATE OR REPLACE blocks SET since = min(since, last), until = min(until, last) "
    "FROM (SELECT ? AS last) WHERE since > last OR until > last"
)
_CONTACT = "INSERT OR IGNORE INTO contacts(identity, other) VALUES (?, ?)"
_REMOVE_CONTACT = "DELETE FROM contacts WHERE identity = ? AND other = ?"
_SURE = "UPDATE state SET sure = ?"
_AUDIT = "UPDATE state SET audit_number = ?, audit_digest = ?"


class ChangesOfRules(Changes):
    """The part of a store that takes note of rules; see `Store`."""

    __slots__ = ()

    _with_an_id: ClassVar = Changes._with_an_id | {_BLOCK, _END_BLOCK}

    @log
    def set_role(self, identity: int, role: Role) -> None:
        """An account has another role."""
        self._changes.append((_SET_ROLE, (role.word, identity)))

    @log
    def note_seen(self, identity: int, seen: float) -> None:
        """An account was here."""
        self._place((_SEEN, (identity,)), (seen,))

    @log
    def set_shows_seen(self, identity: int, shows_seen: bool) -> None:
        """Somebody wants others to see when they were here last, or not."""
        self._changes.append((_SHOW_SEEN, (shows_seen, identity)))

    @log
    def set_topic(self, conversation: int, topic: str) -> None:
        """A room is about something else."""
        self._changes.append((_SET_TOPIC, (topic, conversation)))

    @log
    def set_access(self, conversation: int, access: str) -> None:
        """A room is open, or by invitation."""
        self._changes.append((_SET_ACCESS, (access, conversation)))

    @log
    def set_room_keep(
        self, conversation: int, days: float | None, size: int | None
    ) -> None:
        """What is said in a room is kept as long, and as many bytes."""
        self._changes.append((_SET_KEEP, (days, size, conversation)))

    @log
    def add_permit(self, conversation: int, identity: int) -> None:
        """Somebody may enter a room that is by invitation."""
        self._changes.append((_PERMIT, (conversation, identity)))

    @log
    def remove_permit(self, conversation: int, identity: int) -> None:
        """Somebody may not enter it any more."""
        self._changes.append((_REMOVE_PERMIT, (conversation, identity)))

    @log
    def add_invite(self, invite: InviteRow) -> None:
        """An invitation was made."""
        number, digest, role, *rest = msgspec.structs.astuple(invite)
        self._changes.append((_INVITE, (number, digest, role.word, *rest)))

    @log
    def use_invite(self, invite: int) -> None:
        """An invitation was taken once."""
        self._changes.append((USE_INVITE, (invite,)))

    @log
    def revoke_invite(self, invite: int) -> None:
        """An invitation is worthless from now on."""
        self._changes.append((_REVOKE_INVITE, (invite,)))

    @log
    def add_sanction(self, sanction: SanctionRow) -> None:
        """Somebody is banned or muted."""
        self._changes.append((_SANCTION, msgspec.structs.astuple(sanction)))

    @log
    def remove_sanction(self, number: int) -> None:
        """A ban or a mute has ended."""
        self._changes.append((_REMOVE_SANCTION, (number,)))

    @log
    def add_block(self, identity: int, other: int, since: int) -> None:
        """Somebody hears nothing of `other` behind the message `since`."""
        self._changes.append((_BLOCK, (identity, other, since)))

    @log
    def end_block(self, identity: int, other: int, until: int) -> None:
        """Somebody hears `other` again, behind the message `until`."""
        self._changes.append((_END_BLOCK, (identity, other, until)))

    @log
    def limit_blocks(self, last_id: int) -> None:
        """Blocks that name later messages begin and end behind `last_id`."""
        self._changes.append((_LIMIT_BLOCKS, (last_id,)))

    @log
    def add_contact(self, identity: int, other: int) -> None:
        """Somebody has `other` among their contacts."""
        self._changes.append((_CONTACT, (identity, other)))

    @log
    def remove_contact(self, identity: int, other: int) -> None:
        """Somebody has `other` among them no more."""
        self._changes.append((_REMOVE_CONTACT, (identity, other)))

    @log
    def note_clock(self, sure: float) -> None:
        """Up to this time deleting is safe."""
        self._place((_SURE, ()), (sure,))

    @log
    def note_audit(self, number: int, digest: str) -> None:
        """The audit log ends with the entry of this number and hash."""
        self._place((_AUDIT, ()), (number, digest))
