"""Events in words: the lines that a person, or a program behind a pipe, reads.

Everything that others wrote (texts, names, rooms, a server's sentences) is made
harmless here, on its way to every screen.
"""

from __future__ import annotations

import enum
import time
from typing import NamedTuple

from client.events import (
    Away,
    Event,
    Kind,
    MessageFailed,
    MessageReceived,
    MessageSent,
    Movement,
    Notice,
    Person,
    RequestDone,
    RequestFailed,
    Room,
    RoomsListed,
    UsersListed,
    Welcomed,
)
from common.names import fold, is_room
from common.safe_text import visible
from decorators import log

__all__ = ["Line", "Tone", "lines_of"]

_EXCERPT_CHARACTERS = 40


class Tone(enum.Enum):
    """What a line is, so that a screen knows where to put it and how it looks."""

    DATA = "what was asked for: messages and rows of lists"
    TALK = "the client or the server talks"
    MARK = "what became of something of ours; of passing interest"
    TROUBLE = "something went wrong"


class Line(NamedTuple):
    """One line for a screen; only `text` may hold newlines, and those are the text's.

    `head` says when and from whom, and stands before the text.
    """

    tone: Tone
    text: str
    head: str = ""


@log
def lines_of(event: Event, me: str, now: float) -> list[Line]:
    """Return what to show for `event`; `me` is our name, `now` in UNIX seconds."""
    match event:
        case MessageReceived():
            return [_message(event, me, now)]
        case MessageSent():
            return [_sent(event)]
        case MessageFailed():
            return [_failed(event)]
        case UsersListed(room=room, users=users):
            place = f"in {visible(room)}" if room else "here"
            rows = [Line(Tone.DATA, _person(one, me)) for one in users]
            return [Line(Tone.TALK, f"{len(users)} {place}:"), *rows]
        case RoomsListed(rooms=rooms):
            rows = [Line(Tone.DATA, _room(one)) for one in rooms]
            return [Line(Tone.TALK, f"{_count(len(rooms), 'room')}:"), *rows]
        case Movement(room=room, name=name, joined=joined):
            what = "joined" if joined else "left"
            return [Line(Tone.MARK, f"{visible(name)} {what} {visible(room)}")]
        case RequestDone():
            return [Line(Tone.MARK, _done(event))]
        case RequestFailed(kind=kind, room=room, reason=reason):
            what = f"{kind.value} {visible(room)}".rstrip()
            return [Line(Tone.TROUBLE, f"{what}: {visible(reason)}")]
        case Notice(code=code, text=text):
            tone = Tone.TALK if code < 400 else Tone.TROUBLE
            return [Line(tone, f"the server says: {visible(text)}")]
        case Away(reason=reason):
            return [Line(Tone.TROUBLE, f"{visible(reason)}; trying again")]
        case Welcomed():
            return [Line(Tone.TALK, _welcome(event))]
    return []


@log
def _message(message: MessageReceived, me: str, now: float) -> Line:
    sender, to = visible(message.sender), visible(message.to)
    if is_room(message.to):
        who = f"{to} {sender}"
    elif fold(message.sender) == fold(me) and fold(message.to) != fold(me):
        # What we said on another device.
        who = f"{sender} to {to}"
    else:
        who = sender
    when = _clock_time(message.time, now)
    return Line(Tone.DATA, visible(message.text, keep_newlines=True), f"{when} {who}:")


@log
def _clock_time(when: float, now: float) -> str:
    """Return the local time, with the date unless it is today."""
    try:
        then, today = time.localtime(when), time.localtime(now)
    except (OverflowError, ValueError, OSError):
        return "??:??"
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d %H:%M", then)


@log
def _sent(sent: MessageSent) -> Line:
    to = visible(sent.to)
    if sent.code == 202:
        return Line(Tone.MARK, f"✓ kept for {to}, who is away")
    return Line(Tone.MARK, f"✓ sent to {to}")


@log
def _failed(failed: MessageFailed) -> Line:
    text = visible(failed.text[:_EXCERPT_CHARACTERS])
    if len(failed.text) > _EXCERPT_CHARACTERS:
        text += "…"
    return Line(
        Tone.TROUBLE,
        f"✗ not sent to {visible(failed.to)}: {visible(failed.reason)} ({text})",
    )


@log
def _person(person: Person, me: str) -> str:
    name = visible(person.name)
    if not person.online:
        return f"{name} (away)"
    return f"{name} (you)" if fold(person.name) == fold(me) else name


@log
def _room(room: Room) -> str:
    joined = ", you too" if room.joined else ""
    return f"{visible(room.name)} ({_count(room.members, 'member')}{joined})"


@log
def _done(done: RequestDone) -> str:
    room = visible(done.room)
    if done.kind is Kind.LEAVE:
        return f"✓ you left {room}"
    made = ", which is new" if done.created else ""
    return f"✓ you joined {room}{made}"


@log
def _welcome(welcomed: Welcomed) -> str:
    words = f"signed in as {visible(welcomed.name)}"
    if welcomed.restarted:
        words += "; the server has been started anew"
    if welcomed.waiting:
        words += f"; sending {_count(welcomed.waiting, 'message')} that waited"
    return words


@log
def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
