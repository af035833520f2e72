"""The text that is to be written in an editor, from the order to the sending."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from common.safe_text import visible
from decorators import log
from errors import NotAllowed, RequestError

__all__ = ["Draft", "Drafting"]


class Draft(NamedTuple):
    """A text for somebody, as it stands now."""

    to: str
    text: str


class Drafting:
    """At most one draft is `wanted`: whoever has the terminal lets it be edited.

    What could not be sent is kept for the next one to the same addressee: it was work.
    """

    @log
    def __init__(self, say: Callable[[str, str], None], *, watched: bool) -> None:
        """Send with `say`, which may raise RequestError."""
        self.wanted: Draft | None = None
        self._say = say
        self._watched = watched
        self._kept = Draft("", "")

    @log
    def begin(self, to: str) -> None:
        """Want a text for somebody; raises NotAllowed where none can be written."""
        if not self._watched:
            raise NotAllowed("edit needs a terminal for the editor")
        if not to:
            raise NotAllowed("edit for whom? /edit NAME, or /edit #ROOM")
        self.wanted = Draft(to, self._kept.text if self._kept.to == to else "")

    @log
    def finish(self, text: str) -> None:
        """Send what was written; raises RequestError where nothing was sent."""
        draft, self.wanted = self.wanted, None
        assert draft is not None
        if not text.strip():
            self._kept = Draft("", "")
            raise NotAllowed("nothing sent: the text is empty")
        self._kept = Draft(draft.to, text)
        try:
            self._say(draft.to, text)
        except RequestError as error:
            again = f"/edit {visible(draft.to)} brings your text back"
            raise NotAllowed(f"nothing sent: {error}; {again}") from error
        self._kept = Draft("", "")

    @log
    def give_up(self) -> None:
        """Want nothing any more: it could not be edited."""
        self.wanted = None
