"""Bans and mutes begin and end: in memory, in the store, for the people concerned."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from decorators import log
from server.people import Person
from server.store.base import SanctionRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["begin", "carry_over", "concerned", "end", "expire", "leave_behind"]


@log
def begin(hub: Hub, row: SanctionRow) -> None:
    """Let a ban or a mute hold from now on."""
    hub.sanctions.add(row)
    hub.store.add_sanction(row)
    hub.sanctions.mark(concerned(hub, [row]))


@log
def end(hub: Hub, *rows: SanctionRow) -> None:
    """Let bans and mutes hold no longer."""
    for row in rows:
        hub.sanctions.remove(row)
        hub.store.remove_sanction(row.number)
    hub.sanctions.mark(concerned(hub, rows))


@log
def expire(hub: Hub) -> None:
    """End the bans and mutes whose time has come."""
    end(hub, *hub.sanctions.over(hub.wall))


@log
def carry_over(hub: Hub, person: Person, rows: Iterable[SanctionRow]) -> None:
    """Let what held for a guest hold for the account that was made of it."""
    for row in _longest(rows):
        own = replace(
            row,
            number=hub.store.new_number(),
            identity=person.number,
            name=person.name,
            network=None,
        )
        begin(hub, own)


@log
def leave_behind(hub: Hub, person: Person) -> list[SanctionRow]:
    """Let what holds for an account hold for its name and network, as for a guest's.

    Else one would give up an account to be heard with the next one. Returns what is
    new; call it before the account is taken away.
    """
    networks = {session.network for session in person.all_sessions()} or {None}
    left = []
    for row in _longest(hub.sanctions.of(person)):
        for network in networks:
            theirs = replace(row, identity=None, name=person.name, network=network)
            if not _is_covered(hub, theirs):
                left.append(replace(theirs, number=hub.store.new_number()))
                begin(hub, left[-1])
    return left


@log
def _longest(rows: Iterable[SanctionRow]) -> list[SanctionRow]:
    """Return one of each kind and place, the one that ends last."""
    found: dict[tuple[str, int | None], SanctionRow] = {}
    for row in sorted(rows, key=_end):
        found[row.kind, row.conversation] = row
    return list(found.values())


@log
def _is_covered(hub: Hub, row: SanctionRow) -> bool:
    """Tell whether what holds for guests already says the same or more."""
    return any(
        (one.kind, one.conversation, one.network)
        == (row.kind, row.conversation, row.network)
        and _end(one) >= _end(row)
        for one in hub.sanctions.of_guest(row.name, ())
    )


@log
def _end(row: SanctionRow) -> float:
    return math.inf if row.until is None else row.until


@log
def concerned(hub: Hub, rows: Iterable[SanctionRow]) -> list[Person]:
    """Return the people for whom any of these may hold."""
    found: dict[Person, None] = {}
    networks = set()
    for row in rows:
        if row.identity is not None:
            person = hub.people.by_number.get(row.identity)
        else:
            person = hub.people.find(row.name)
        if person is not None and person.is_account is (row.identity is not None):
            found[person] = None
        if row.network is not None:
            networks.add(row.network)
    if networks:
        # Once for all of them: many may end in the same second.
        for session in hub.sessions:
            guest = session.person
            if session.network not in networks or guest is None or guest.is_account:
                continue
            found[guest] = None
    return list(found)
