"""What a conversation needs of a screen, be it a terminal or a pipe."""

from __future__ import annotations

import contextlib
import enum
from typing import Protocol

from client.chat import Chat
from client.wording import Line
from common.names import Secret

__all__ = ["Leave", "Screen"]


class Leave(enum.Enum):
    """Why there is no next line."""

    END = "the end of the input, or the word for it"
    INTERRUPT = "Ctrl-C"


class Screen(Protocol):
    """Where lines are shown and typed."""

    #: Somebody sits there: questions may be asked, and there is time.
    interactive: bool
    #: There is a terminal that another program can be lent.
    has_terminal: bool

    def show(self, line: Line) -> None:
        """Show one line now."""

    async def wait_visibly(self, what: str) -> None:
        """Show that something is waited for, until cancelled."""

    async def ask(self, question: str) -> str | Leave:
        """Return the answer to a question asked before the conversation."""

    async def ask_secret(self, question: str) -> Secret | Leave:
        """Return an answer that is neither shown nor remembered."""

    async def next_line(self, chat: Chat) -> str | Leave:
        """Return what is typed next in `chat`."""

    def lent(self) -> contextlib.AbstractContextManager[None]:
        """Lend the terminal for a while; what is shown meanwhile waits."""

    def close(self) -> None:
        """Give the terminal back as it was."""
