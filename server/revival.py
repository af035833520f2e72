"""What a store knows of before the start: people and rooms, back in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import ALL
from decorators import log
from server.people import Person
from server.rooms import Room

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["revive"]

_FORGOTTEN_SECONDS = 90 * 86400.0  # after which an unused device is no device (jim.md)


@log
def revive(hub: Hub, now: float, wall: float) -> None:
    """Take in accounts, guests whose time is not over, rooms and memberships.

    `now` is monotonic, `wall` UNIX seconds, both of the start.
    """
    hub.store.forget_devices(wall - _FORGOTTEN_SECONDS)
    contents = hub.store.load()
    for account in contents.accounts:
        hub.people.add(
            Person(
                account.identity, account.name, is_account=True, is_open=account.is_open
            )
        )
    for guest in contents.guests:
        person = Person(guest.identity, guest.name)
        hub.people.add(person)
        # Who was here when the server ended has all its time to come back.
        left = hub.people.kept_seconds
        if guest.kept_until is not None:
            left = max(0.0, min(left, guest.kept_until - wall))
        hub.people.keep(person, now + left)
    by_conversation = {}
    for row in contents.rooms:
        room = Room(row.name, row.conversation, lasts=row.owner is not None)
        hub.rooms.add(room, now)
        by_conversation[row.conversation] = room
    if ALL not in {row.name for row in contents.rooms}:
        _make_all(hub, now)
    for member in contents.members:
        found = by_conversation.get(member.conversation)
        somebody = hub.people.by_number.get(member.identity)
        if found is not None and somebody is not None:
            hub.rooms.enter(found, somebody)


@log
def _make_all(hub: Hub, now: float) -> None:
    conversation = hub.store.new_number()
    hub.store.add_room(conversation, ALL, None)
    hub.rooms.add(Room(ALL, conversation, lasts=True), now)
