"""What the messenger asks of a store, and the rows it gets back.

Two stores do it: `sqlite.py` keeps everything in one file, `memory.py` keeps nothing.
Conversations, people and devices are known by numbers that are never used again.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import Struct, field

from common.names import Name, RoomName, Secret
from server.events import Delivery

__all__ = [
    "AccountRow",
    "Contents",
    "DeviceRow",
    "Found",
    "GuestRow",
    "LineRow",
    "MemberRow",
    "MessageRow",
    "NumberedDevice",
    "Reader",
    "RoomRow",
    "Store",
    "TokenRow",
]


class AccountRow(Struct, frozen=True):
    """An account; `is_open` means that it has no password."""

    identity: int
    name: Name
    is_open: bool


class GuestRow(Struct, frozen=True):
    """A guest bound to a device; `kept_until` (UNIX seconds) unless it was here."""

    identity: int
    name: Name
    kept_until: float | None


class RoomRow(Struct, frozen=True):
    """A room; `owner` is the account that made it, None if a guest did."""

    conversation: int
    name: RoomName
    owner: int | None


class MemberRow(Struct, frozen=True):
    """A membership that began behind the message `since`."""

    conversation: int
    identity: int
    since: int


class DeviceRow(Struct, frozen=True):
    """A device: what it has settled, and the last message it has (`received`)."""

    device: int
    identity: int
    digest: str
    settled: int
    refused: list[int]
    received: int
    created: float
    seen: float


class TokenRow(Struct, frozen=True):
    """A token of an account; the token itself is nowhere."""

    token: int
    identity: int
    created: float
    used: float | None
    device: int | None


class MessageRow(Struct, frozen=True, gc=False):
    """A stored message; `to` is the room or the other one of a direct line."""

    id: int
    conversation: int
    identity: int
    sender: Name
    to: Name | RoomName
    device: int
    number: int | None
    time: float
    text: str


class LineRow(Struct, frozen=True):
    """A conversation of somebody in a list; `whom` is how that person calls it."""

    conversation: int
    whom: Name | RoomName
    last: MessageRow
    unread: int
    read: int


class Found(Struct, frozen=True):
    """What a search found, by ascending id, and how many rows it could not look at."""

    rows: list[MessageRow]
    more: bool
    lag: int


class Contents(Struct, frozen=True):
    """What a server needs to know at its start."""

    accounts: list[AccountRow] = field(default_factory=list)
    guests: list[GuestRow] = field(default_factory=list)
    rooms: list[RoomRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)


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

        Only those above the id at which a membership began; one's own included.
        """

    def history(
        self, conversation: int, before: int | None, after: int | None, limit: int
    ) -> tuple[list[MessageRow], bool]:
        """Return a page by ascending id, and whether more lies beyond it.

        Above `after` the oldest ones; else the newest, below `before` if it is given.
        """

    def conversations(
        self, identity: int, before: int | None, limit: int
    ) -> tuple[list[LineRow], bool]:
        """Return one's conversations that have messages, the newest first."""

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

    def find_device(self, identity: int, digest: str) -> DeviceRow | None:
        """Return somebody's device."""

    def find_devices(self, identity: int) -> list[DeviceRow]:
        """Return the devices of somebody, in the order in which they came."""

    def find_token(self, digest: str) -> TokenRow | None:
        """Return the token that has this digest."""

    def find_tokens(self, identity: int) -> list[TokenRow]:
        """Return the tokens of an account, in the order in which they were made."""

    def read_position(self, conversation: int, identity: int) -> int:
        """Return the last message that somebody has read of a conversation."""

    # --------------------------------------------- written by the next commit

    def add_guest(self, identity: int, name: Name) -> None:
        """Somebody came as a guest."""

    def keep_guest(self, identity: int, until: float | None) -> None:
        """A guest's name waits for its device; with None the guest is here again."""

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

    def forget_device(self, device: int) -> None:
        """A device and its tokens are worthless from now on."""

    def forget_devices(self, unseen_since: float) -> None:
        """Devices that were not here since then, and their tokens, are worthless."""

    def revoke_token(self, token: int) -> None:
        """A token is worthless from now on."""

    # ------------------------------------------- committed at once, or raising

    def add_account(
        self, identity: int, name: Name, password: Secret | None, *, was_guest: bool
    ) -> None:
        """Make an account, or make one of a guest; `password` is a hash or None.

        Raises as `commit` does, and then nothing of it has happened.
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
