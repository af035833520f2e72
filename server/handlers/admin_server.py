"""The owner's shell on the whole server: invitations, notices, exports, its state."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from common import __version__
from decorators import log
from errors import BadRequest, TooLong
from server.entrance import entrance_of
from server.events import (
    InviteList,
    InviteMade,
    ListInvites,
    MakeInvite,
    Notice,
    RevokeInvite,
)
from server.handlers import invites
from server.handlers.owner_shell import NAME, ask

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = [
    "NewInvite",
    "Nothing",
    "OneInvite",
    "Words",
    "in_force",
    "list_invites",
    "make_invite",
    "revoke_invite",
    "say",
    "show_clock",
    "status",
    "trust_clock",
]


class Nothing(Struct, forbid_unknown_fields=True):
    """No arguments."""


class NewInvite(Struct, forbid_unknown_fields=True):
    """An invitation to be made; see MakeInvite."""

    role: Literal["member", "moderator", "owner"] = "member"
    uses: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    seconds: Annotated[float, Meta(gt=0, le=1e9)] | None = None
    room: str | None = None


class OneInvite(Struct, forbid_unknown_fields=True):
    """An invitation, by its number in the list."""

    invite_id: int


class Words(Struct, forbid_unknown_fields=True):
    """What is to be said to everybody."""

    text: str


# ----------------------------------------------------------------- invitations


@log
def make_invite(hub: Hub, event: NewInvite) -> dict[str, Any]:
    """Make an invitation; it is shown this once."""
    asked = MakeInvite(event.role, event.uses, event.seconds, event.room)
    (made,) = ask(hub, invites.make_invite, asked)
    assert isinstance(made, InviteMade)
    return {
        "invite": made.invite,
        "invite_id": made.invite_id,
        "expires": made.expires,
        "role": event.role,
        "uses": event.uses,
        "room": event.room,
        "place": _place(hub),
    }


@log
def list_invites(hub: Hub, event: Nothing) -> dict[str, Any]:
    """Return the invitations that are still good."""
    rows = [
        {
            "invite_id": entry.invite_id,
            "role": entry.role,
            "created": entry.created,
            "expires": entry.expires,
            "uses_left": entry.uses_left,
            "times_used": entry.used,
            "room": entry.room,
            "from": entry.creator,
        }
        for one in ask(hub, invites.list_invites, ListInvites())
        if isinstance(one, InviteList)
        for entry in one.entries
    ]
    return {"rows": rows, "more": False}


@log
def revoke_invite(hub: Hub, event: OneInvite) -> dict[str, Any]:
    """Make an invitation worthless."""
    ask(hub, invites.revoke_invite, RevokeInvite(event.invite_id))
    return {"invite_id": event.invite_id}


# --------------------------------------------------------------------- notices


@log
def say(hub: Hub, event: Words) -> dict[str, Any]:
    """Tell everybody who is signed in, now; it is not stored."""
    limit = hub.settings.text_bytes
    if not event.text.strip():
        raise BadRequest("there is nothing to say")
    if limit and len(event.text.encode("utf-8", "replace")) > limit:
        raise TooLong("the text", limit)
    hub.announce(Notice(101, event.text))
    hub.audit.note("notice", who=NAME)
    return {"sessions": len(hub.sessions)}


# ----------------------------------------------------------------------- state


@log
def status(hub: Hub, event: Nothing) -> dict[str, Any]:
    """Return how the server is."""
    people = hub.people.by_number.values()
    return {
        "version": __version__,
        "process": os.getpid(),
        "time": hub.wall,
        "place": _place(hub),
        "sessions": len(hub.sessions),
        "people_here": sum(one.is_here for one in people),
        "accounts": sum(one.is_account for one in people),
        "guests": sum(not one.is_account for one in people),
        "rooms": sum(1 for _ in hub.rooms.after(None)),
        "last_message": hub.last_id,
        "keeps_history": hub.store.keeps_history,
        "registration": hub.settings.registration,
        "comes_in": entrance_of(hub.settings)._asdict(),
        "tls": hub.settings.tls,
        "clock_trouble": _clock_trouble(hub),
        "trouble": "" if hub.trouble is None else str(hub.trouble),
        "audit_trouble": hub.audit.trouble,
    }


@log
def _clock_trouble(hub: Hub) -> str:
    """Return a sentence where this machine's clock is not explained."""
    days = hub.clock.ahead / 86400.0
    if not days:
        return ""
    way = "ahead of" if days > 0 else "behind"
    return (
        f"this machine's clock is {abs(days):.1f} days {way} what the time that has "
        "passed explains: nothing is deleted by it; set it, or, if it is right, type: "
        "my_server.py clock --trust"
    )


@log
def show_clock(hub: Hub, event: Nothing) -> dict[str, Any]:
    """Return the server's time, and by which time it deletes."""
    clock = hub.clock
    return {"time": clock.time, "deletes_by": clock.sure, "ahead_seconds": clock.ahead}


@log
def trust_clock(hub: Hub, event: Nothing) -> dict[str, Any]:
    """Take this machine's clock for right: what it makes old is deleted from now on."""
    moved = hub.clock.trust()
    hub.wall = hub.clock.time
    hub.store.note_clock(hub.clock.sure)
    hub.retention.hurry(hub.now)
    hub.audit.note("clock trusted", who=NAME, how=f"{moved:+.0f} s")
    return show_clock(hub, event) | {"moved_seconds": moved}


@log
def in_force(hub: Hub, event: Nothing) -> dict[str, Any]:
    """Return what the server goes by, for who looks whether something is wrong.

    `folder` is what the paths among the settings begin from, `certificate` what clients
    are shown, which is not what stands in its file where that was not read again.
    """
    return {
        "settings": msgspec.to_builtins(hub.settings),
        "folder": os.getcwd(),
        "certificate": msgspec.to_builtins(hub.place.certificate if hub.place else b""),
    }


@log
def _place(hub: Hub) -> dict[str, Any] | None:
    if hub.place is None:
        return None
    fields = hub.place._asdict()
    del fields["certificate"]
    return fields
