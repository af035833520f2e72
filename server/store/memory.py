"""The store of a server that keeps nothing: numbers count up until it ends."""

import secrets
from collections.abc import Collection, Sequence

from common.names import Name, RoomName, Secret
from common.roles import Role
from decorators import log
from errors import NotAllowed
from server.events import Delivery
from server.store.base import (
    Contents,
    DeviceRow,
    InviteRow,
    NumberedDevice,
    Reader,
    SanctionRow,
    TokenRow,
)

__all__ = ["MemoryStore"]

_NOTHING_KEPT = "this server keeps nothing"


class MemoryStore:
    """Counts messages and numbers, and knows who has talked with whom.

    `store_id` names this id space: a client that knows another one begins anew. What
    needs something kept (accounts, tokens, readers) is refused with NotAllowed.
    """

    __slots__ = ("_last_number", "_lines", "keeps_history", "last_id", "store_id")

    @log
    def __init__(self) -> None:
        self.keeps_history = False
        self.store_id = secrets.token_hex(8)
        self.last_id = 0
        self._last_number = 0
        self._lines: dict[tuple[int, int], int] = {}

    @log
    def load(self) -> Contents:
        """Return nothing."""
        return Contents()

    @log
    def open_reader(self) -> Reader:
        """Refuse: there is nothing to read."""
        raise NotAllowed(_NOTHING_KEPT)

    @log
    def open_pruner(self) -> None:
        """There is nothing to delete."""

    @log
    def commit(
        self,
        batch: Sequence[Delivery],
        devices: Collection[NumberedDevice],
        time: float,
    ) -> None:
        """Make the messages of one turn final; their ids follow `last_id` in order."""
        for delivery in batch:
            delivery.time = time
        if batch:
            self.last_id = batch[-1].first_id + len(batch[-1].texts) - 1

    @property
    @log
    def has_changes(self) -> bool:
        """Nothing ever waits."""
        return False

    @log
    def new_number(self) -> int:
        """Return a number for an identity, a conversation or a device."""
        self._last_number += 1
        return self._last_number

    @log
    def find_line(self, one: int, other: int) -> int | None:
        """Return the conversation of a direct line, if there is one."""
        return self._lines.get(_pair(one, other))

    @log
    def find_former_line(self, identity: int, name: str) -> int | None:
        """Nobody who is gone is known."""
        return None

    @log
    def find_partners(self, identity: int) -> list[int]:
        """Nothing of what was said is kept."""
        return []

    @log
    def find_device(self, identity: int, digest: str) -> DeviceRow | None:
        """No device is known but by those who use it."""
        return None

    @log
    def find_devices(self, identity: int) -> list[DeviceRow]:
        """No device is known but by those who use it."""
        return []

    @log
    def find_token(self, digest: str) -> TokenRow | None:
        """There are no tokens."""
        return None

    @log
    def find_tokens(self, identity: int) -> list[TokenRow]:
        """There are no tokens."""
        return []

    @log
    def audit_head(self) -> tuple[int, str]:
        """There is no audit log."""
        return 0, ""

    @log
    def clock(self) -> tuple[float | None, float | None]:
        """Nothing is known of before the start."""
        return None, None

    @log
    def read_position(self, conversation: int, identity: int) -> int:
        """Nobody is known to have read anything."""
        return 0

    @log
    def add_line(self, conversation: int, one: int, other: int) -> None:
        """Two people talk for the first time."""
        self._lines[_pair(one, other)] = conversation

    @log
    def note_status(self, identity: int, status: str, away: bool) -> None:
        """Nobody is known at the next start."""

    @log
    def forget_person(self, identity: int) -> None:
        """A guest is gone for good: nobody can find their lines again."""
        self._lines = {
            pair: line for pair, line in self._lines.items() if identity not in pair
        }

    @log
    def add_guest(self, identity: int, name: Name) -> None:
        """Somebody came as a guest."""

    @log
    def keep_guest(self, identity: int, until: float | None) -> None:
        """A guest's name waits for its device; with None the guest is here again."""

    @log
    def add_device(self, device: int, identity: int, digest: str, now: float) -> None:
        """Somebody came with a new device."""

    @log
    def note_device(self, device: int, seen: float) -> None:
        """A device was here."""

    @log
    def note_received(self, device: int, message_id: int) -> None:
        """A device has everything up to `message_id`."""

    @log
    def add_room(self, conversation: int, name: RoomName, owner: int | None) -> None:
        """A room was made."""

    @log
    def end_room(self, conversation: int) -> None:
        """A room has ended."""

    @log
    def enter(self, conversation: int, identity: int, since: int) -> None:
        """A membership begins behind the message `since`."""

    @log
    def leave(self, conversation: int, identity: int) -> None:
        """A membership ends."""

    @log
    def note_read(self, conversation: int, identity: int, message_id: int) -> None:
        """Somebody has read a conversation up to `message_id`."""

    @log
    def note_token(self, token: int, used: float, device: int | None) -> None:
        """There are no tokens."""

    @log
    def note_token_seen(self, token: int, used: float) -> None:
        """There are no tokens."""

    @log
    def forget_tokens(self, unused_since: float) -> None:
        """There are no tokens."""

    @log
    def forget_device(self, device: int) -> None:
        """No device is known but by those who use it."""

    @log
    def forget_devices(self, unseen_since: float) -> None:
        """No device is known but by those who use it."""

    @log
    def revoke_token(self, token: int) -> None:
        """There are no tokens."""

    @log
    def set_role(self, identity: int, role: Role) -> None:
        """There are no accounts."""

    @log
    def note_seen(self, identity: int, seen: float) -> None:
        """There are no accounts."""

    @log
    def set_shows_seen(self, identity: int, shows_seen: bool) -> None:
        """There are no accounts."""

    @log
    def set_topic(self, conversation: int, topic: str) -> None:
        """A room is about something else."""

    @log
    def set_access(self, conversation: int, access: str) -> None:
        """A room is open, or by invitation."""

    @log
    def set_room_keep(
        self, conversation: int, days: float | None, size: int | None
    ) -> None:
        """Nothing is kept."""

    @log
    def add_permit(self, conversation: int, identity: int) -> None:
        """Somebody may enter a room that is by invitation."""

    @log
    def remove_permit(self, conversation: int, identity: int) -> None:
        """Somebody may not enter it any more."""

    @log
    def add_invite(self, invite: InviteRow) -> None:
        """An invitation was made."""

    @log
    def use_invite(self, invite: int) -> None:
        """An invitation was taken once."""

    @log
    def revoke_invite(self, invite: int) -> None:
        """An invitation is worthless from now on."""

    @log
    def add_sanction(self, sanction: SanctionRow) -> None:
        """Somebody is banned or muted."""

    @log
    def remove_sanction(self, number: int) -> None:
        """A ban or a mute has ended."""

    @log
    def add_block(self, identity: int, other: int, since: int) -> None:
        """Somebody hears nothing of `other`."""

    @log
    def end_block(self, identity: int, other: int, until: int) -> None:
        """Somebody hears `other` again."""

    @log
    def add_contact(self, identity: int, other: int) -> None:
        """Somebody has `other` among their contacts."""

    @log
    def remove_contact(self, identity: int, other: int) -> None:
        """Somebody has `other` among them no more."""

    @log
    def note_clock(self, sure: float) -> None:
        """Up to this time deleting is safe."""

    @log
    def note_audit(self, number: int, digest: str) -> None:
        """The audit log ends with the entry of this number and hash."""

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
        """Refuse: an account would not last."""
        raise NotAllowed(_NOTHING_KEPT)

    @log
    def add_token(self, token: int, identity: int, digest: str, now: float) -> None:
        """Refuse: there are no accounts."""
        raise NotAllowed(_NOTHING_KEPT)

    @log
    def change_password(
        self, identity: int, password: Secret, *, keep_tokens: bool = True
    ) -> None:
        """Refuse: there are no accounts."""
        raise NotAllowed(_NOTHING_KEPT)

    @log
    def delete_account(self, identity: int) -> None:
        """Refuse: there are no accounts."""
        raise NotAllowed(_NOTHING_KEPT)

    @log
    def close(self) -> None:
        """There is nothing to let go of."""


@log
def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
