"""Accounts: registered and signed in to, on a real database."""

from collections.abc import Sequence

import pytest
from argon2 import PasswordHasher

from common.names import Secret
from errors import NameRegistered, WrongPassword
from server.events import (
    Authenticate,
    DeleteAccount,
    DeviceList,
    Done,
    Goodbye,
    JoinRoom,
    ListDevices,
    ListRooms,
    ListUsers,
    Refused,
    Register,
    Registered,
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


# --------------------------------------------------------------- registering


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
    for name, password, known in (
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
    ):
        # From an address each, so that none has to wait.
        somebody = world.newcomer(f"127.0.1.{len(answers) + 1}")
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
