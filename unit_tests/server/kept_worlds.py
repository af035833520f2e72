"""A hub on a database in a folder: stopped, killed, and started again."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from server.store.sqlite import SqliteStore
from unit_tests.server.people_of_a_hub import World

__all__ = ["KeptWorld"]

_FILES = ("messenger.db", "messenger.db-wal")


class KeptWorld(World):
    """A world whose store is a real one. Close it at the end."""

    store: SqliteStore

    def __init__(
        self,
        folder: Path,
        now: float = 1000.0,
        wall: float = 1_700_000_000.0,
        durability: str = "full",
        **settings: Any,
    ) -> None:
        self.folder = folder
        self._starts = {"durability": durability, **settings}
        self._closed = False
        store = SqliteStore(folder, durability)
        super().__init__(store, now, wall, **settings)

    def close(self) -> None:
        """Stop as the server does; the second time nothing happens."""
        if not self._closed:
            self._closed = True
            super().close()
            self.store.close()

    def abandon(self) -> None:
        """Let go of everything, and write nothing down."""
        self._closed = True
        self.hub.reader.close()
        self.crew.close()
        self.store.close()

    def restarted(self) -> "KeptWorld":
        """Stop as on a signal, and return the world of the next start."""
        self.hub.end_all()
        self.end_turn()
        self.close()
        return KeptWorld(self.folder, self.now, self.wall, **self._starts)

    def killed(self) -> "KeptWorld":
        """Return the world of a start behind a kill at this moment.

        It finds what the kernel has of the files, the log not yet taken in; of this
        world nothing is written any more.
        """
        folder = self.folder.with_name(f"{self.folder.name}+")
        folder.mkdir()
        for name in _FILES:
            shutil.copyfile(self.folder / name, folder / name)
        self.abandon()
        shutil.rmtree(self.folder)
        return KeptWorld(folder, self.now, self.wall, **self._starts)

    # --------------------------------------------------------- a disk in trouble

    def fill_disk(self) -> None:
        """Let the database grow no more, as on a full disk."""
        self._limit_pages(self._ask("page_count"))

    def free_disk(self) -> None:
        """Let it grow again."""
        self._limit_pages(2**30)

    def _limit_pages(self, pages: int) -> None:
        self._ask(f"max_page_count = {pages}")

    def set_read_only(self, *, read_only: bool) -> None:
        """Let nothing at all be written, or again all."""
        self._ask(f"query_only = {int(read_only)}")

    def _ask(self, pragma: str) -> int:
        connection = self.store._connection  # these are limits of the connection
        found = connection.execute(f"PRAGMA {pragma}").fetchone()
        return int(found[0]) if found else 0

    def other_program(self) -> sqlite3.Connection:
        """Return a connection that holds the database's lock until it is closed."""
        self.end_turn()  # what waits to be written may hold the lock
        other = sqlite3.connect(self.folder / "messenger.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return other
