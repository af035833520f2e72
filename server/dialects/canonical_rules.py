"""The canonical JIM objects about who may do what, and about people one watches."""

from typing import Any

from common.messages import UNSET, Answer, User
from common.messages_rules import (
    Ban,
    Invite,
    Kick,
    Mute,
    PresenceOf,
    RoomNews,
    SetRole,
    Unban,
    Unmute,
)
from decorators import log
from server.events import InviteMade, PresenceTold, RoomChanged, Ruling

__all__ = ["RulesEvent", "rules_object"]

RulesEvent = InviteMade | Ruling | RoomChanged | PresenceTold

_KINDS: dict[str, Any] = {
    "kick": Kick,
    "ban": Ban,
    "unban": Unban,
    "mute": Mute,
    "unmute": Unmute,
    "invite": Invite,
    "role": SetRole,
}


@log
def rules_object(event: RulesEvent, wall: float) -> object:
    """Return what becomes the line of an event."""
    match event:
        case Ruling():
            return _ruling(event, wall)
        case RoomChanged():
            return RoomNews(
                time=wall,
                room=event.room,
                by=event.by,
                topic=UNSET if event.topic is None else event.topic,
                access=UNSET if event.access is None else event.access,
                removed=True if event.removed else UNSET,
            )
        case PresenceTold():
            return PresenceOf(
                time=wall,
                user=User(account_name=event.name, status=event.status),
                online=event.online,
                away=True if event.away else UNSET,
                seen=UNSET if event.seen is None else event.seen,
            )
        case InviteMade():
            return _invite_made(event, wall)


@log
def _ruling(event: Ruling, wall: float) -> object:
    said: dict[str, Any] = {"user": User(account_name=event.name), "by": event.by}
    if event.room is not None:
        said["room"] = event.room
    if event.reason:
        said["reason"] = event.reason
    if event.until is not None:
        said["until"] = event.until
    if event.role is not None:
        said["role"] = event.role
    return _KINDS[event.what](time=wall, **said)


@log
def _invite_made(event: InviteMade, wall: float) -> Answer:
    answer = Answer(201, wall, UNSET if event.request is None else event.request)
    answer.invite = event.invite
    answer.invite_id = event.invite_id
    answer.expires = event.expires
    answer.place = UNSET if event.place is None else event.place
    return answer
