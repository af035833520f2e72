"""One line for a screen, and what kind of line it is."""

from __future__ import annotations

import enum
from typing import NamedTuple

__all__ = ["Line", "Seen", "Tone"]


class Tone(enum.Enum):
    """What a line is, so that a screen knows where to put it and how it looks."""

    DATA = "what was asked for: messages and rows of lists"
    WHOLE = "data to copy from a screen, so we break no rows in it"
    OWN = "something that we say, with a mark of what became of it"
    TALK = "the client or the server talks"
    MARK = "what became of something of ours; of passing interest"
    TROUBLE = "something went wrong"
    CLEAR = "no line: a terminal forgets what is on it; others leave it out"
    CODE = "a text that a terminal shows as a QR code; others leave it out"


class Seen(NamedTuple):
    """A message of somebody else's in the conversation `whom`."""

    whom: str
    message_id: int


class Line(NamedTuple):
    """One line for a screen; only `text` may hold newlines, and those are the text's.

    `head` says when and from whom, and stands before the text. Where it `rings` a
    terminal does so. Whoever looks at it has `seen` that message. `who` is the name in
    the head that has a colour, `me` our name where the text holds it.

    A row of ours comes `new`, and by its `key` again whenever its `mark` is another; a
    screen that can't change it any more says `later` instead, if there is anything.
    """

    tone: Tone
    text: str
    head: str = ""
    rings: bool = False
    seen: Seen | None = None
    who: str = ""
    me: str = ""
    key: int = 0
    new: bool = False
    mark: str = ""
    later: str = ""
