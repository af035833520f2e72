"""What a session makes of rulings, of news of rooms, and of contacts coming and going.

All of it is said by the server and answers nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from client.events import Event
from client.events_rules import ContactNews, RoomNews, Ruling
from client.kinds import Kind
from common.messages import UNSET
from common.messages_rules import (
    Ban,
    Invite,
    Kick,
    Mute,
    PresenceOf,
    SetRole,
    Unban,
    Unmute,
)
from common.messages_rules import RoomNews as SaidOfRoom
from common.names import fold
from decorators import log

__all__ = ["RuleSaid", "puts_out", "rules_news"]

_OfPerson = Kick | Ban | Unban | Mute | Unmute | Invite | SetRole
RuleSaid = _OfPerson | SaidOfRoom | PresenceOf

_KINDS: Final[Mapping[type, Kind]] = {
    Kick: Kind.KICK,
    Ban: Kind.BAN,
    Unban: Kind.UNBAN,
    Mute: Kind.MUTE,
    Unmute: Kind.UNMUTE,
    Invite: Kind.LET_IN,
    SetRole: Kind.ROLE,
}


@log
def rules_news(said: RuleSaid) -> Event:
    """Return the event of what the server says."""
    match said:
        case SaidOfRoom():
            return RoomNews(
                said.room,
                said.by,
                None if said.topic is UNSET else said.topic,
                None if said.access is UNSET else said.access,
                said.removed is True,
            )
        case PresenceOf():
            return ContactNews(
                said.user.account_name,
                said.online,
                said.away is True,
                said.user.status or "",
                None if said.seen is UNSET else said.seen,
            )
    return _ruling(said)


@log
def _ruling(said: _OfPerson) -> Ruling:
    until = said.until if isinstance(said, Ban | Mute) else UNSET
    return Ruling(
        _KINDS[type(said)],
        said.user.account_name,
        said.room or None,
        said.by or "",
        said.reason or "",
        None if until is UNSET else until,
        said.role if isinstance(said, SetRole) else "",
    )


@log
def puts_out(event: Event, me: str) -> str:
    """Return the room that `me` is no longer in after such an event; "" for none."""
    match event:
        case RoomNews(room=room, removed=True):
            return room
        case Ruling(kind=Kind.KICK | Kind.BAN, name=name, room=str(room)):
            return room if fold(name) == fold(me) else ""
    return ""
