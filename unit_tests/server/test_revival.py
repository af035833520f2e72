"""A start with what the one before left: people and rooms, back in their places."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from common.names import Name, Secret
from server.events import (
    AskHistory,
    DeviceList,
    Done,
    JoinRoom,
    LeaveRoom,
    ListDevices,
    ListRooms,
    ListUsers,
    MessageList,
    RoomList,
    SignIn,
    UserList,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, code, only

Again = Callable[[KeptWorld], KeptWorld]
DAY = 86_400.0


@pytest.fixture(params=[KeptWorld.restarted, KeptWorld.killed], ids=["stop", "kill"])
def start(request: pytest.FixtureRequest) -> Iterator[Again]:
    """Return what starts a world again, after a stop or a kill."""
    with ExitStack() as ends:

        def again(world: KeptWorld) -> KeptWorld:
            started: KeptWorld = request.param(world)
            ends.callback(started.close)
            return started

        yield again


def rooms(somebody: Somebody) -> dict[str, bool]:
    """Return the rooms there are, and whether somebody is in them."""
    entries = only(somebody.says(ListRooms()), RoomList).entries
    return {str(entry.room): entry.joined for entry in entries}


def test_the_id_space_and_the_ids_go_on(world: KeptWorld, start: Again) -> None:
    store_id = world.store.store_id
    world.guest("alice").sends("#all", "one", "two")
    again = start(world)
    assert again.store.store_id == store_id
    newcomer = again.newcomer()
    (welcome,) = newcomer.says(SignIn("bob"))
    assert isinstance(welcome, Welcome)
    assert welcome.last_id == 2
    (accepted,) = newcomer.sends("#all", "three")
    assert accepted.first_id == 3


def test_a_guest_s_device_gets_its_name_and_rooms_back(
    world: KeptWorld, start: Again
) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d1")
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    again = start(world)
    assert code(again.newcomer().says(SignIn("Alice"))) == 409
    alice, bob = again.guest("alice", "d1"), again.guest("bob", "d1")
    bob.sends("#r", "still together")
    assert alice.hears() == [("bob", "#r", "still together")]


def test_a_guest_without_a_device_is_gone(world: KeptWorld, start: Again) -> None:
    world.guest("alice").says(JoinRoom("#r"))
    again = start(world)
    assert again.is_free("alice")


def test_who_was_here_has_all_the_time_to_come_back(
    world: KeptWorld, start: Again
) -> None:
    world.guest("alice", "d1")
    world.pass_time(5000)
    again = start(world)
    again.pass_time(899)
    assert code(again.newcomer().says(SignIn("alice"))) == 409
    again.pass_time(1)
    assert again.is_free("alice")


def test_who_came_back_has_all_the_time_again(world: KeptWorld, start: Again) -> None:
    world.guest("alice", "d1").goes()
    world.pass_time(100)
    world.guest("alice", "d1")
    world.pass_time(5000)
    again = start(world)
    again.pass_time(899)
    assert code(again.newcomer().says(SignIn("alice"))) == 409


def test_the_time_of_who_had_left_goes_on(world: KeptWorld, start: Again) -> None:
    world.guest("alice", "d1").goes()
    world.pass_time(600)
    again = start(world)
    again.pass_time(299)
    assert code(again.newcomer().says(SignIn("alice"))) == 409
    again.pass_time(1)
    assert again.is_free("alice")


def test_while_the_server_was_down_the_time_went_on(
    world: KeptWorld, start: Again
) -> None:
    world.guest("alice", "d1").goes()
    world.wall += 901
    again = start(world)
    again.pass_time(0)
    assert again.is_free("alice")


@pytest.mark.parametrize("back", [3600.0, 400 * DAY])
def test_a_clock_that_was_set_back_keeps_nobody_longer(
    world: KeptWorld, start: Again, back: float
) -> None:
    world.guest("alice", "d1").goes()
    world.wall -= back
    again = start(world)
    again.pass_time(899)
    assert code(again.newcomer().says(SignIn("alice"))) == 409
    again.pass_time(1)
    assert again.is_free("alice")


def test_a_guest_who_is_forgotten_stays_forgotten(
    world: KeptWorld, start: Again
) -> None:
    world.guest("alice", "d1").goes()
    world.pass_time(1000)
    again = start(world)
    newcomer = again.newcomer()
    newcomer.sign_in("alice", "d1", 0)
    assert isinstance(newcomer.told[0], Welcome)
    assert newcomer.told[0].device_seq == 0


def test_an_account_is_there_whether_anybody_was_here_or_not(
    world: KeptWorld, start: Again
) -> None:
    world.account("closed")
    world.account("open", None)
    again = start(world)
    again.pass_time(5000)
    assert code(again.newcomer().says(SignIn("closed"))) == 401
    again.signed_in("open")
    listed = only(again.guest("bob").says(ListUsers()), UserList).entries
    assert {(one.name, one.guest, one.online) for one in listed} == {
        ("bob", True, True),
        ("closed", False, False),
        ("open", False, True),
    }


def test_what_a_device_has_settled_is_known(world: KeptWorld, start: Again) -> None:
    alice = world.guest("alice", "d1")
    alice.sends("#all", "a", "b", numbers=[1, 2])
    alice.sends("nobody", "c", numbers=[3])
    alice.sends("#all", "d", numbers=[4])
    again = start(world)
    back = again.newcomer()
    back.sign_in("alice", "d1")
    welcome = only(back.takes(), Welcome)
    assert (welcome.device_seq, welcome.refused) == (4, [3])


def test_rooms_with_members_are_there(world: KeptWorld, start: Again) -> None:
    alice = world.guest("alice", "d1")
    alice.says(JoinRoom("#One"), JoinRoom("#two"))
    alice.says(LeaveRoom("#two"))
    again = start(world)
    assert rooms(again.guest("alice", "d1")) == {
        "#all": True,
        "#One": True,
        "#two": False,
    }


def test_a_guest_s_room_that_is_empty_ends_after_its_time(
    world: KeptWorld, start: Again
) -> None:
    alice = world.guest("alice", "d1")
    alice.says(JoinRoom("#r"), LeaveRoom("#r"), JoinRoom("#kept"))
    again = start(world)
    alice = again.guest("alice", "d1")
    again.pass_time(899)
    assert set(rooms(alice)) == {"#all", "#kept", "#r"}
    again.pass_time(1)
    assert set(rooms(alice)) == {"#all", "#kept"}


def test_an_account_s_room_lasts(world: KeptWorld, start: Again) -> None:
    world.account("alice", None)
    world.signed_in("alice").says(JoinRoom("#r"), LeaveRoom("#r"))
    again = start(world)
    again.pass_time(100_000)
    assert rooms(again.guest("bob")) == {"#all": True, "#r": False}


def test_a_room_that_ended_is_a_new_one_when_it_is_made_again(
    world: KeptWorld, start: Again
) -> None:
    alice = world.guest("alice", "d1")
    alice.says(JoinRoom("#r"))
    alice.sends("#r", "of the first")
    alice.says(LeaveRoom("#r"))
    world.pass_time(1000)
    again = start(world)
    bob = again.guest("bob")
    assert only(bob.says(JoinRoom("#r")), Done).created
    found = only(bob.asks(AskHistory("#r")), MessageList)
    assert found.entries == []


def test_memberships_that_ended_stay_ended(world: KeptWorld, start: Again) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d1")
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    bob.says(LeaveRoom("#r"))
    again = start(world)
    assert code(again.guest("bob", "d1").sends("#r", "x")) == 403


def test_all_is_one_and_the_same_room_in_every_start(
    world: KeptWorld, start: Again
) -> None:
    alice = world.guest("alice", "d1")
    alice.sends("#all", "one")
    again = start(world)
    alice = again.guest("alice", "d1")
    alice.sends("#all", "two")
    found = only(alice.asks(AskHistory("#all")), MessageList)
    assert [entry.text for entry in found.entries] == ["one", "two"]
    assert rooms(alice) == {"#all": True}


def test_names_that_are_taken_stay_taken_by_look_alikes_too(
    world: KeptWorld, start: Again
) -> None:
    world.account("alice")
    world.guest("bob", "d1")
    again = start(world)
    for name in ("аlice", "bоb"):
        assert code(again.newcomer().says(SignIn(name))) == 409


def test_who_was_let_in_before_their_name_looked_like_another_stays(
    world: KeptWorld, start: Again
) -> None:
    world.account("alice")
    number = world.store.new_number()
    # As a server with an older table of look-alikes left it.
    world.store.add_account(number, Name("aliϲe"), Secret(""), was_guest=False)
    world.end_turn()
    again = start(world)
    people = again.hub.people
    assert {one.name for one in people.by_number.values()} >= {"alice", "aliϲe"}


def test_a_device_unused_for_90_days_is_forgotten(
    world: KeptWorld, start: Again
) -> None:
    world.account("alice", None)
    world.signed_in("alice", "old").goes()
    world.pass_time(80 * DAY)
    world.signed_in("alice", "new").goes()
    again = start(world)
    again.pass_time(11 * DAY)
    third = start(again)
    alice = third.signed_in("alice", "new")
    assert len(only(alice.says(ListDevices()), DeviceList).entries) == 1
