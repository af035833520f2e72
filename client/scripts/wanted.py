"""Which messages `read` tells, of all that come."""

from __future__ import annotations

from msgspec import Struct

from client.rows import KeptMessage
from common.names import Name, RoomName, fold
from decorators import log

__all__ = ["Wanted"]


class Wanted(Struct, frozen=True):
    """Which messages are told; empty means all."""

    room: RoomName | str = ""
    sender: Name | str = ""

    @log
    def holds(self, one: KeptMessage) -> bool:
        """Tell whether a message is among them."""
        if self.room and fold(one.to) != fold(self.room):
            return False
        return not self.sender or fold(one.sender) == fold(self.sender)
