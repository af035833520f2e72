"""Blocking: of whom somebody wants to hear nothing.

Who is blocked is not told and sees no difference: what they say is stored and answered
as ever, and only does not reach the one who blocked them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decorators import log
from errors import NotAllowed, TooMany
from server.events import Block, Done, ListBlocked, Unblock
from server.handlers.others import list_chosen, other_one
from server.people import Session
from server.permissions import Right, require
from server.ties import hear_again, shut_out

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["block", "list_blocked", "unblock"]


@log
def block(hub: Hub, session: Session, event: Block) -> None:
    """Let nothing of somebody reach one from now on; twice is as good as once."""
    person, other = other_one(hub, session, event.name)
    require(hub, person, Right.BLOCK)
    hub.require_store()
    if other not in person.blocks:
        limit = hub.settings.contacts_per_person
        if limit and len(person.blocks) >= limit:
            raise TooMany("people whom you have blocked", limit)
        shut_out(person, other)
        hub.store.add_block(person.number, other.number, hub.last_id)
    hub.tell(session, Done(event.request))


@log
def unblock(hub: Hub, session: Session, event: Unblock) -> None:
    """Hear somebody again; what they said meanwhile is not shown later either."""
    person, other = other_one(hub, session, event.name)
    require(hub, person, Right.BLOCK)
    hub.require_store()
    if other not in person.blocks:
        raise NotAllowed(f"you have not blocked {other.name}")
    hear_again(person, other)
    hub.store.end_block(person.number, other.number, hub.last_id)
    hub.tell(session, Done(event.request))


@log
def list_blocked(hub: Hub, session: Session, event: ListBlocked) -> None:
    """Answer with whom one has blocked, in the order of their names."""
    assert session.person is not None
    hub.tell(session, list_chosen(session.person.blocks, event.after, event.request))
