"""What is said at the text door: whole lines, each with its time.

The spelling of most of it is the protocol (docs/text-door.md): clients look for it.
Whatever others chose stands behind `visible`, so that nobody can fake a line, and what
is not for everybody begins with its mark, in front of the name: no text can fake that.
"""

import functools
import time
from collections.abc import Iterable

from common.names import ALL, Name, is_room
from common.safe_text import visible
from decorators import log
from errors import BadRequest, RequestError
from server.events import (
    KeptMessage,
    Movement,
    PresenceTold,
    RoomChanged,
    Ruling,
    UserEntry,
)

__all__ = [
    "ALONE",
    "GREETING",
    "HELP",
    "MENU",
    "NOTHING_SENT",
    "OK",
    "TO_EVERYBODY",
    "WHAT",
    "Shared",
    "here",
    "reason",
    "renamed",
    "said",
    "shared",
    "stamped",
    "wrong_nickname",
]

#: What many get: each of these keeps its `forms`.
Shared = Movement | Ruling | RoomChanged | PresenceTold

GREETING = b"Wellcome! Please enter your nickname\n"
NOTHING_SENT = "Sorry! You send nothing."
OK = "Server: ok!"
ALONE = "Server: there are no other users!"
TO_EVERYBODY = "Server: you write to everybody"
WHAT = "Server: what? Type your message"
MENU = 'Server: to whom do you write? Type "1" for one person, "2" for everybody.'
HELP = (
    "Server: what you type is sent to everybody in #all. Words in capitals do more:",
    "Server: LIST - who is here",
    "Server: TELL bob hello - say hello to bob alone; TELL asks whom, then what",
    'Server: CHOOSE - write to "1" one person, or "2" everybody, from now on',
    "Server: JOIN #room - enter a room and write there; LEAVE - back to everybody",
    "Server: HISTORY 20 - the last 20 messages from where you write to",
    "Server: HELP - this; QUIT or q - leave",
)

_RULINGS = {
    ("kick", True): "{by} has taken {name} out of {room}",
    ("kick", False): "{by} has ended the session of {name}",
    ("ban", True): "{by} has banned {name} from {room}",
    ("ban", False): "{by} has banned {name} from this server",
    ("unban", True): "{by} has ended the ban of {name} from {room}",
    ("unban", False): "{by} has ended the ban of {name} from this server",
    ("mute", True): "{by} has muted {name} in {room}",
    ("mute", False): "{by} has muted {name} on this server",
    ("unmute", True): "{by} lets {name} talk in {room} again",
    ("unmute", False): "{by} lets {name} talk again",
    ("invite", True): "{by} lets {name} into {room}",
    ("role", False): "{by} has given {name} the role {role}",
}


@log
def stamped(when: float, *words: str) -> bytes:
    """Return lines, each with the time (UNIX seconds)."""
    stamp = _stamp(int(when) // 60)
    return "".join([f"{stamp}: {line}\n" for line in words]).encode()


@log
def said(when: float, sender: Name, to: str, texts: Iterable[str], own: Name) -> bytes:
    """Return messages as their reader `own` sees them; those to rooms are all alike."""
    start = f"{_stamp(int(when) // 60)}: {_mark(to, own)}{sender} sent "
    return "".join([f"{start}{visible(text)}\n" for text in texts]).encode()


@log
def kept(entries: Iterable[KeptMessage], own: Name) -> bytes:
    """Return stored messages, as `said` does."""
    return b"".join(
        [said(one.time, one.sender, one.to, [one.text], own) for one in entries]
    )


@log
def reason(error: RequestError) -> str:
    """Return why something was refused."""
    sentence = error.problem if isinstance(error, BadRequest) else str(error)
    return f"Sorry! {visible(sentence)}"


@log
def renamed(name: Name) -> str:
    """Return which line was taken for the name in the end, for it was not the first."""
    return f"Server: you are {name} here"


@log
def wrong_nickname(name: str) -> str:
    """Return what is said of a nickname that is none."""
    return (
        "Your nickname must contain only letters and numbers, at least one "
        f'character. "{visible(name)}" is an incorrect nickname.'
    )


@log
def shared(event: Shared) -> str:
    """Return what many are told in the same words."""
    match event:
        case PresenceTold():
            return f"{event.name} {'connected' if event.online else 'disconnected'}!"
        case Movement():
            did = "entered" if event.entered else "left"
            return f"[{event.room}] {event.name} {did}"
        case Ruling():
            return f"Server: {_ruled(event)}{_because(event.reason)}"
    return f"Server: {event.by} {_changed(event)}"


@log
def _ruled(event: Ruling) -> str:
    sentence = _RULINGS[event.what, event.room is not None].format(
        by=event.by, name=event.name, room=event.room, role=event.role
    )
    until = event.until
    return f"{sentence} until {_stamp(int(until) // 60)}" if until else sentence


@log
def _changed(event: RoomChanged) -> str:
    if event.removed:
        return f"has removed the room {event.room}"
    if event.topic is not None:
        return f"says what {event.room} is about{_because(event.topic)}"
    who = "everybody" if event.access == "open" else "those only who are invited"
    return f"has opened {event.room} to {who}"


@log
def here(entries: Iterable[UserEntry]) -> str:
    """Return who of a list is here now."""
    names = [
        f"{entry.name} (away)" if entry.away else entry.name
        for entry in entries
        if entry.online
    ]
    return f"Server: {len(names)} here: {', '.join(names)}"


@log
def _mark(to: str, own: Name) -> str:
    """Return what stands before the name in what is not for everybody."""
    if to == ALL:
        return ""
    if is_room(to):
        return f"[{to}] "
    return "[private] " if to == own else f"[private to {to}] "


@log
def _because(words: str) -> str:
    return f": {visible(words)}" if words else ""


@functools.lru_cache(maxsize=256)
@log
def _stamp(minute: int) -> str:
    """Return a minute of UNIX time, in the server's own zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(minute * 60))
