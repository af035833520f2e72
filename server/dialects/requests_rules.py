"""One JIM object to one event: invitations, roles, and the rules of rooms.

The server's own `from` and `until` in these are ignored when a peer sends them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from common import messages_rules as messages
from common.messages import UNSET
from common.names import Label
from common.roles import Role
from decorators import log
from errors import BadRequest
from server.dialects.reading import (
    Reading,
    invite_of,
    maybe_seconds,
    maybe_text,
    optional,
    short_text,
    whole,
)
from server.events import (
    InviteToRoom,
    Kick,
    ListInvites,
    ListSanctions,
    MakeInvite,
    Pardon,
    Redeem,
    RemoveRoom,
    RevokeInvite,
    Sanction,
    SetAccess,
    SetRole,
    SetTopic,
)

__all__ = ["RULES_READERS"]

_LONGEST_REASON = 200
_LONGEST_TOPIC = 200
_MOST_USES = 10_000
_ACCESSES: dict[str, Literal["open", "invited"]] = {
    "open": "open",
    "invited": "invited",
}
# Nobody is made a guest: it is what one is without an account.
_ROLES = tuple(role.word for role in Role if role is not Role.GUEST)
_REASON, _TOPIC = Label("reason"), Label("topic")


@log
def _create_invite(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.CreateInvite)
    event = MakeInvite(
        role=Role.MEMBER.word if request.role is UNSET else _role(request.role),
        uses=1 if request.uses is UNSET else request.uses,
        seconds=maybe_seconds(request.seconds),
        room=optional(request.room),
        request=optional(request.id),
    )
    if not 1 <= event.uses <= _MOST_USES:
        raise BadRequest(f"uses: expected a whole number from 1 to {_MOST_USES:,}")
    return Reading(event, True)


@log
def _invites(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Invites)
    return Reading(ListInvites(optional(request.id)), True)


@log
def _revoke_invite(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.RevokeInvite)
    invite_id = whole(request.invite_id, Label("invite_id"))
    return Reading(RevokeInvite(invite_id, optional(request.id)), True)


@log
def _redeem(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Redeem)
    return Reading(Redeem(invite_of(request.invite), optional(request.id)), True)


@log
def _invite(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Invite)
    if request.room is UNSET:
        raise BadRequest("room: expected the room that somebody is invited to")
    name, number = request.user.account_name, optional(request.id)
    return Reading(InviteToRoom(request.room, name, number), True)


@log
def _kick(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Kick)
    event = Kick(
        name=request.user.account_name,
        room=optional(request.room),
        reason=maybe_text(request.reason, _REASON, _LONGEST_REASON),
        request=optional(request.id),
    )
    return Reading(event, True)


@log
def _ban(fields: Mapping[str, Any]) -> Reading:
    return _sanction("ban", msgspec.convert(fields, messages.Ban))


@log
def _mute(fields: Mapping[str, Any]) -> Reading:
    return _sanction("mute", msgspec.convert(fields, messages.Mute))


@log
def _sanction(
    kind: Literal["ban", "mute"], request: messages.Ban | messages.Mute
) -> Reading:
    event = Sanction(
        kind=kind,
        name=request.user.account_name,
        room=optional(request.room),
        seconds=maybe_seconds(request.seconds),
        reason=maybe_text(request.reason, _REASON, _LONGEST_REASON),
        request=optional(request.id),
    )
    return Reading(event, True)


@log
def _unban(fields: Mapping[str, Any]) -> Reading:
    return _pardon("ban", msgspec.convert(fields, messages.Unban))


@log
def _unmute(fields: Mapping[str, Any]) -> Reading:
    return _pardon("mute", msgspec.convert(fields, messages.Unmute))


@log
def _pardon(
    kind: Literal["ban", "mute"], request: messages.Unban | messages.Unmute
) -> Reading:
    name, room = request.user.account_name, optional(request.room)
    return Reading(Pardon(kind, name, room, optional(request.id)), True)


@log
def _bans(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Bans)
    event = ListSanctions(optional(request.room), optional(request.id))
    return Reading(event, True)


@log
def _set_role(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.SetRole)
    if request.room is not UNSET:
        raise BadRequest("room: a role is for the whole server")
    event = SetRole(
        request.user.account_name, _role(request.role), optional(request.id)
    )
    return Reading(event, True)


@log
def _topic(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.SetTopic)
    topic = short_text(request.topic, _TOPIC, _LONGEST_TOPIC)
    return Reading(SetTopic(request.room, topic, optional(request.id)), True)


@log
def _access(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.SetAccess)
    access = _ACCESSES.get(request.access)
    if access is None:
        raise BadRequest(f"access: expected one of {', '.join(_ACCESSES)}")
    return Reading(SetAccess(request.room, access, optional(request.id)), True)


@log
def _remove_room(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.RemoveRoom)
    return Reading(RemoveRoom(request.room, optional(request.id)), True)


@log
def _role(word: str) -> str:
    """Return the word of a role that somebody can be given."""
    if word not in _ROLES:
        raise BadRequest(f"role: expected one of {', '.join(_ROLES)}")
    return word


RULES_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "create_invite": _create_invite,
    "invites": _invites,
    "revoke_invite": _revoke_invite,
    "redeem": _redeem,
    "invite": _invite,
    "kick": _kick,
    "ban": _ban,
    "mute": _mute,
    "unban": _unban,
    "unmute": _unmute,
    "bans": _bans,
    "role": _set_role,
    "topic": _topic,
    "access": _access,
    "remove_room": _remove_room,
}
