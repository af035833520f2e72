"""What the answers to requests about rules and people mean."""

from __future__ import annotations

from client.events import Event
from client.events_rules import (
    InviteMade,
    InvitesListed,
    PeopleListed,
    SanctionsListed,
    Settled,
)
from client.incoming import read_rows
from client.kinds import Kind
from client.outbox import Pending
from client.rows import InviteRow, Person, Sanction
from common.messages import UNSET, Answer
from common.messages_rules import (
    Ban,
    Invite,
    Kick,
    Mute,
    Profile,
    SetAccess,
    SetRole,
    SetTopic,
    Unban,
    Unmute,
)
from decorators import log
from errors import ProtocolError

__all__ = ["RULES_KINDS", "RULES_LISTS", "rules_event"]

_PEOPLE = frozenset({Kind.BLOCKED, Kind.CONTACTS, Kind.WHOIS})
RULES_LISTS = _PEOPLE | {Kind.INVITES, Kind.BANS}
#: What is answered by `rules_event`.
RULES_KINDS = RULES_LISTS | {
    Kind.CREATE_INVITE,
    Kind.REVOKE_INVITE,
    Kind.REDEEM,
    Kind.LET_IN,
    Kind.KICK,
    Kind.BAN,
    Kind.MUTE,
    Kind.UNBAN,
    Kind.UNMUTE,
    Kind.ROLE,
    Kind.TOPIC,
    Kind.ACCESS,
    Kind.REMOVE_ROOM,
    Kind.BLOCK,
    Kind.UNBLOCK,
    Kind.ADD,
    Kind.FORGET,
    Kind.PROFILE,
}


@log
def rules_event(pending: Pending, answer: Answer) -> Event:
    """Return the event of a request of RULES_KINDS that was not refused.

    Raises ProtocolError when the answer makes no sense for it.
    """
    number, rows = pending.number, pending.rows
    match pending.kind:
        case Kind.CREATE_INVITE:
            if not answer.invite:
                raise ProtocolError("the server has made an invitation and not said it")
            made = answer.invite_id or 0
            expires, place = answer.expires or 0.0, answer.place or ""
            return InviteMade(number, answer.invite, made, expires, place)
        case Kind.INVITES:
            return InvitesListed(number, read_rows(rows, InviteRow))
        case Kind.BANS:
            return SanctionsListed(number, pending.target, read_rows(rows, Sanction))
        case kind if kind in _PEOPLE:
            return PeopleListed(number, kind, read_rows(rows, Person))
    return _settled(pending)


@log
def _settled(pending: Pending) -> Settled:
    """Return what is done, as far as the request says it."""
    number, kind, target = pending.number, pending.kind, pending.target
    match pending.request:
        case Ban(room=room, seconds=seconds) | Mute(room=room, seconds=seconds):
            lasts = None if seconds is UNSET else seconds
            return Settled(number, kind, target, room or None, seconds=lasts)
        case Kick(room=room) | Unban(room=room) | Unmute(room=room) | Invite(room=room):
            return Settled(number, kind, target, room or None)
        case SetRole(role=role):
            return Settled(number, kind, target, value=role)
        case SetTopic(room=room, topic=value) | SetAccess(room=room, access=value):
            return Settled(number, kind, room=room, value=value)
        case Profile(status=status, away=away, show_seen=seen):
            return Settled(
                number,
                kind,
                value=status or "",
                away=None if away is UNSET else away,
                show_seen=None if seen is UNSET else seen,
            )
    if kind is Kind.REMOVE_ROOM:
        return Settled(number, kind, room=target)
    return Settled(number, kind, target)
