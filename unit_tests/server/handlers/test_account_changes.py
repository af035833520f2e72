"""A password is changed, an account given up: who is signed out, and what is free."""

import pytest

from common.names import Secret
from errors import SignedOut
from server.events import (
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Done,
    Goodbye,
    JoinRoom,
    Movement,
    Quitting,
    Registered,
    SignIn,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, World, code, only

OTHER = Secret("another horse")
ELSEWHERE = "192.0.2.7"


def opens(world: World, password: Secret) -> bool:
    """Tell whether a password signs in to alice's account."""
    somebody = world.newcomer()
    somebody.authenticate("alice", password)
    opened = isinstance(somebody.told[0], Welcome)
    somebody.goes()
    return opened


# ------------------------------------------------------ changing the password


def test_a_changed_password_signs_out_all_other_devices(world: KeptWorld) -> None:
    token = world.account("alice")
    here = world.signed_in("alice", "here", token)
    others = [world.signed_in("alice", device, token) for device in ("a", None)]
    assert here.asks(ChangePassword(PASSWORD, OTHER, 9)) == [Done(9)]
    for one in others:
        assert isinstance(only(one.takes(), Goodbye).error, SignedOut)
        assert one.session.ended
    assert not here.session.ended
    for password, known in ((PASSWORD, None), (None, token)):
        late = world.newcomer()
        late.authenticate("alice", password, known)
        assert code(late.takes()) == 402
    assert opens(world, OTHER)


def test_a_change_needs_the_old_password(world: KeptWorld) -> None:
    token = world.account("alice")
    alice = world.signed_in("alice", "here", token)
    assert code(alice.asks(ChangePassword(OTHER, Secret("third horse")))) == 402
    assert code(alice.asks(ChangePassword(PASSWORD, Secret("short")))) == 403
    assert code(alice.asks(ChangePassword(PASSWORD, Secret("x" * 257)))) == 413
    world.signed_in("alice", "there", token)
    assert opens(world, PASSWORD)


def test_guesses_at_the_old_password_have_to_wait_too(world: KeptWorld) -> None:
    alice = world.signed_in("alice", "here", world.account("alice"))
    codes = [code(alice.asks(ChangePassword(OTHER, OTHER))) for _ in range(6)]
    assert codes == [402] * 5 + [429]


def test_an_open_account_gets_its_first_password(world: KeptWorld) -> None:
    world.account("alice", None)
    alice, other = world.signed_in("alice", "here"), world.signed_in("alice", "there")
    assert alice.asks(ChangePassword(Secret("any"), PASSWORD)) == [Done()]
    assert only(other.takes(), Goodbye).error.code == 401
    assert code(world.newcomer().says(SignIn("alice"))) == 401
    assert opens(world, PASSWORD)
    assert isinstance(alice.says(CreateToken())[0], Registered)


def test_a_guest_has_no_password_to_change_and_no_account_to_delete(
    world: KeptWorld,
) -> None:
    bob = world.guest("bob")
    assert code(bob.asks(ChangePassword(PASSWORD, OTHER))) == 403
    assert code(bob.asks(DeleteAccount(PASSWORD))) == 403


# --------------------------------------------------------- giving an account up


def test_a_deleted_account_is_signed_out_everywhere_and_its_name_free(
    world: KeptWorld,
) -> None:
    token = world.account("alice")
    here = world.signed_in("alice", "here", token)
    other = world.signed_in("alice", "there", token)
    bob = world.guest("bob")
    for one in (here, bob):
        one.says(JoinRoom("#r"))
    for one in (here, other, bob):
        one.takes()
    done, goodbye = here.asks(DeleteAccount(PASSWORD, 4))
    assert done == Done(4)
    assert isinstance(goodbye, Goodbye)
    assert isinstance(only(other.takes(), Goodbye).error, SignedOut)
    assert only(bob.takes(), Movement).name == "alice"
    assert code(bob.sends("alice", "hi")) == 404
    late = world.newcomer()
    late.authenticate("alice", token=token)
    assert code(late.takes()) == 402
    assert world.is_free("alice")


@pytest.mark.parametrize("password", [None, OTHER])
def test_an_account_is_not_deleted_without_its_password(
    world: KeptWorld, password: Secret | None
) -> None:
    alice = world.signed_in("alice", "here", world.account("alice"))
    assert code(alice.asks(DeleteAccount(password))) == 402
    assert not alice.session.ended
    assert code(world.newcomer().says(SignIn("alice"))) == 401


def test_an_open_account_is_given_up_without_one(world: KeptWorld) -> None:
    world.account("alice", None)
    alice = world.signed_in("alice")
    done, goodbye = alice.says(DeleteAccount(None, 5))
    assert (done, type(goodbye)) == (Done(5), Goodbye)
    assert world.is_free("alice")


def test_who_takes_a_given_up_name_has_nothing_of_the_one_before(
    world: KeptWorld,
) -> None:
    world.account("alice", None)
    alice, bob = world.signed_in("alice", "d1"), world.guest("bob", "d1")
    alice.says(JoinRoom("#r"))
    alice.sends("bob", "mine", numbers=[5])
    assert bob.hears() == [("alice", "bob", "mine")]
    bob.sends("alice", "for the old one")
    alice.says(DeleteAccount())
    for name in ("guest", "account"):
        if name == "account":
            world.account("alice", None)
        again = world.newcomer()
        again.sign_in("alice", "d1", 0)
        assert isinstance(again.told[0], Welcome)
        assert again.told[0].device_seq == 0
        assert again.hears() == []
        assert code(again.sends("#r", "x")) in (403, 404)
        again.says(Quitting())
        world.pass_time(2000)


def test_a_given_up_account_stays_given_up(world: KeptWorld) -> None:
    world.account("alice", None)
    world.signed_in("alice").says(DeleteAccount())
    again = world.killed()
    try:
        assert again.is_free("alice")
    finally:
        again.close()
