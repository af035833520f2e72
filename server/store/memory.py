"""The store of a server that keeps nothing: ids count up until it ends."""

import secrets
from collections.abc import Sequence

from decorators import log
from server.events import Delivery

__all__ = ["MemoryStore"]


class MemoryStore:
    """Counts messages; `last_id` is the last that is final.

    `store_id` names this id space: a client that knows another one begins anew.
    """

    __slots__ = ("last_id", "store_id")

    @log
    def __init__(self) -> None:
        self.store_id = secrets.token_hex(8)
        self.last_id = 0

    @log
    def commit(self, batch: Sequence[Delivery]) -> None:
        """Make the messages of one turn final; their ids follow `last_id` in order."""
        last = batch[-1]
        self.last_id = last.first_id + len(last.texts) - 1
