"""Rulings, and what was done about rooms and people, in sentences.

What others wrote is made harmless here, as in `client.wording`.
"""

from __future__ import annotations

from client.events_rules import ContactNews, RoomNews, Ruling, Settled
from client.kinds import Kind
from client.line import Line, Tone
from client.times import lasting, moment
from common.names import fold
from common.safe_text import visible
from decorators import log

__all__ = ["contact_lines", "room_news_lines", "ruling_lines", "settled_lines"]

_OPEN = "open"
_USUAL_STATUS = frozenset({"", "here"})
_ROLES = {"owner": "an owner", "moderator": "a moderator", "member": "a member"}


@log
def ruling_lines(ruling: Ruling, me: str, now: float) -> list[Line]:
    """Return what somebody has done to somebody; not what we did, that is answered."""
    if fold(ruling.by) == fold(me):
        return []
    of_me = fold(ruling.name) == fold(me)
    sentence = _of_me(ruling) if of_me else _of_other(ruling)
    if ruling.until is not None:
        sentence += f" until {moment(ruling.until, now)}"
    by = f" by {visible(ruling.by)}" if ruling.by else ""
    reason = f": {visible(ruling.reason)}" if ruling.reason else ""
    if ruling.kind is Kind.LET_IN:
        by = ""
    return [Line(Tone.TALK if of_me else Tone.MARK, f"{sentence}{by}{reason}")]


@log
def _of_me(ruling: Ruling) -> str:
    room = visible(ruling.room or "")
    match ruling.kind:
        case Kind.KICK:
            return f"you were taken out of {room}" if room else "you were put out"
        case Kind.BAN:
            return f"you are banned from {room or 'this server'}"
        case Kind.MUTE:
            return f"you were muted {_in(ruling.room)}"
        case Kind.UNBAN:
            return f"you were unbanned {_in(ruling.room)}"
        case Kind.UNMUTE:
            return f"you were unmuted {_in(ruling.room)}"
        case Kind.LET_IN:
            whom = visible(ruling.by) or "somebody"
            return f"{whom} lets you into {room}; /join {room} enters it"
    return f"you are now {_role(ruling.role)}, made so"


@log
def _of_other(ruling: Ruling) -> str:
    name, room = visible(ruling.name), visible(ruling.room or "")
    match ruling.kind:
        case Kind.KICK:
            return f"{name} was taken out of {room or 'this server'}"
        case Kind.BAN:
            return f"{name} was banned from {room or 'this server'}"
        case Kind.MUTE:
            return f"{name} was muted {_in(ruling.room)}"
        case Kind.UNBAN:
            return f"{name} was unbanned {_in(ruling.room)}"
        case Kind.UNMUTE:
            return f"{name} was unmuted {_in(ruling.room)}"
        case Kind.LET_IN:
            return f"{visible(ruling.by) or 'somebody'} lets {name} into {room}"
    return f"{name} was made {_role(ruling.role)}"


@log
def room_news_lines(news: RoomNews, me: str) -> list[Line]:
    """Return what is new of a room; not what we did ourselves, that is answered."""
    if fold(news.by) == fold(me):
        return []
    room, by = visible(news.room), visible(news.by)
    if news.removed:
        return [Line(Tone.TALK, f"{by} has ended {room}: it is gone")]
    lines = []
    if news.topic is not None:
        what = f"is: {visible(news.topic)}" if news.topic else "was taken away"
        lines.append(Line(Tone.MARK, f"the topic of {room} {what} (by {by})"))
    if news.access is not None:
        lines.append(Line(Tone.MARK, f"{_access(room, news.access)} (by {by})"))
    return lines


@log
def contact_lines(news: ContactNews) -> list[Line]:
    """Return that a contact came, went, or has another status."""
    what = "is here" if news.online else "has left"
    if news.online and news.away:
        what = "is away"
    status = "" if news.status in _USUAL_STATUS else f": {visible(news.status)}"
    return [Line(Tone.MARK, f"{visible(news.name)} {what}{status}")]


@log
def settled_lines(settled: Settled) -> list[Line]:
    """Return that what we asked for is done; nothing of what a session repeated."""
    if not settled.number:
        return []
    if settled.kind is Kind.PROFILE:
        return [Line(Tone.MARK, f"✓ {_profile(settled)}")]
    return [Line(Tone.MARK, f"✓ {_done(settled)}")]


@log
def _done(settled: Settled) -> str:
    whom, room = visible(settled.whom), visible(settled.room or "")
    place, value = _in(settled.room), visible(settled.value)
    lasts = "for good" if settled.seconds is None else f"for {lasting(settled.seconds)}"
    match settled.kind:
        case Kind.KICK:
            return f"{whom} is out of {room or 'this server'}, and may come back"
        case Kind.BAN:
            return f"{whom} is banned from {room or 'this server'} {lasts}"
        case Kind.MUTE:
            return f"{whom} is muted {place} {lasts}"
        case Kind.UNBAN:
            return f"{whom} is banned no longer {place}"
        case Kind.UNMUTE:
            return f"{whom} is muted no longer {place}"
        case Kind.LET_IN:
            return f"{whom} may join {room}"
        case Kind.ROLE:
            return f"{whom} is {_role(settled.value)} now"
        case Kind.TOPIC:
            if not value:
                return f"{room} has no topic any more"
            return f"the topic of {room} is: {value}"
        case Kind.ACCESS:
            return _access(room, settled.value)
        case Kind.REMOVE_ROOM:
            return f"{room} is gone"
    return _done_of_ours(settled.kind, whom)


@log
def _done_of_ours(kind: Kind, whom: str) -> str:
    match kind:
        case Kind.REVOKE_INVITE:
            return f"invitation {whom} is worth nothing any more"
        case Kind.REDEEM:
            return "the invitation is taken"
        case Kind.BLOCK:
            return f"you hear nothing more of {whom}; /unblock {whom} ends it"
        case Kind.UNBLOCK:
            return f"you hear {whom} again"
        case Kind.ADD:
            return f"{whom} is among your contacts"
        case Kind.FORGET:
            return f"{whom} is none of your contacts any more"
    return f"{kind.value} is done"


@log
def _profile(settled: Settled) -> str:
    status = visible(settled.value)
    if settled.show_seen is not None:
        who = "others see" if settled.show_seen else "nobody sees"
        return f"{who} when you were here last"
    if settled.away:
        return f"you are away: {status}" if status else "you are away; /back ends it"
    if settled.away is False:
        return "you are back"
    return f"your status is: {status}"


@log
def _access(room: str, access: str) -> str:
    if access == _OPEN:
        return f"{room} is open to everybody"
    return f"only who is invited can join {room} now"


@log
def _in(room: str | None) -> str:
    return f"in {visible(room)}" if room else "on this server"


@log
def _role(role: str) -> str:
    return _ROLES.get(role) or f"a {visible(role)}"
