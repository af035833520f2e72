"""What a store knows of before the start: people and rooms, back in their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.names import ALL
from decorators import log
from server.handlers import invites, sanctioning
from server.people import Person
from server.rooms import Room
from server.shares import GUESTS
from server.store.base import AccountRow, Contents, PairRow, RoomRow
from server.ties import shut_out, watch

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["revive"]

_FORGOTTEN_SECONDS = 90 * 86400.0  # after which an unused device is no device (jim.md)


@log
def revive(hub: Hub, now: float) -> None:
    """Take in accounts, guests whose time is not over, rooms and memberships.

    `now` is the monotonic time of the start. By a clock that is not explained nothing
    goes.
    """
    hub.store.forget_devices(hub.clock.sure - _FORGOTTEN_SECONDS)
    if hub.settings.token_days:
        hub.store.forget_tokens(hub.clock.sure - hub.settings.token_days * 86400.0)
    contents = hub.store.load()
    for account in contents.accounts:
        hub.people.put_back(_account(account))
    for guest in contents.guests:
        person = Person(guest.identity, guest.name)
        person.status, person.away = guest.status, guest.away
        hub.people.put_back(person)
        # Who was here when the server ended has all its time to come back.
        left = hub.people.kept_seconds
        if guest.kept_until is not None and hub.clock.is_settled:
            left = max(0.0, min(left, guest.kept_until - hub.wall))
        hub.people.keep(person, now + left)
    _revive_rooms(hub, contents, now)
    _revive_rules(hub, contents)
    for one, other in _pairs(hub, contents.contacts):
        watch(one, other)
    for one, other in _pairs(hub, contents.blocks):
        shut_out(one, other)


@log
def _account(row: AccountRow) -> Person:
    person = Person(row.identity, row.name, is_account=True, is_open=row.is_open)
    person.role, person.seen, person.shows_seen = row.role, row.seen, row.shows_seen
    person.status, person.away = row.status, row.away
    return person


@log
def _revive_rooms(hub: Hub, contents: Contents, now: float) -> None:
    for row in contents.rooms:
        hub.rooms.put_back(_room(hub, row), now)
    if ALL not in {row.name for row in contents.rooms}:
        _make_all(hub, now)
    by_conversation = hub.rooms.by_conversation
    for permit in contents.permits:
        found = by_conversation.get(permit.conversation)
        if found is not None:
            found.permits.add(permit.identity)
    for member in contents.members:
        found = by_conversation.get(member.conversation)
        somebody = hub.people.by_number.get(member.identity)
        if found is not None and somebody is not None:
            hub.rooms.enter(found, somebody)


@log
def _room(hub: Hub, row: RoomRow) -> Room:
    # The room of an account that was given up stays, and nobody is its host.
    host = row.owner if row.owner in hub.people.by_number else None
    lasts = row.owner is not None
    makers = (GUESTS,) if row.owner is None else (row.owner,)
    room = Room(row.name, row.conversation, lasts=lasts, owner=host, makers=makers)
    room.access, room.topic = row.access, row.topic
    room.keep_days, room.keep_bytes = row.keep_days, row.keep_bytes
    return room


@log
def _make_all(hub: Hub, now: float) -> None:
    conversation = hub.store.new_number()
    hub.store.add_room(conversation, ALL, None)
    hub.rooms.add(Room(ALL, conversation, lasts=True), now)


@log
def _revive_rules(hub: Hub, contents: Contents) -> None:
    """Take in invitations and sanctions; what is over by now ends for good."""
    for invite in contents.invites:
        if invite.uses_left > 0:
            hub.invites.add(invite)
        else:
            hub.store.revoke_invite(invite.invite)
    for row in contents.sanctions:
        hub.sanctions.add(row)
    if hub.clock.is_settled:
        sanctioning.expire(hub)
        invites.expire(hub)
    hub.sanctions.mark(hub.people.by_number.values())


@log
def _pairs(hub: Hub, rows: list[PairRow]) -> list[tuple[Person, Person]]:
    """Return who is meant by rows, of those where both are still known."""
    known = hub.people.by_number
    return [
        (known[row.identity], known[row.other])
        for row in rows
        if row.identity in known and row.other in known
    ]
