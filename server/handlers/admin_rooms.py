"""The owner's shell on rooms, and on who may not be in them or here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from decorators import log
from errors import NoSuchRoom
from server.events import (
    Kick,
    ListSanctions,
    Pardon,
    RemoveRoom,
    Sanction,
    SanctionList,
    SetAccess,
    SetTopic,
)
from server.handlers import moderation, room_rules
from server.handlers.admin_people import Page, listed
from server.handlers.owner_shell import NAME, ask
from server.people import page
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "Banned",
    "Everywhere",
    "OneRoom",
    "RoomRules",
    "Ruled",
    "ban",
    "change",
    "kick",
    "list_bans",
    "list_rooms",
    "remove",
    "show",
    "unban",
]

_MEGABYTE = 1_000_000
# Somewhere a megabyte's worth of names has to end: one answer must not stop the loop.
_MOST_MEMBERS = 1000
_Amount = Annotated[float, Meta(ge=0, le=1e9)]
# As long as over the wire: it stands in lists, and clients take no endless object.
_ShortText = Annotated[str, Meta(max_length=200)]


class OneRoom(Struct, forbid_unknown_fields=True):
    """A room."""

    room: str


class RoomRules(Struct, forbid_unknown_fields=True):
    """What is to be changed of a room; `keep_…`: None is what the settings say."""

    room: str
    topic: _ShortText | UnsetType = UNSET
    access: Literal["open", "invited"] | UnsetType = UNSET
    keep_days: _Amount | UnsetType | None = UNSET
    keep_mbytes: _Amount | UnsetType | None = UNSET


class Ruled(Struct, forbid_unknown_fields=True):
    """Somebody, in a room or on the whole server."""

    name: str
    room: str | None = None
    reason: _ShortText = ""


class Banned(Ruled, forbid_unknown_fields=True):
    """For so long, or for good."""

    seconds: Annotated[float, Meta(gt=0, le=1e9)] | None = None


class Everywhere(Struct, forbid_unknown_fields=True):
    """A room, or the whole server."""

    room: str | None = None


# ----------------------------------------------------------------------- rooms


@log
def list_rooms(hub: Hub, event: Page) -> dict[str, Any]:
    """Return rooms in the order of their names."""
    found, more = page(hub.rooms.after(event.after), event.limit)
    return listed(found, [_entry(hub, one) for one in found], more=more)


@log
def show(hub: Hub, event: OneRoom) -> dict[str, Any]:
    """Return what there is to know of a room, with at most 1,000 of its members."""
    room = _room(hub, event.room)
    members, more = page(room.members, _MOST_MEMBERS)
    permitted = (hub.people.by_number.get(number) for number in room.permits)
    return _entry(hub, room) | {
        "keep_days": room.keep_days,
        "keep_mbytes": (
            None if room.keep_bytes is None else room.keep_bytes / _MEGABYTE
        ),
        "names": [member.name for member in members],
        "more": more,
        "permitted": sorted(one.name for one in permitted if one is not None),
    }


@log
def remove(hub: Hub, event: OneRoom) -> dict[str, Any]:
    """End a room: everybody is out and its name is free."""
    room = _room(hub, event.room)
    ask(hub, room_rules.remove, RemoveRoom(room.name))
    return {"room": room.name}


@log
def change(hub: Hub, event: RoomRules) -> dict[str, Any]:
    """Change a room's topic, who may enter it, and how long it is kept."""
    room = _room(hub, event.room)
    if isinstance(event.topic, str):
        ask(hub, room_rules.set_topic, SetTopic(room.name, event.topic))
    if event.access is not UNSET:
        ask(hub, room_rules.set_access, SetAccess(room.name, event.access))
    if event.keep_days is not UNSET or event.keep_mbytes is not UNSET:
        _keep(hub, room, event)
    return show(hub, OneRoom(room.name))


@log
def _keep(hub: Hub, room: Room, event: RoomRules) -> None:
    if not isinstance(event.keep_days, UnsetType):
        room.keep_days = event.keep_days
    if not isinstance(event.keep_mbytes, UnsetType):
        size = event.keep_mbytes
        room.keep_bytes = None if size is None else round(size * _MEGABYTE)
    hub.store.set_room_keep(room.conversation, room.keep_days, room.keep_bytes)
    how = f"keep_days {_said(room.keep_days)}, keep_bytes {_said(room.keep_bytes)}"
    hub.audit.note("room kept", who=NAME, where=room.name, how=how)


@log
def _said(amount: float | None) -> str:
    return "by the settings" if amount is None else f"{amount:g}"


@log
def _room(hub: Hub, name: str) -> Room:
    room = hub.rooms.find(name)
    if room is None:
        raise NoSuchRoom(name)
    return room


@log
def _entry(hub: Hub, room: Room) -> dict[str, Any]:
    owner = None if room.owner is None else hub.people.by_number.get(room.owner)
    return {
        "room": room.name,
        "members": len(room.members),
        "access": room.access,
        "owner": None if owner is None else owner.name,
        "topic": room.topic,
    }


# ---------------------------------------------------------- who may not be here


@log
def kick(hub: Hub, event: Ruled) -> dict[str, Any]:
    """Take somebody out of a room, or end all their sessions."""
    ask(hub, moderation.kick, Kick(event.name, event.room, event.reason))
    return {"account_name": event.name, "room": event.room}


@log
def ban(hub: Hub, event: Banned) -> dict[str, Any]:
    """Keep somebody out of a room, or of the whole server."""
    ask(
        hub,
        moderation.sanction,
        Sanction("ban", event.name, event.room, event.seconds, event.reason),
    )
    return {"account_name": event.name, "room": event.room}


@log
def unban(hub: Hub, event: Ruled) -> dict[str, Any]:
    """Let somebody in again."""
    ask(hub, moderation.pardon, Pardon("ban", event.name, event.room))
    return {"account_name": event.name, "room": event.room}


@log
def list_bans(hub: Hub, event: Everywhere) -> dict[str, Any]:
    """Return who is banned or muted."""
    told = ask(hub, moderation.list_sanctions, ListSanctions(event.room))
    rows = [
        {
            "kind": entry.kind,
            "account_name": entry.name,
            "room": entry.room,
            "until": entry.until,
            "from": entry.creator,
            "reason": entry.reason,
        }
        for one in told
        if isinstance(one, SanctionList)
        for entry in one.entries
    ]
    return {"rows": rows, "more": False}
