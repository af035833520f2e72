"""Lists of people, rooms, invitations and bans in words: a line per row.

What others wrote is made harmless here, as in `client.wording`.
"""

from __future__ import annotations

from collections.abc import Sequence

from client.kinds import Kind
from client.line import Line, Tone
from client.rows import InviteRow, Person, Room, Sanction
from client.times import ago, moment
from common.names import fold
from common.safe_text import visible
from decorators import log

__all__ = [
    "counted",
    "invite_lines",
    "kept_people_lines",
    "people_lines",
    "room_lines",
    "sanction_lines",
    "topic_lines",
]

# What everybody's status is who has set none.
_USUAL_STATUS = frozenset({"", "here"})
_INVITED = "invited"


@log
def counted(number: int, what: str) -> str:
    """Return a number of things, as `1 room` or `2 rooms`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


@log
def people_lines(
    room: str, people: Sequence[Person], me: str, now: float
) -> list[Line]:
    """Return who is here, or in a room."""
    rows = [Line(Tone.DATA, _person(one, me, now)) for one in people]
    here = sum(one.online for one in people)
    others = f", {len(people) - here} not" if here < len(people) else ""
    head = f"{len(people)} in {visible(room)}:" if room else f"{here} here{others}:"
    return [Line(Tone.TALK, head), *rows]


@log
def kept_people_lines(
    kind: Kind, people: Sequence[Person], me: str, now: float
) -> list[Line]:
    """Return our contacts, whom we have blocked, or the one who was asked about."""
    if kind is Kind.WHOIS:
        return [Line(Tone.DATA, _introduction(one, me, now)) for one in people]
    rows = [Line(Tone.DATA, _person(one, me, now)) for one in people]
    if kind is Kind.BLOCKED:
        if not people:
            return [Line(Tone.TALK, "you have blocked nobody")]
        names = [Line(Tone.DATA, visible(one.name)) for one in people]
        return [Line(Tone.TALK, f"{len(people)} blocked:"), *names]
    if not people:
        return [Line(Tone.TALK, "you have no contacts; /add NAME makes one")]
    return [Line(Tone.TALK, f"{counted(len(people), 'contact')}:"), *rows]


@log
def room_lines(rooms: Sequence[Room]) -> list[Line]:
    """Return which rooms there are."""
    rows = [Line(Tone.DATA, _room(one)) for one in rooms]
    return [Line(Tone.TALK, f"{counted(len(rooms), 'room')}:"), *rows]


@log
def topic_lines(name: str, rooms: Sequence[Room]) -> list[Line]:
    """Return what one room of a list is about."""
    for room in rooms:
        if fold(room.name) == fold(name):
            if not room.topic:
                return [Line(Tone.TALK, f"{visible(room.name)} has no topic")]
            about = f"the topic of {visible(room.name)} is: {visible(room.topic)}"
            return [Line(Tone.DATA, about)]
    return [Line(Tone.TROUBLE, f"there is no room {visible(name)} that you can see")]


@log
def invite_lines(rows: Sequence[InviteRow], now: float) -> list[Line]:
    """Return the invitations; the number before one is for `revoke`."""
    if not rows:
        return [Line(Tone.TALK, "no invitation is good; /invite makes one")]
    lines = [Line(Tone.TALK, f"{counted(len(rows), 'invitation')}:")]
    for one in rows:
        what = f"{visible(one.role) or 'member'}, {counted(one.uses_left, 'use')} left"
        room = f", into {visible(one.room)}" if one.room else ""
        creator = f", made by {visible(one.by)}" if one.by else ""
        until = f"good until {moment(one.expires, now)}"
        lines.append(
            Line(Tone.DATA, f"{one.invite_id}: {what}, {until}{room}{creator}")
        )
    return lines


@log
def sanction_lines(room: str, rows: Sequence[Sanction], now: float) -> list[Line]:
    """Return who is banned or muted, in a room or on the whole server."""
    place = f"in {visible(room)}" if room else "on this server"
    if not rows:
        return [Line(Tone.TALK, f"nobody is banned or muted {place}")]
    lines = [Line(Tone.TALK, f"{len(rows)} banned or muted {place}:")]
    return [*lines, *(Line(Tone.DATA, _sanction(one, now)) for one in rows)]


@log
def _sanction(one: Sanction, now: float) -> str:
    what = {"ban": "banned", "mute": "muted"}.get(one.what, visible(one.what))
    where = f" in {visible(one.room)}" if one.room else ""
    until = "for good" if one.until is None else f"until {moment(one.until, now)}"
    creator = f" by {visible(one.by)}" if one.by else ""
    reason = f": {visible(one.reason)}" if one.reason else ""
    return f"{visible(one.name)}: {what}{where} {until}{creator}{reason}"


@log
def _person(person: Person, me: str, now: float) -> str:
    """Return a name and what is to be said of it; of a guest not that it is one."""
    said = []
    if fold(person.name) == fold(me):
        said.append("you")
    if person.role and not person.guest and person.role != "guest":
        said.append(visible(person.role))
    if not person.online:
        said.append("not here")
    elif person.away:
        said.append("away")
    if not person.online and person.seen is not None:
        said.append(f"seen {ago(person.seen, now)}")
    remarks = f" ({', '.join(said)})" if said else ""
    status = "" if person.status in _USUAL_STATUS else f": {visible(person.status)}"
    return f"{visible(person.name)}{remarks}{status}"


@log
def _introduction(person: Person, me: str, now: float) -> str:
    """Return who somebody is in a sentence."""
    who = "you are" if fold(person.name) == fold(me) else f"{visible(person.name)} is"
    what = "guest" if person.guest else visible(person.role) or "member"
    article = "an" if what[0] in "aeiou" else "a"
    where = "here"
    if not person.online:
        seen = person.seen
        where = "not here" if seen is None else f"not here, seen {ago(seen, now)}"
    elif person.away:
        where = "away"
    status = "" if person.status in _USUAL_STATUS else f": {visible(person.status)}"
    return f"{who} {article} {what}, {where}{status}"


@log
def _room(room: Room) -> str:
    said = [counted(room.members, "member")]
    if room.joined:
        said.append("you too")
    if room.access == _INVITED:
        said.append("by invitation")
    if room.owner:
        said.append(f"host {visible(room.owner)}")
    topic = f": {visible(room.topic)}" if room.topic else ""
    return f"{visible(room.name)} ({', '.join(said)}){topic}"
