"""What a course client is told in words, and which word each of them used last."""

from time import gmtime, strftime

from common.names import Name
from decorators import log
from server.events import Ruling

__all__ = ["LastWords", "ruling_in_words"]

_MOST_NAMES = 10_000

_SENTENCES = {
    ("kick", True): "{by} has taken you out of {room}",
    ("kick", False): "{by} has ended your session",
    ("ban", True): "{by} has banned you from {room}",
    ("ban", False): "{by} has banned you from this server",
    ("unban", True): "{by} has ended your ban from {room}",
    ("unban", False): "{by} has ended your ban from this server",
    ("mute", True): "{by} has muted you in {room}",
    ("mute", False): "{by} has muted you on this server",
    ("unmute", True): "{by} lets you talk in {room} again",
    ("unmute", False): "{by} lets you talk again",
    ("invite", True): "{by} lets you into {room}",
    ("role", False): "{by} has given you the role {role}",
}


@log
def ruling_in_words(ruling: Ruling) -> str:
    """Return the sentence for the one whom a ruling concerns."""
    sentence = _SENTENCES[ruling.what, ruling.room is not None]
    said = sentence.format(by=ruling.by, room=ruling.room, role=ruling.role)
    if ruling.until is not None:
        said += strftime(" until %Y-%m-%d %H:%M UTC", gmtime(ruling.until))
    return f"{said}: {ruling.reason}" if ruling.reason else said


class LastWords:
    """The action that each name called a message by last, of the `most` last heard.

    A message carries all keys at once, but only one action: a client that has said
    nothing yet is spoken to as the last one of its name wanted it.
    """

    __slots__ = ("_most", "_words")

    @log
    def __init__(self, most: int = _MOST_NAMES) -> None:
        self._most = most
        self._words: dict[str, str] = {}

    @log
    def note(self, name: Name, word: str) -> None:
        """Take down what somebody who is signed in has called a message."""
        self._words.pop(name, None)
        self._words[name] = word
        if len(self._words) > self._most:
            del self._words[next(iter(self._words))]

    @log
    def of(self, name: Name) -> str | None:
        """Return what somebody called a message last, None if that is not known."""
        return self._words.get(name)
