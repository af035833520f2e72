"""What a course client is told in words, because it knows no objects for it."""

from time import gmtime, strftime

from decorators import log
from server.events import Ruling

__all__ = ["ruling_in_words"]

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
