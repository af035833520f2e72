"""What happens between a sign-in at the text door and the messages shown behind it."""

from typing import NamedTuple

from decorators import log
from server.dialects.text_steps import Ask
from server.events import (
    CaughtUp,
    Delivery,
    KeptMessage,
    MessageList,
    Outgoing,
    Refused,
)

__all__ = ["Arrival", "InOrder"]

# More than that is not held back for the sake of order; then it goes on without the
# last messages.
_MOST_EVENTS = 1000


class InOrder(NamedTuple):
    """All that has come meanwhile, as it is to be told."""

    earlier: list[Outgoing]
    entries: list[KeptMessage]
    later: list[Outgoing]


class Arrival:
    """Holds back what comes while the last messages are looked up.

    Who missed something, and is fed from the store, sees first what is older than
    those, then those, then the rest.
    """

    __slots__ = ("_entries", "_has_caught_up", "_held")

    @log
    def __init__(self) -> None:
        self._entries: list[KeptMessage] | None = None
        self._has_caught_up = False
        self._held: list[Outgoing] = []

    @log
    def take(self, event: Outgoing) -> bool:
        """Take what comes; return True when all is there and may be told."""
        match event:
            case MessageList(request=Ask.RECENT):
                self._entries = event.entries
            case Refused(request=Ask.RECENT):
                self._entries = []
            case CaughtUp():
                self._has_caught_up = True
            case _:
                self._held.append(event)
        is_complete = self._has_caught_up and self._entries is not None
        return is_complete or len(self._held) >= _MOST_EVENTS

    @log
    def in_order(self) -> InOrder:
        """Return what was taken; the last messages only where nothing is missing."""
        held, entries = self._held, self._entries
        if not (self._has_caught_up and entries):
            return InOrder([], [], held)
        first = entries[0].message_id
        order = InOrder([], entries, [])
        for event in held:
            is_earlier = isinstance(event, Delivery) and event.first_id < first
            (order.earlier if is_earlier else order.later).append(event)
        return order
