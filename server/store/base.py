"""What the messenger asks of a store; the rows that it gets back are in `rows.py`.

Two stores do it: `sqlite.py` keeps everything in one file, `memory.py` keeps nothing.
Conversations, people and devices are known by numbers that are never used again.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from common.names import Name, RoomName, Secret
from common.roles import Role
from server.events import Delivery
from server.store.rows import (
    AccountRow,
    Contents,
    DeviceRow,
    Found,
    GuestRow,
    HeadRow,
    InviteRow,
    LineRow,
    MemberRow,
    MessageRow,
    PairRow,
    PermitRow,
    RoomRow,
    SanctionRow,
    TokenRow,
)

__all__ = [
    "AccountRow",
    "Contents",
    "DeviceRow",
    "Found",
    "GuestRow",
    "HeadRow",
    "InviteRow",
    "LineRow",
    "MemberRow",
    "MessageRow",
    "NumberedDevice",
    "PairRow",
    "PermitRow",
    "Pruner",
    "Reader",
    "RoomRow",
    "SanctionRow",
    "Store",
    "TokenRow",
]


class NumberedDevice(Protocol):
    """A device as `commit` writes it down (`server.people.Device`)."""

    row: int
    settled: int

    def refused(self) -> list[int]:
        """Return which of the last numbers were refused."""


class Reader(Protocol):
    """Looks things up, on a connection of its own, on one thread."""

    def missed(
        self, identity: int, after: int, upto: int, limit: int
    ) -> list[MessageRow]:
        """Return messages of one's conversations, `after` < id <= `upto`, ascending.

        Only those above the id at which a membership began; one's own included. Of
        what somebody said while one had them blocked the rows are there, but hidden: so
        a page of them costs no more than another. In `history`, `search` and
        `conversations` it is nowhere.
        """

    def history(
        self,
        conversation: int,
        before: int | None,
        after: int | None,
        limit: int,
        identity: int | None = None,
    ) -> tuple[list[MessageRow], bool]:
        """Return a page by ascending id, and whether more lies beyond it.

        Above `after` the oldest ones; else the newest, below `before` if it is given.
        It is what `identity` may see: of a room by invitation what was said since they
        were let in. Without `identity` it is everything (an administrator's export).
        """

    def conversations(
        self, identity: int, before: int | None, limit: int
    ) -> tuple[list[LineRow], bool]:
        """Return one's conversations that have messages, the newest first.

        Unread are those of others among the newest 1,000 behind one's read position.
        """

    def search(
        self,
        identity: int,
        text: str,
        conversation: int | None,
        before: int | None,
        limit: int,
    ) -> Found:
        """Return messages with all the words of `text` that this person may see."""

    def password(self, identity: int) -> Secret | None:
        """Return the hash of an account's password; None where there is none."""

    def close(self) -> None:
        """Close the connection."""


class Pruner(Protocol):
    """Deletes old messages, a few at a time; between turns, on the store's thread.

    Nothing of it can be done while something waits to be written. Deletions raise
    NotStored where they can't be done now and StoreFailed as `commit` does. They are
    not synced: what a power cut brings back is deleted again.
    """

    @property
    def is_ready(self) -> bool:
        """Tell whether something can be done now."""

    def tidy(self) -> bool:
        """Bring what was written where it belongs, and tell whether it was enough to.

        It takes some ms, so nothing else should be done at once.
        """

    def heads(self, after: int, limit: int, *, limited: bool) -> list[HeadRow]:
        """Return conversations above the number `after`, ascending.

        Only those with a limit of their own where they have to be `limited`.
        """

    def weigh(self, conversation: int, after: int, limit: int) -> tuple[int, int, int]:
        """Return id, count and bytes of the next messages behind `after`.

        The id is that of the last of them, `after` if there is none.
        """

    def delete(
        self, conversation: int, limit: int, before: float, excess: int
    ) -> tuple[int, int]:
        """Delete the oldest messages of a conversation; return their count and bytes.

        At most `limit`, and while they, or later ones, were stored before the time
        `before` or the bytes deleted are less than `excess`. The last message of the
        store stays.
        """

    def give_back(self, pages: int, spare: int) -> int:
        """Make the file smaller by so many free pages; return how many are left.

        So many as `spare` are left for new messages.
        """


class Store(Protocol):
    """Where the messenger keeps things. Times are UNIX seconds.

    What is said to the methods without an answer is written by the next `commit`, all
    in one transaction, in the order in which it was said; where a commit fails it is
    kept for the next one. The methods that say so commit at once.
    """

    keeps_history: bool
    store_id: str
    last_id: int

    def load(self) -> Contents:
        """Return what is known at the start."""

    def open_reader(self) -> Reader:
        """Return a reader for the calling thread."""

    def open_pruner(self) -> Pruner | None:
        """Return what deletes old messages; None where nothing is kept."""

    def commit(
        self,
        batch: Sequence[Delivery],
        devices: Collection[NumberedDevice],
        time: float,
    ) -> None:
        """Make a turn final: messages, device numbers, and what waits to be written.

        The ids of the messages follow `last_id` in order. Raises NotStored when
        nothing of it was written and the next one may work; StoreFailed when nobody
        can know.
        """

    @property
    def has_changes(self) -> bool:
        """Tell whether something waits to be written."""

    # ------------------------------------------------------- numbers, lookups

    def new_number(self) -> int:
        """Return a number for an identity, a conversation or a device."""

    def find_line(self, one: int, other: int) -> int | None:
        """Return the conversation of a direct line, if there is one."""

    def find_former_line(self, identity: int, name: str) -> int | None:
        """Return one's newest direct line with somebody gone who had that name."""

    def find_partners(self, identity: int) -> list[int]:
        """Return with whom somebody has talked directly, themselves left out."""

    def find_device(self, identity: int, digest: str) -> DeviceRow | None:
        """Return somebody's device."""

    def find_devices(self, identity: int) -> list[DeviceRow]:
        """Return the devices of somebody, in the order in which they came."""

    def find_token(self, digest: str) -> TokenRow | None:
        """Return the token that has this digest."""

    def find_tokens(self, identity: int) -> list[TokenRow]:
        """Return the tokens of an account, in the order in which they were made."""

    def audit_head(self) -> tuple[int, str]:
        """Return the number and the hash of the audit log's last entry; (0, "")."""

    def clock(self) -> tuple[float | None, float | None]:
        """Return what was noted of the clock, and the newest message's time."""

    def read_position(self, conversation: int, identity: int) -> int:
        """Return the last message that somebody has read of a conversation."""

    # --------------------------------------------- written by the next commit

    def add_guest(self, identity: int, name: Name) -> None:
        """Somebody came as a guest."""

    def keep_guest(self, identity: int, until: float | None) -> None:
        """A guest's name waits for its device; with None the guest is here again."""

    def note_status(self, identity: int, status: str, away: bool) -> None:
        """Somebody says this of themselves, for all their sessions."""

    def forget_person(self, identity: int) -> None:
        """A guest or account is gone for good: devices, memberships and tokens go."""

    def add_device(self, device: int, identity: int, digest: str, now: float) -> None:
        """Somebody came with a new device."""

    def note_device(self, device: int, seen: float) -> None:
        """A device was here."""

    def note_received(self, device: int, message_id: int) -> None:
        """A device has everything up to `message_id`."""

    def add_room(self, conversation: int, name: RoomName, owner: int | None) -> None:
        """A room was made."""

    def end_room(self, conversation: int) -> None:
        """A room has ended: its name is free, its messages stay."""

    def add_line(self, conversation: int, one: int, other: int) -> None:
        """Two people talk for the first time."""

    def enter(self, conversation: int, identity: int, since: int) -> None:
        """A membership begins behind the message `since`."""

    def leave(self, conversation: int, identity: int) -> None:
        """A membership ends."""

    def note_read(self, conversation: int, identity: int, message_id: int) -> None:
        """Somebody has read a conversation up to `message_id`."""

    def note_token(self, token: int, used: float, device: int | None) -> None:
        """A token was used, from a device that is kept or not."""

    def note_token_seen(self, token: int, used: float) -> None:
        """A session that a token has opened was here."""

    def forget_device(self, device: int) -> None:
        """A device and its tokens are worthless from now on."""

    def forget_devices(self, unseen_since: float) -> None:
        """Devices that were not here since then are gone; their tokens stay."""

    def forget_tokens(self, unused_since: float) -> None:
        """Tokens that nobody used since then are worthless."""

    def revoke_token(self, token: int) -> None:
        """A token is worthless from now on."""

    def set_role(self, identity: int, role: Role) -> None:
        """An account has another role."""

    def note_seen(self, identity: int, seen: float) -> None:
        """An account was here."""

    def set_shows_seen(self, identity: int, shows_seen: bool) -> None:
        """Somebody wants others to see when they were here last, or not."""

    def set_topic(self, conversation: int, topic: str) -> None:
        """A room is about something else."""

    def set_access(self, conversation: int, access: str) -> None:
        """A room is open, or by invitation."""

    def set_room_keep(
        self, conversation: int, days: float | None, size: int | None
    ) -> None:
        """What is said in a room is kept as long, and as many bytes."""

    def add_permit(self, conversation: int, identity: int) -> None:
        """Somebody may enter a room that is by invitation."""

    def remove_permit(self, conversation: int, identity: int) -> None:
        """Somebody may not enter it any more."""

    def add_invite(self, invite: InviteRow) -> None:
        """An invitation was made."""

    def use_invite(self, invite: int) -> None:
        """An invitation was taken once."""

    def revoke_invite(self, invite: int) -> None:
        """An invitation is worthless from now on."""

    def add_sanction(self, sanction: SanctionRow) -> None:
        """Somebody is banned or muted."""

    def remove_sanction(self, number: int) -> None:
        """A ban or a mute has ended."""

    def add_block(self, identity: int, other: int, since: int) -> None:
        """Somebody hears nothing of `other` behind the message `since`."""

    def end_block(self, identity: int, other: int, until: int) -> None:
        """Somebody hears `other` again, behind the message `until`."""

    def add_contact(self, identity: int, other: int) -> None:
        """Somebody has `other` among their contacts."""

    def remove_contact(self, identity: int, other: int) -> None:
        """Somebody has `other` among them no more."""

    def note_clock(self, sure: float) -> None:
        """Up to this time deleting is safe (`server.clock`)."""

    def note_audit(self, number: int, digest: str) -> None:
        """The audit log ends with the entry of this number and hash."""

    # ------------------------------------------- committed at once, or raising

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

        The invitation `invite` is used up by one, in the same transaction. Raises as
        `commit` does, and then nothing of it has happened.
        """

    def add_token(self, token: int, identity: int, digest: str, now: float) -> None:
        """Make a token. Raises as `add_account` does."""

    def change_password(
        self, identity: int, password: Secret, *, keep_tokens: bool = True
    ) -> None:
        """Change the hash of a password; without `keep_tokens` they go with the old.

        Raises as `add_account` does.
        """

    def delete_account(self, identity: int) -> None:
        """As `forget_person`, at once. Raises as `add_account` does."""

    # -------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of the files."""
