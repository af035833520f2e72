"""A store on disk with some people in it, for the tests of this folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.names import Name, RoomName, Secret
from server.events import Delivery
from server.store.base import Reader
from server.store.sqlite import SqliteStore

__all__ = ["Device", "World", "opened", "reading"]


@dataclass
class Device:
    """A device as `commit` is told of it."""

    row: int
    settled: int = 0
    refusals: Sequence[int] = ()

    def refused(self) -> list[int]:
        return list(self.refusals)


@contextmanager
def opened(folder: Path, durability: str = "full") -> Iterator[SqliteStore]:
    """Open the store in `folder` while the block lasts."""
    store = SqliteStore(folder, durability)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def reading(store: SqliteStore) -> Iterator[Reader]:
    """Open a reader while the block lasts."""
    reader = store.open_reader()
    try:
        yield reader
    finally:
        reader.close()


class World:
    """Gives out ids and says things to a store as the hub does."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.names: dict[int, Name] = {}

    def guest(self, name: str, device: str | None = None) -> int:
        """Let a guest come, with a device if it is named; return the identity."""
        identity = self.store.new_number()
        self.names[identity] = Name(name)
        self.store.add_guest(identity, Name(name))
        if device is not None:
            self.device(identity, device)
        return identity

    def account(self, name: str, password: str | None = "a hash") -> int:
        """Make an account; return the identity."""
        identity = self.store.new_number()
        self.names[identity] = Name(name)
        secret = None if password is None else Secret(password)
        self.store.add_account(identity, Name(name), secret, was_guest=False)
        return identity

    def device(self, identity: int, digest: str, now: float = 50.0) -> int:
        """Add a device; return its number."""
        device = self.store.new_number()
        self.store.add_device(device, identity, digest, now)
        return device

    def room(self, name: str, *members: int, owner: int | None = None) -> int:
        """Make a room with members; return the conversation."""
        conversation = self.store.new_number()
        self.store.add_room(conversation, RoomName(name), owner)
        for member in members:
            self.store.enter(conversation, member, self.store.last_id)
        return conversation

    def line(self, one: int, other: int) -> int:
        """Let two people talk for the first time; return the conversation."""
        conversation = self.store.new_number()
        self.store.add_line(conversation, one, other)
        return conversation

    def delivery(
        self, conversation: int, sender: int, texts: Sequence[str], first_id: int
    ) -> Delivery:
        """Return what the hub would have stored."""
        name = self.names[sender]
        return Delivery(name, Name("?"), list(texts), first_id, conversation, sender)

    def say(self, conversation: int, sender: int, *texts: str) -> list[int]:
        """Commit a turn with these messages; return their ids."""
        first = self.store.last_id + 1
        batch = [self.delivery(conversation, sender, texts, first)]
        self.store.commit(batch, (), 1000.0)
        return list(range(first, first + len(texts)))

    def commit(self) -> None:
        """Commit a turn without messages."""
        self.store.commit((), (), 1000.0)
