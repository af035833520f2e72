"""A store with a search index that a test feeds by itself."""

from contextlib import closing
from pathlib import Path

from server.store.base import Found
from server.store.index_file import IndexFile
from server.store.schema import connect
from server.store.search import search
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World

__all__ = ["Library"]


class Library:
    """alice, bob and carol, a room of alice and bob, a line of bob and carol."""

    def __init__(self, store: SqliteStore, folder: Path, index: Path) -> None:
        self.world = World(store)
        self.store = store
        self.database = (folder / "messenger.db").resolve()
        # The store's own index would do things at any moment.
        store._index.close()
        self.index = index
        self.alice, self.bob, self.carol = map(
            self.world.guest, ("alice", "bob", "carol")
        )
        self.room = self.world.room("#tea", self.alice, self.bob)
        self.line = self.world.line(self.bob, self.carol)
        self.world.commit()

    def say(self, *texts: str) -> list[int]:
        """Let alice say something in the room; return the ids."""
        return self.world.say(self.room, self.alice, *texts)

    def open(self) -> IndexFile:
        """Open the index."""
        return IndexFile(self.index, self.database)

    def take_all(self) -> None:
        """Index all there is."""
        with closing(self.open()) as file:
            while file.take_batch(lambda _: None):
                pass

    def search(
        self,
        text: str,
        who: int | None = None,
        where: int | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Found:
        """Search as alice, or as somebody else."""
        who = self.alice if who is None else who
        with closing(connect(self.database, writes=False)) as connection:
            return search(connection, self.index, who, text, where, before, limit)

    def find(
        self, text: str, who: int | None = None, where: int | None = None
    ) -> list[int]:
        """Return the ids that a search finds."""
        return [row.id for row in self.search(text, who, where).rows]
