"""Events in words: the lines that a person, or a program behind a pipe, reads.

Everything that others wrote (texts, names, rooms, a server's sentences) is made
harmless here, on its way to every screen.
"""

from __future__ import annotations

from client.events import (
    Away,
    ConversationsListed,
    DevicesListed,
    Event,
    HistoryListed,
    Kind,
    MessageFailed,
    MessageReceived,
    MessageSent,
    Movement,
    Notice,
    ReceiptReceived,
    Registered,
    RequestDone,
    RequestFailed,
    RoomsListed,
    SearchDone,
    UsersListed,
    Welcomed,
)
from client.line import Line, Tone
from client.lists import (
    conversation_lines,
    counted,
    device_lines,
    excerpt,
    history_lines,
    message_line,
    people_lines,
    room_lines,
    search_lines,
)
from client.times import moment
from common.safe_text import visible
from decorators import log

__all__ = ["Line", "Tone", "lines_of"]

# What is said where a request is done that only says so.
_DONE = {
    Kind.PASSWORD: "✓ password changed; your other devices are signed out",
    Kind.FORGET_DEVICE: "✓ the device is signed out",
    Kind.DELETE_ACCOUNT: "✓ the account is deleted",
}


@log
def lines_of(event: Event, me: str, now: float, *, by_day: bool = False) -> list[Line]:
    """Return what to show for `event`; `me` is our name, `now` in UNIX seconds.

    `by_day` groups pages of messages by their days.
    """
    match event:
        case MessageReceived():
            return [message_line(event, me, moment(event.time, now))]
        case MessageSent():
            return [_sent(event)]
        case MessageFailed():
            return [_failed(event)]
        case ReceiptReceived(reader=reader, read=read):
            what = "read by" if read else "delivered to"
            return [Line(Tone.MARK, f"✓✓ {what} {visible(reader)}")]
        case HistoryListed():
            return history_lines(event, me, now, by_day=by_day)
        case SearchDone():
            return search_lines(event, me, now, by_day=by_day)
        case UsersListed(room=room, users=users):
            return people_lines(room, users, me)
        case RoomsListed(rooms=rooms):
            return room_lines(rooms)
        case ConversationsListed(rows=rows):
            return conversation_lines(rows, me, now)
        case DevicesListed(devices=devices):
            return device_lines(devices, now)
        case Movement(room=room, name=name, joined=joined):
            what = "joined" if joined else "left"
            return [Line(Tone.MARK, f"{visible(name)} {what} {visible(room)}")]
        case Registered():
            return [_registered(event, me)]
        case RequestDone():
            return _done(event)
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
def _sent(sent: MessageSent) -> Line:
    to = visible(sent.to)
    if sent.code == 202:
        return Line(Tone.MARK, f"✓ kept for {to}, who is away")
    return Line(Tone.MARK, f"✓ sent to {to}")


@log
def _failed(failed: MessageFailed) -> Line:
    to, reason = visible(failed.to), visible(failed.reason)
    return Line(Tone.TROUBLE, f"✗ not sent to {to}: {reason} ({excerpt(failed.text)})")


@log
def _registered(registered: Registered, me: str) -> Line:
    name = visible(me)
    if not registered.token:
        return Line(Tone.MARK, f"✓ {name} is an account now, without a password")
    return Line(Tone.MARK, f"✓ {name} is an account now, signed in on this device")


@log
def _done(done: RequestDone) -> list[Line]:
    room = visible(done.room)
    match done.kind:
        case Kind.JOIN:
            made = ", which is new" if done.created else ""
            return [Line(Tone.MARK, f"✓ you joined {room}{made}")]
        case Kind.LEAVE:
            return [Line(Tone.MARK, f"✓ you left {room}")]
    return [Line(Tone.MARK, _DONE[done.kind])] if done.kind in _DONE else []


@log
def _welcome(welcomed: Welcomed) -> str:
    words = f"signed in as {visible(welcomed.name)}"
    if welcomed.restarted:
        words += "; the server has been started anew"
    if welcomed.waiting:
        words += f"; sending {counted(welcomed.waiting, 'message')} that waited"
    return words
