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
from client.events_rules import (
    ContactNews,
    InvitesListed,
    PeopleListed,
    RoomNews,
    Ruling,
    SanctionsListed,
    Settled,
)
from client.line import Line, Tone
from client.lists import (
    conversation_lines,
    device_lines,
    excerpt,
    history_lines,
    message_line,
    search_lines,
)
from client.lists_rules import (
    counted,
    invite_lines,
    kept_people_lines,
    people_lines,
    room_lines,
    sanction_lines,
)
from client.times import said_at
from client.wording_rules import (
    contact_lines,
    room_news_lines,
    ruling_lines,
    settled_lines,
)
from common.safe_text import visible
from decorators import log

__all__ = ["Line", "Tone", "lines_of"]

_NOT_ALLOWED = 403
# What is said where a request is done that only says so.
_DONE = {
    Kind.PASSWORD: "✓ password changed; your other devices are signed out",
    Kind.FORGET_DEVICE: "✓ the device is signed out",
    Kind.DELETE_ACCOUNT: "✓ the account is deleted",
}


@log
def lines_of(event: Event, me: str, now: float, *, by_day: bool = False) -> list[Line]:
    """Return what to show for `event`; `me` is our name, `now` in UNIX seconds.

    With `by_day` days have rows of their own, else each message names its day.
    """
    match event:
        case MessageReceived():
            when = said_at(event.time, now, by_day=by_day)
            return [message_line(event, me, when, by_day=by_day)]
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
            return people_lines(room, users, me, now)
        case RoomsListed(rooms=rooms):
            return room_lines(rooms)
        case ConversationsListed(rows=rows):
            return conversation_lines(rows, me, now, by_day=by_day)
        case DevicesListed(devices=devices):
            return device_lines(devices, now)
        case Movement(room=room, name=name, joined=joined):
            what = "joined" if joined else "left"
            return [Line(Tone.MARK, f"{visible(name)} {what} {visible(room)}")]
        case Registered():
            return [_registered(event, me)]
        case RequestDone():
            return _done(event)
        case RequestFailed():
            return _refused(event)
        case Notice(code=code, text=text):
            tone = Tone.TALK if code < 400 else Tone.TROUBLE
            return [Line(tone, f"the server says: {visible(text)}")]
        case Away(reason=reason):
            return [Line(Tone.TROUBLE, f"{visible(reason)}; trying again")]
        case Welcomed():
            return [Line(Tone.TALK, _welcome(event))]
    return _lines_of_rules(event, me, now)


@log
def _lines_of_rules(event: Event, me: str, now: float) -> list[Line]:
    """Return what to show of rooms' rules, and of people."""
    match event:
        case Ruling():
            return ruling_lines(event, me, now)
        case RoomNews():
            return room_news_lines(event, me)
        case ContactNews():
            return contact_lines(event)
        case Settled():
            return settled_lines(event)
        case PeopleListed(kind=kind, people=people):
            return kept_people_lines(kind, people, me, now)
        case InvitesListed(rows=invites):
            return invite_lines(invites, now)
        case SanctionsListed(room=room, rows=rows):
            return sanction_lines(room, rows, now)
    return []


@log
def _refused(failed: RequestFailed) -> list[Line]:
    """Return why something was refused, without the kind of the server's error."""
    what = f"{failed.kind.value} {visible(failed.room)}".rstrip()
    why = visible(failed.reason.removeprefix("bad request: "))
    lines = [Line(Tone.TROUBLE, f"{what}: {why}")]
    if failed.kind is Kind.REGISTER and failed.code == _NOT_ALLOWED:
        lines.append(Line(Tone.TALK, "/redeem asks for an invitation and takes it"))
    return lines


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
