"""Who does what would hold the loop up: threads that hash, threads that look up."""

from typing import NamedTuple

from common.names import Label
from decorators import log
from server.store.base import Reader, Store
from server.workers import Workers

__all__ = ["Crew", "make_crew"]

# Each hash takes 19 MiB for 20 ms: two at once, and who is behind 64 others waits for
# most of a second.
_HASHING_THREADS = 2
_MOST_HASHES = 64
# One more thread would only take turns with this one: Python runs one at a time.
_READING_THREADS = 1
_MOST_QUESTIONS = 256


class Crew(NamedTuple):
    """`hashing` is for passwords, `reading` gets a reader of the store."""

    hashing: Workers[None]
    reading: Workers[Reader]

    @log
    def close(self) -> None:
        """End all threads."""
        self.hashing.close()
        self.reading.close()


@log
def make_crew(store: Store) -> Crew:
    """Return a crew for this store; its threads start when first needed."""
    return Crew(
        Workers(Label("hashing"), _HASHING_THREADS, _MOST_HASHES),
        Workers(Label("reading"), _READING_THREADS, _MOST_QUESTIONS, store.open_reader),
    )
