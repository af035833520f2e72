"""What peers ask at the doors that are not JIM's: text and MineChat."""

from msgspec import Struct

__all__ = ["Aside", "HearEverybody", "Listen", "TakeName"]


class Aside(Struct):
    """What a dialect itself answers its peer, in its place among all other answers.

    It is told as it was asked: as a line of words, or as the very bytes.
    """

    words: str | bytes


class HearEverybody(Struct):
    """Tell this session of everybody's coming and going (as PresenceTold)."""


class Listen(Struct):
    """Let who has not signed in hear what is said in `#all`; they are in no list."""


class TakeName(Struct):
    """Make an account of this name, or of a free one made from it, with a token alone.

    It has no password, and no plain presence signs in to it.
    """

    name: str
    request: int | None = None
