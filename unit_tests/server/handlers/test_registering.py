"""Registering: of a free name, or of the guest who asks; on a real database."""

from collections.abc import Sequence

import pytest

from common.names import Secret
from errors import NameRegistered
from server.events import (
    DeviceList,
    JoinRoom,
    ListDevices,
    ListRooms,
    Refused,
    Register,
    Registered,
    SignIn,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, code, only

OTHER = Secret("another horse")
ELSEWHERE = "192.0.2.7"


def refused(told: Sequence[object]) -> Refused:
    assert isinstance(told[0], Refused), told
    return told[0]


def test_a_free_name_becomes_an_account_with_a_token(world: KeptWorld) -> None:
    newcomer = world.newcomer()
    made = only(newcomer.asks(Register("alice", PASSWORD, 7)), Registered)
    assert made.request == 7
    assert made.token
    assert made.token_id
    alice = world.signed_in("alice", token=made.token)
    assert alice.session.person is not None
    assert alice.session.person.name == "alice"


def test_registering_does_not_sign_in(world: KeptWorld) -> None:
    newcomer = world.newcomer()
    newcomer.asks(Register("alice", PASSWORD))
    assert code(newcomer.says(ListRooms())) == 401
    assert only(newcomer.says(SignIn("bob")), Welcome).name == "bob"


def test_without_a_password_the_account_is_open_and_has_no_token(
    world: KeptWorld,
) -> None:
    newcomer = world.newcomer()
    assert newcomer.says(Register("alice", None, 3)) == [Registered(None, None, 3)]
    welcome = world.newcomer().says(SignIn("alice"))[0]
    assert isinstance(welcome, Welcome)
    assert (welcome.name, welcome.guest) == ("alice", False)


def test_a_guest_can_not_take_a_registered_name(world: KeptWorld) -> None:
    world.account("alice")
    for name in ("alice", "ALICE", "\uff41lice"):
        answer = refused(world.newcomer().says(SignIn(name, request=5)))
        assert isinstance(answer.error, NameRegistered)
        assert (answer.error.code, answer.request) == (401, 5)
    assert code(world.newcomer().says(SignIn("аlice"))) == 409


def test_a_name_in_use_or_like_one_in_use_can_not_be_registered(
    world: KeptWorld,
) -> None:
    world.guest("bob", "d1")
    world.guest("carol", "d1").goes()
    world.account("dave")
    for name in ("bob", "BOB", "carol", "dave", "Dave", "cаrol"):
        assert code(world.newcomer().asks(Register(name, PASSWORD))) == 409, name
        assert code(world.newcomer().asks(Register(name))) == 409, name


@pytest.mark.parametrize("name", ["", "a b", "server", "#room", "a" * 26])
def test_a_name_against_the_rules_is_not_registered(
    world: KeptWorld, name: str
) -> None:
    assert code(world.newcomer().asks(Register(name, PASSWORD))) == 400


@pytest.mark.parametrize(
    ("password", "expected"),
    [("", 400), ("7 chars", 403), ("x" * 257, 413), ("щ" * 129, 413)],
)
def test_a_password_that_can_be_none_registers_nothing(
    world: KeptWorld, password: str, expected: int
) -> None:
    newcomer = world.newcomer()
    assert code(newcomer.asks(Register("alice", Secret(password)))) == expected
    assert world.is_free("alice")


def test_a_password_of_just_the_longest_is_taken(world: KeptWorld) -> None:
    longest = Secret("щ" * 128)
    world.account("alice", longest)
    alice = world.newcomer()
    alice.authenticate("alice", longest)
    assert isinstance(alice.told[0], Welcome)


def test_a_guest_becomes_an_account_with_all_that_is_theirs(world: KeptWorld) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    assert alice.session.person is not None
    identity = alice.session.person.number
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    bob.sends("alice", "to the guest")
    alice.takes()
    only(alice.asks(Register("Alice", PASSWORD)), Registered)
    bob.sends("#r", "still a member?")
    bob.sends("alice", "still here?")
    assert alice.hears() == [
        ("bob", "#r", "still a member?"),
        ("bob", "alice", "still here?"),
    ]
    welcome = only(alice.says(SignIn("alice")), Welcome)
    assert not welcome.guest
    assert alice.session.person.number == identity
    # It goes on as an account's session: its owner may do what owners do.
    assert len(only(alice.says(ListDevices()), DeviceList).entries) == 1
    alice.goes()
    world.pass_time(2000)
    assert code(world.newcomer().says(SignIn("alice"))) == 401
    back = world.newcomer()
    back.authenticate("alice", PASSWORD, device="d1", since=0)
    assert ("bob", "alice", "to the guest") in back.hears()


def test_a_guest_may_register_another_name_and_stays_who_they_are(
    world: KeptWorld,
) -> None:
    bob = world.guest("bob")
    only(bob.asks(Register("alice", PASSWORD)), Registered)
    assert only(bob.says(SignIn("bob")), Welcome).guest


def test_who_is_an_account_can_not_register_again(world: KeptWorld) -> None:
    alice = world.signed_in("alice", token=world.account("alice"))
    assert code(alice.asks(Register("alice", OTHER))) == 409
    again = world.newcomer()
    again.authenticate("alice", PASSWORD)
    assert isinstance(again.told[0], Welcome)


def test_two_who_register_one_name_at_once_get_one_account(world: KeptWorld) -> None:
    first, second = world.newcomer(), world.newcomer()
    first.starts(Register("alice", PASSWORD))
    second.starts(Register("Alice", OTHER))
    world.end_turn()
    world.let_workers_finish()
    told = [*first.takes(), *second.takes()]
    assert sorted(type(one).__name__ for one in told) == ["Refused", "Registered"]
    winner = PASSWORD if isinstance(told[0], Registered) else OTHER
    alice = world.newcomer()
    alice.authenticate("alice", winner)
    assert isinstance(alice.told[0], Welcome)


def test_a_guest_who_comes_while_a_password_is_hashed_keeps_the_name(
    world: KeptWorld,
) -> None:
    newcomer = world.newcomer()
    newcomer.says(Register("alice", PASSWORD))
    guest = world.guest("alice")
    world.let_workers_finish()
    assert code(newcomer.takes()) == 409
    assert only(guest.says(SignIn("alice")), Welcome).guest


def test_who_leaves_while_the_password_is_hashed_has_no_account(
    world: KeptWorld,
) -> None:
    newcomer = world.newcomer()
    newcomer.says(Register("alice", PASSWORD))
    newcomer.goes()
    world.let_workers_finish()
    assert newcomer.takes() == []
    assert world.is_free("alice")


def test_everybody_registered_is_in_all_from_that_moment(world: KeptWorld) -> None:
    bob = world.guest("bob")
    bob.sends("#all", "before")
    world.account("alice", None)
    bob.sends("#all", "after")
    assert world.signed_in("alice").hears() == [("bob", "#all", "after")]


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_an_account_is_there_after_the_next_start(world: KeptWorld, how: str) -> None:
    token = world.account("alice")
    world.account("open", None)
    again = world.restarted() if how == "stopped" else world.killed()
    try:
        alice = again.signed_in("alice", token=token)
        alice.goes()
        alice.authenticate("alice", PASSWORD)
        other = again.newcomer()
        other.authenticate("alice", PASSWORD)
        assert isinstance(other.told[0], Welcome)
        again.signed_in("open")
        assert code(again.newcomer().says(SignIn("alice"))) == 401
    finally:
        again.close()
