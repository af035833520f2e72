"""Bans and mutes: on whom they are, where, and until when.

One of an account holds for its identity. One of a guest holds for the name and for the
network the guest came from, but never for an account.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from common.addresses import network_of
from common.names import Label, RoomName, fold
from decorators import log
from errors import Sanctioned
from server.people import Person
from server.rooms import Room
from server.store.base import SanctionRow

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["Sanctions", "refusal", "refuse_banned", "refuse_muted"]


class Sanctions:
    """All bans and mutes that are not over; `wall` is in UNIX seconds.

    Whoever adds or removes one sets `sanctioned` of the people it concerns anew
    (`mark`): that is all that the hot path looks at.
    """

    @log
    def __init__(self) -> None:
        self._rows: dict[int, SanctionRow] = {}
        self._soonest = math.inf  # before then none is over
        # Accounts by their number, guests by their folded name and by their network.
        self._by_whom: dict[int | str, list[SanctionRow]] = {}
        #: How many each account has laid on somebody.
        self.made_by: Counter[int | None] = Counter()
        # Those in a room, by its conversation and their number.
        self._by_room: dict[int, dict[int, SanctionRow]] = {}

    @log
    def add(self, row: SanctionRow) -> None:
        """Let it hold from now on."""
        self._rows[row.number] = row
        self.made_by[row.creator] += 1
        if row.until is not None:
            self._soonest = min(self._soonest, row.until)
        for key in _keys(row):
            self._by_whom.setdefault(key, []).append(row)
        if row.conversation is not None:
            self._by_room.setdefault(row.conversation, {})[row.number] = row

    @log
    def remove(self, row: SanctionRow) -> None:
        """End it."""
        del self._rows[row.number]
        self.made_by[row.creator] -= 1
        if not self.made_by[row.creator]:
            del self.made_by[row.creator]
        for key in _keys(row):
            self._by_whom[key].remove(row)
            if not self._by_whom[key]:
                del self._by_whom[key]
        if row.conversation is not None:
            here = self._by_room[row.conversation]
            del here[row.number]
            if not here:
                del self._by_room[row.conversation]

    @log
    def all(self) -> list[SanctionRow]:
        """Return them in the order in which they came."""
        return list(self._rows.values())

    @log
    def in_room(self, room: Room) -> list[SanctionRow]:
        """Return those in a room, in the order in which they came."""
        return list(self._by_room.get(room.conversation, {}).values())

    @log
    def of(self, person: Person) -> list[SanctionRow]:
        """Return what holds for somebody, and may be over since a moment."""
        if person.is_account:
            return list(self._by_whom.get(person.number, ()))
        addresses = [session.address for session in person.all_sessions()]
        return self.of_guest(person.name, addresses)

    @log
    def of_guest(self, name: str, addresses: Iterable[Label]) -> list[SanctionRow]:
        """Return what holds for a guest of this name from there."""
        if not self._rows:
            return []
        keys = [fold(name), *(_key_of(network_of(one)) for one in addresses)]
        rows = {row.number: row for key in keys for row in self._by_whom.get(key, ())}
        return list(rows.values())

    @log
    def find(
        self, rows: Iterable[SanctionRow], kind: str, room: Room | None, wall: float
    ) -> SanctionRow | None:
        """Return the one among `rows` that is of this kind and place, if it holds."""
        place = None if room is None else room.conversation
        for row in rows:
            if row.kind == kind and row.conversation == place and _holds(row, wall):
                return row
        return None

    @log
    def is_banned(self, person: Person, room: Room | None, wall: float) -> bool:
        """Tell whether somebody is banned from a room, or from the server."""
        if not person.sanctioned:
            return False
        return self.find(self.of(person), "ban", room, wall) is not None

    @log
    def over(self, wall: float) -> list[SanctionRow]:
        """Return those whose time has come."""
        if wall < self._soonest:
            return []
        ends = [row.until for row in self._rows.values() if row.until is not None]
        self._soonest = min((end for end in ends if end > wall), default=math.inf)
        return [row for row in self._rows.values() if not _holds(row, wall)]

    @log
    def mark(self, persons: Iterable[Person]) -> None:
        """Set `sanctioned` of these people anew."""
        for person in persons:
            person.sanctioned = bool(self.of(person))


@log
def _keys(row: SanctionRow) -> list[int | str]:
    if row.identity is not None:
        return [row.identity]
    keys: list[int | str] = [fold(row.name)]
    if row.network is not None:
        keys.append(_key_of(row.network))
    return keys


@log
def _key_of(network: str) -> str:
    return f"network {network}"  # no name: some of those look like addresses


@log
def _holds(row: SanctionRow, wall: float) -> bool:
    return row.until is None or row.until > wall


@log
def refusal(hub: Hub, row: SanctionRow, where: RoomName | None) -> Sanctioned:
    """Return the error that says by whom, until when and why."""
    creator = None
    if row.creator is not None:
        creator = hub.people.by_number.get(row.creator)
    until = ""
    if row.until is not None:
        until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(row.until))
    by = "the server" if creator is None else creator.name
    return Sanctioned(row.kind, where or "this server", by, until, row.reason)


@log
def refuse_banned(hub: Hub, rows: Iterable[SanctionRow], room: Room | None) -> None:
    """Raise Sanctioned where one of `rows` is a ban from a room, or from the server."""
    row = hub.sanctions.find(rows, "ban", room, hub.wall)
    if row is not None:
        raise refusal(hub, row, None if room is None else room.name)


@log
def refuse_muted(hub: Hub, person: Person, room: Room | None) -> None:
    """Raise Sanctioned where somebody is muted on the server, or in this room."""
    rows = hub.sanctions.of(person)
    row = hub.sanctions.find(rows, "mute", None, hub.wall)
    if row is not None:
        raise refusal(hub, row, None)
    if room is not None:
        row = hub.sanctions.find(rows, "mute", room, hub.wall)
        if row is not None:
            raise refusal(hub, row, room.name)
