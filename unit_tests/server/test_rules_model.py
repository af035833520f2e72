"""Deeds at random by people of all ranks: what must hold whatever they do."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from common.names import Secret
from common.roles import Role
from server.events import (
    AskHistory,
    Block,
    DeleteAccount,
    Event,
    Goodbye,
    InviteMade,
    InviteToRoom,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListInvites,
    ListRooms,
    ListSanctions,
    ListUsers,
    MakeInvite,
    Pardon,
    Quitting,
    Redeem,
    Refused,
    Register,
    RemoveRoom,
    RoomList,
    Said,
    Sanction,
    SetAccess,
    SetRole,
    SetTopic,
    Unblock,
)
from server.permissions import may_see
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody

NAMES = ["ann", "bob", "carl", "dan", "eve"]
ROOMS = ["#r", "#s", "#all"]
ADDRESSES = ["127.0.0.1", "192.0.2.7", "192.0.2.8"]
KINDS: list[Literal["ban", "mute"]] = ["ban", "mute"]
DEEDS = 100


class Deeds:
    """A world in which ann begins as the owner, and what people do in it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = KeptWorld(folder)
        self.people: dict[str, Somebody] = {}
        self.invites = [Secret("inv_wrong")]
        self.world.account("ann", None)
        # By hand: no password makes the tests fast, and no owner by a request.
        self.raise_to("ann", Role.OWNER)

    def raise_to(self, name: str, role: Role) -> None:
        person = self.world.hub.people.find(name)
        if person is not None and person.is_account and person.role is Role.MEMBER:
            person.role = role
            self.world.store.set_role(person.number, role)

    def somebody(self, name: str) -> Somebody | None:
        """Return a live session of this name, if one gets in."""
        somebody = self.people.get(name)
        if somebody is None or somebody.session.ended:
            somebody = self.world.newcomer(self.random.choice(ADDRESSES))
            somebody.session.is_private = True
            somebody.sign_in(name, f"device of {name}")
            if somebody.session.person is None:
                return None
            self.people[name] = somebody
        return somebody

    def deed(self, own: str) -> Event:
        pick = self.random.choice
        name, room, place = pick(NAMES), pick(ROOMS), pick([*ROOMS, None])
        kind = pick(KINDS)
        deeds: list[Callable[[], Event]] = [
            lambda: JoinRoom(room),
            lambda: LeaveRoom(room),
            lambda: Said(pick([room, name]), ["x"]),
            lambda: Kick(name, place),
            lambda: Sanction(kind, name, place, pick([None, 100.0])),
            lambda: Pardon(kind, name, place),
            lambda: ListSanctions(place),
            lambda: InviteToRoom(room, name),
            lambda: SetTopic(room, pick("ab")),
            lambda: SetAccess(room, pick(["open", "invited"])),
            lambda: RemoveRoom(room),
            lambda: SetRole(name, pick(["member", "moderator", "owner"])),
            lambda: Register(own, None, 1, pick([*self.invites, None, None])),
            lambda: DeleteAccount(),
            lambda: MakeInvite(
                pick(["member", "moderator"]), pick([1, 2]), None, place
            ),
            lambda: ListInvites(),
            lambda: Redeem(pick(self.invites)),
            lambda: ListRooms(),
            lambda: ListUsers(place),
            lambda: AskHistory(room),
            lambda: Block(name),
            lambda: Unblock(name),
            lambda: Quitting(),
        ]
        return pick(deeds)()

    def do(self) -> None:
        name = self.random.choice(NAMES)
        somebody = self.somebody(name)
        if somebody is None:
            self.world.pass_time(self.random.choice([1, 101, 901]))
            return
        event = self.deed(name)
        for one in somebody.asks(event):
            if isinstance(one, InviteMade):
                self.invites.append(one.invite)
            if isinstance(one, Refused | Goodbye):
                assert one.error.code < 500, (event, one)
            if isinstance(one, RoomList):
                self.check_list(somebody, one)
        if self.random.random() < 0.05:
            self.raise_to(self.random.choice(NAMES), Role.MODERATOR)

    def check_list(self, somebody: Somebody, rooms: RoomList) -> None:
        person = somebody.session.person
        assert person is not None
        listed = {entry.room for entry in rooms.entries}
        for room in self.world.hub.rooms.after(None):
            assert (room.name in listed) is may_see(person, room)

    def check(self) -> None:
        hub = self.world.hub
        people = list(hub.people.by_number.values())
        assert any(person.role is Role.OWNER for person in people)
        for person in people:
            rows = hub.sanctions.of(person)
            assert person.sanctioned or not rows
            assert not (
                person.is_here and hub.sanctions.is_banned(person, None, hub.wall)
            )
            assert (person.role is Role.GUEST) is not person.is_account
            for room in person.rooms:
                assert person in room.members
                banned = person.is_account and hub.sanctions.is_banned(
                    person, room, hub.wall
                )
                assert not banned

    def rules(self) -> dict[str, Any]:
        """Return what a start must find as it was."""
        hub = self.world.hub
        numbers = hub.people.by_number
        return {
            "people": {
                one.name: (one.role, sorted(other.name for other in one.blocks))
                for one in numbers.values()
            },
            "rooms": {
                room.name: (
                    room.owner,
                    room.access,
                    room.topic,
                    room.permits & set(numbers),
                    {member.name for member in room.members},
                )
                for room in hub.rooms.after(None)
            },
            "sanctions": hub.sanctions.all(),
            "invites": hub.invites.good(hub.wall),
        }

    def start_again(self) -> None:
        self.world.hub.end_all()
        self.world.end_turn()
        before = self.rules()
        self.world = self.world.restarted()
        self.people.clear()
        assert self.rules() == before


@pytest.mark.parametrize("seed", range(20))
def test_whatever_people_do_the_rules_hold_also_across_a_start(
    tmp_path: Path, seed: int
) -> None:
    deeds = Deeds(tmp_path / "data", seed)
    try:
        for at in range(DEEDS):
            deeds.do()
            deeds.check()
            if at % 25 == 24:
                deeds.start_again()
    finally:
        deeds.world.close()
