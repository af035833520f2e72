"""Archives in a folder of the test, and sessions that keep what they do in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client.archive import Archive, open_archive
from client.events import Event
from client.keeping import Changes
from client.outbox import Pending
from client.rows import KeptMessage
from client.session import ClientSession
from unit_tests.client.sessions import NOW

__all__ = ["SERVER", "Keeping", "changes", "kept_message", "opened"]

SERVER = "localhost:7777"


@contextmanager
def opened(
    folder: Path,
    name: str = "alice",
    first_slot: int = 0,
    told: list[str] | None = None,
) -> Iterator[Archive]:
    """Open an archive while the block lasts; where `told` is None nothing may be."""
    sentences: list[str] = []
    tell = sentences.append if told is None else told.append
    archive = open_archive(folder, SERVER, name, first_slot, tell=tell)
    try:
        yield archive
    finally:
        archive.release()
    assert not sentences


def kept_message(
    message_id: int, text: str = "hi", sender: str = "bob", to: str = "alice"
) -> KeptMessage:
    """Return a message as a server keeps it."""
    return KeptMessage(message_id, NOW, sender, to, text)


def changes(
    *messages: KeptMessage,
    outbox: dict[int, Pending | None] | None = None,
    store: str = "store-1",
    since: int | None = None,
    last_number: int = 0,
    guest: bool = True,
) -> Changes:
    """Return what a session of alice's wants to be kept."""
    return Changes("alice", guest, last_number, store, since, outbox or {}, [*messages])


class Keeping:
    """A session that keeps what it does, as Connection lets it."""

    def __init__(self, archive: Archive) -> None:
        self.session = ClientSession("alice", kept=archive.kept, clock=lambda: NOW)
        self._archive = archive

    def hear(self, *lines: bytes) -> list[Event]:
        """Let the session read lines that come at once."""
        events = self.session.receive_data(b"".join(lines))
        self.keep()
        return events

    def say(self) -> bytes:
        """Return what goes onto the wire."""
        self.keep()
        return self.session.data_to_send()

    def keep(self) -> None:
        """Keep what is to be kept."""
        found = self.session.changes()
        if found is not None:
            self._archive.keep(found)
