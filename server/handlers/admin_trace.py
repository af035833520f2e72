"""Tell the owner's shell which connections still owe a message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta, Struct

from decorators import log
from server.handlers import receipts
from server.people import Person

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["Identities", "connections"]


class Identities(Struct, forbid_unknown_fields=True):
    """People, by the numbers of their identities."""

    people: Annotated[list[int], Meta(max_length=500)]


@log
def connections(hub: Hub, event: Identities) -> dict[str, Any]:
    """Return a row for each connection of these people.

    `fed_up_to` is the last message that one has got which still gets them from the
    store, null for one that has caught up; `owed_bytes` is what it does not take.
    """
    # What devices have said within this second is to be in the database, too.
    receipts.write_down(hub)
    people = [hub.people.by_number.get(number) for number in event.people]
    rows = [row for one in people if one is not None for row in _rows(hub, one)]
    return {"rows": rows, "more": False}


@log
def _rows(hub: Hub, person: Person) -> Iterator[dict[str, Any]]:
    for session in person.all_sessions():
        device = hub.plain.get(session, session.device)
        yield {
            "identity": person.number,
            "device_id": 0 if device is None else device.row,
            "fed_up_to": session.cursor if session in person.fed else None,
            "owed_bytes": len(session.connection.owed),
            "away": person.away,
        }
