"""The base of what a session can be asked for, whatever the subject."""

from __future__ import annotations

from abc import ABC, abstractmethod

from client.kinds import Kind
from common.messages import Request
from common.messages_rules import RulesRequest
from common.names import Name, RoomName
from decorators import log

__all__ = ["AnyRequest", "Asking"]

AnyRequest = Request | RulesRequest


class Asking(ABC):
    """Requests that have an answer.

    Each returns its number, by which the event that answers it refers to it. While
    signed out they wait. All raise IllegalTransition when the session has ended,
    TooMany when too many wait, TooLong and BadRequest for what can't be sent.
    """

    #: Our name, as the server spells it.
    name: Name | str

    @abstractmethod
    @log
    def _ask(
        self,
        kind: Kind,
        request: AnyRequest | None,
        target: Name | RoomName | str = "",
        text: str = "",
    ) -> int:
        """Let a request wait for its turn, None being a message; return its number.

        `target` is whom or what it is about, as its events say.
        """
