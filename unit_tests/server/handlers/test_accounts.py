"""Accounts: signed in to, on a real database."""

from collections.abc import Sequence

import pytest
from argon2 import PasswordHasher

from common.names import Secret
from errors import WrongPassword
from server.events import (
    Authenticate,
    DeleteAccount,
    Done,
    Goodbye,
    JoinRoom,
    ListRooms,
    ListUsers,
    Refused,
    Register,
    RoomList,
    Said,
    SignIn,
    UserList,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, code, occupied, only

OTHER = Secret("another horse")
ELSEWHERE = "192.0.2.7"


def refused(told: Sequence[object]) -> Refused:
    assert isinstance(told[0], Refused), told
    return told[0]


# ---------------------------------------------------------------- signing in


def test_a_password_signs_in_and_is_answered_as_a_presence(world: KeptWorld) -> None:
    world.account("alice")
    alice = world.newcomer()
    alice.authenticate("ALICE", PASSWORD, device="d1")
    welcome = only(alice.takes(), Welcome)
    assert (welcome.name, welcome.guest, welcome.request) == ("alice", False, 1)
    assert (welcome.store, welcome.keeps_history) == (world.store.store_id, True)
    assert (welcome.device_seq, welcome.refused) == (0, [])
    assert alice.caught_up == 0


@pytest.mark.usefixtures("slow_hashes")
def test_a_hash_made_with_weaker_parameters_is_made_anew(world: KeptWorld) -> None:
    world.account("alice")
    person = world.hub.people.find("alice")
    assert person is not None
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    world.store.change_password(person.number, Secret(weak))
    for _ in range(2):
        alice = world.newcomer()
        alice.authenticate("alice", PASSWORD)
        assert isinstance(alice.told[0], Welcome)
        stored = world.hub.reader.password(person.number)
        assert stored is not None
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_token_signs_in(world: KeptWorld) -> None:
    token = world.account("alice")
    alice = world.newcomer()
    alice.authenticate("alice", token=token, device="d1")
    assert not only(alice.takes(), Welcome).guest


def test_wrong_and_unknown_are_refused_in_the_same_words(world: KeptWorld) -> None:
    token = world.account("alice")
    world.account("open", None)
    world.guest("guest", "d1")
    answers: set[tuple[str, int, int | None]] = set()
    guesses: list[tuple[str, Secret | None, Secret | None]] = [
        ("alice", OTHER, None),
        ("nobody", PASSWORD, None),
        ("open", PASSWORD, None),
        ("guest", PASSWORD, None),
        ("alice", None, Secret("jim_wrong")),
        ("nobody", None, token),
        ("open", None, token),
        ("guest", None, token),
        ("", PASSWORD, None),
        ("#all", PASSWORD, None),
    ]
    for number, (name, password, known) in enumerate(guesses):
        # From an address each, so that none has to wait.
        somebody = world.newcomer(f"127.0.1.{number}")
        somebody.authenticate(name, password, known)
        answer = only(somebody.takes(), Refused)
        assert somebody.session.person is None
        assert isinstance(answer.error, WrongPassword)
        answers.add((str(answer.error), answer.error.code, answer.request))
    assert answers == {("wrong name or password", 402, 1)}


@pytest.mark.parametrize("name", ["alice", "open", "nobody", "a b", ""])
def test_every_name_takes_the_way_of_one_that_somebody_has(
    world: KeptWorld, name: str
) -> None:
    # The password is hashed, so that the time tells nothing.
    world.account("alice")
    world.account("open", None)
    somebody = world.newcomer()
    somebody.says(Authenticate(name, OTHER))
    assert somebody.session.busy
    assert world.crew.hashing.busy == 1
    world.let_workers_finish()
    assert code(somebody.takes()) == 402


def test_a_wrong_password_leaves_the_session_as_it_was(world: KeptWorld) -> None:
    world.account("alice")
    somebody = world.newcomer()
    somebody.authenticate("alice", OTHER)
    assert code(somebody.takes()) == 402
    somebody.authenticate("alice", PASSWORD)
    assert only(somebody.takes(), Welcome).name == "alice"


def test_several_devices_are_signed_in_at_once(world: KeptWorld) -> None:
    token = world.account("alice")
    phone = world.signed_in("alice", "phone", token)
    desk = world.signed_in("alice", "desk", token)
    third = world.signed_in("alice", None, token)
    world.guest("bob").sends("alice", "hi")
    for one in (phone, desk, third):
        assert one.hears() == [("bob", "alice", "hi")]


def test_the_same_device_of_an_account_replaces_only_itself(world: KeptWorld) -> None:
    token = world.account("alice")
    phone = world.signed_in("alice", "phone", token)
    desk = world.signed_in("alice", "desk", token)
    again = world.signed_in("alice", "phone", token)
    assert only(phone.takes(), Goodbye).error.code == 409
    world.guest("bob").sends("alice", "hi")
    for one in (desk, again):
        assert one.hears() == [("bob", "alice", "hi")]
    assert phone.takes() == []


def test_who_is_signed_in_can_not_sign_in_again(world: KeptWorld) -> None:
    token = world.account("alice")
    alice = world.signed_in("alice", "phone", token)
    guest = world.guest("bob")
    for one in (alice, guest):
        one.authenticate("alice", token=token)
        assert code(one.takes()) == 400


def test_the_right_password_too_late_is_wrong(world: KeptWorld) -> None:
    # Between the question to the worker and its answer the password was changed.
    token = world.account("alice")
    owner, late = world.signed_in("alice", "phone", token), world.newcomer()
    assert owner.session.person is not None
    with occupied(world.crew.hashing, 2):
        late.says(Authenticate("alice", PASSWORD))
        world.store.change_password(owner.session.person.number, Secret("none"))
    world.let_workers_finish()
    assert code(late.takes()) == 402


def test_the_right_password_of_an_account_given_up_meanwhile_is_wrong(
    world: KeptWorld,
) -> None:
    owner, late = (
        world.signed_in("alice", "d1", world.account("alice")),
        world.newcomer(),
    )
    with occupied(world.crew.hashing, 1):  # the other thread takes one at a time
        owner.says(DeleteAccount(PASSWORD))
        late.says(Authenticate("alice", PASSWORD))
        world.let_workers_finish(left=1)
    assert isinstance(owner.takes()[0], Done)
    assert code(late.takes()) == 402
    world.let_workers_finish()


def test_an_account_given_up_in_the_meantime_is_nobody_s(world: KeptWorld) -> None:
    world.account("open", None)
    owner = world.signed_in("open")
    late = world.newcomer()
    with occupied(world.crew.hashing, 2):
        late.says(Authenticate("open", PASSWORD))
        owner.says(DeleteAccount())
        world.newcomer().says(Register("open"))
    world.let_workers_finish()
    assert code(late.takes()) == 402


def test_the_others_are_served_while_a_password_is_checked(world: KeptWorld) -> None:
    world.account("alice")
    slow, bob = world.newcomer(), world.guest("bob")
    with occupied(world.crew.hashing, 2):
        slow.says(Authenticate("alice", PASSWORD))
        assert isinstance(bob.says(ListRooms())[0], RoomList)
        assert slow.takes() == []
    world.let_workers_finish()
    assert isinstance(slow.takes()[0], Welcome)


def test_requests_behind_a_password_wait_for_it_and_keep_their_order(
    world: KeptWorld,
) -> None:
    world.account("alice")
    bob, alice = world.guest("bob"), world.newcomer()
    told = alice.asks(
        Authenticate("alice", PASSWORD, request=1),
        JoinRoom("#r", 2),
        Said("bob", ["hi"], [3]),
        ListRooms(4),
    )
    assert [type(one).__name__ for one in told] == [
        "Welcome",
        "Done",
        "Accepted",
        "RoomList",
    ]
    assert bob.hears() == [("alice", "bob", "hi")]


def test_requests_behind_a_wrong_password_are_refused_each(world: KeptWorld) -> None:
    told = world.newcomer().asks(
        Authenticate("alice", PASSWORD, request=1), ListRooms(2), SignIn("bob")
    )
    assert [refused([one]).error.code for one in told[:2]] == [402, 401]
    assert isinstance(told[2], Welcome)


def test_two_passwords_in_one_read_sign_in_once(world: KeptWorld) -> None:
    world.account("alice")
    told = world.newcomer().asks(
        Authenticate("alice", PASSWORD), Authenticate("alice", PASSWORD)
    )
    assert isinstance(told[0], Welcome)
    assert refused(told[1:]).error.code == 400


def test_who_goes_while_the_password_is_checked_is_not_signed_in(
    world: KeptWorld,
) -> None:
    world.account("alice")
    newcomer, bob = world.newcomer(), world.guest("bob")
    newcomer.says(Authenticate("alice", PASSWORD), Said("bob", ["x"]))
    newcomer.goes()
    world.let_workers_finish()
    assert newcomer.takes() == []
    assert bob.hears() == []
    (entry,) = (
        one
        for one in only(bob.says(ListUsers()), UserList).entries
        if one.name == "alice"
    )
    assert not entry.online
