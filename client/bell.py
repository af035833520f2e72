"""When the terminal rings: never, for what is meant for us, or for every message."""

from __future__ import annotations

from typing import Final

from client.events import Event, MessageReceived
from client.mentions import mentions
from common.names import Name, fold, is_room
from decorators import log

__all__ = ["Bell"]

_OFF: Final = "off"
_ALL: Final = "all"
_WORDS: Final = {
    _OFF: "never",
    "mention": "for direct messages, and where your name is said",
    _ALL: "for every message",
}


class Bell:
    """The bell of one screen."""

    @log
    def __init__(self, mode: str) -> None:
        """Ring as `mode` says: off, mention or all."""
        self.mode = mode

    @log
    def set(self, mode: str) -> str:
        """Ring otherwise from now on, if a mode is given; return how it rings."""
        self.mode = mode or self.mode
        return f"the bell rings {_WORDS[self.mode]}"

    @log
    def rings(self, event: Event, me: Name | str) -> bool:
        """Tell whether to ring: not for what we said, nor for what was missed."""
        if self.mode == _OFF or not isinstance(event, MessageReceived) or event.missed:
            return False
        if fold(event.sender) == fold(me):
            return False
        return self.mode == _ALL or not is_room(event.to) or mentions(event.text, me)
