"""Passwords that are guessed, and passwords that the network could read."""

import pytest

from common.names import Secret
from errors import TooSoon
from server.events import (
    Authenticate,
    ChangePassword,
    Event,
    Refused,
    Register,
    Registered,
    SignIn,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, World, code, occupied, only

OTHER = Secret("another horse")
ELSEWHERE = "192.0.2.7"


# --------------------------------------------------------------- the pauses


def guess(world: World, name: str, password: Secret, address: str) -> Refused | Welcome:
    somebody = world.newcomer(address)
    somebody.authenticate(name, password)
    (answer,) = somebody.takes()
    assert isinstance(answer, Refused | Welcome)
    return answer


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_after_five_wrong_passwords_a_name_has_to_wait(
    world: KeptWorld, name: str
) -> None:
    world.account("alice")
    for number in range(5):
        address = f"127.0.0.{number + 1}"
        assert guess(world, name, OTHER, address).error.code == 402  # type: ignore[union-attr]
    # Whatever the spelling, wherever from, and also for the right one.
    answer = guess(world, name.upper(), PASSWORD, "127.0.9.9")
    assert isinstance(answer, Refused)
    assert isinstance(answer.error, TooSoon)
    assert (answer.error.code, answer.error.seconds) == (429, 1.0)
    world.pass_time(1.0)
    answer = guess(world, name, PASSWORD, "127.0.9.9")
    assert isinstance(answer, Welcome) == (name == "alice")


def test_the_pauses_grow(world: KeptWorld) -> None:
    for number in range(5):
        guess(world, "alice", OTHER, f"127.0.0.{number + 1}")
    pauses = []
    for number in range(5):
        answer = guess(world, "alice", OTHER, f"127.0.1.{number + 1}")
        assert isinstance(answer, Refused)
        assert isinstance(answer.error, TooSoon)
        pauses.append(answer.error.seconds)
        world.pass_time(answer.error.seconds)
        guess(world, "alice", OTHER, f"127.0.2.{number + 1}")
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_one_address_that_guesses_at_many_names_has_to_wait(world: KeptWorld) -> None:
    token = world.account("alice")
    codes = [
        guess(world, f"n{number}", OTHER, "127.0.0.9").error.code  # type: ignore[union-attr]
        for number in range(9)
    ]
    assert codes == [402] * 8 + [429]
    # Others go on, with the same name too.
    alice = world.newcomer("127.0.0.1")
    alice.authenticate("alice", token=token)
    assert isinstance(alice.told[0], Welcome)


def test_guesses_at_a_name_do_not_keep_its_devices_out(world: KeptWorld) -> None:
    token = world.account("alice")
    for number in range(6):
        guess(world, "alice", OTHER, f"127.0.0.{number + 1}")
    world.signed_in("alice", "phone", token)


def test_wrong_tokens_are_counted_against_their_address(world: KeptWorld) -> None:
    token = world.account("alice")
    for expected in [402] * 8 + [429]:
        somebody = world.newcomer("127.0.0.9")
        somebody.authenticate("alice", token=Secret("jim_guess"))
        assert code(somebody.takes()) == expected
    world.signed_in("alice", "phone", token)


def test_the_right_password_clears_what_was_held_against_the_name(
    world: KeptWorld,
) -> None:
    world.account("alice")
    for _ in range(3):
        for number in range(4):
            guess(world, "alice", OTHER, f"127.0.0.{number + 1}")
        assert isinstance(guess(world, "alice", PASSWORD, "127.0.3.1"), Welcome)


def test_who_leaves_before_the_answer_has_guessed_all_the_same(
    world: KeptWorld,
) -> None:
    world.account("alice")
    for number in range(5):
        somebody = world.newcomer(f"127.0.0.{number + 1}")
        somebody.says(Authenticate("alice", OTHER))
        somebody.goes()
    world.let_workers_finish()
    answer = guess(world, "alice", PASSWORD, "127.0.9.9")
    assert isinstance(answer, Refused)
    assert answer.error.code == 429


def test_a_full_queue_of_hashes_is_429_and_no_guess(world: KeptWorld) -> None:
    world.account("alice")
    with occupied(world.crew.hashing, 2, full=True):
        for number in range(20):
            newcomer = world.newcomer()
            event: Event = Authenticate("alice", PASSWORD, request=number)
            if number % 2:
                event = Register("bob", PASSWORD, number)
            answer = only(newcomer.says(event), Refused)
            assert isinstance(answer.error, TooSoon)
            assert answer.request == number
            assert not newcomer.session.busy
    world.let_workers_finish()
    assert isinstance(guess(world, "alice", PASSWORD, "127.0.0.1"), Welcome)


# ------------------------------------------------------- over the open network


@pytest.mark.parametrize("address", [ELSEWHERE, "10.0.0.1", "2001:db8::1"])
def test_a_password_from_elsewhere_is_refused_with_a_sentence(
    world: KeptWorld, address: str
) -> None:
    token = world.account("alice")
    for event in (
        Register("bob", PASSWORD),
        Authenticate("alice", PASSWORD),
        Authenticate("alice", token=token),
    ):
        answer = only(world.newcomer(address).asks(event), Refused)
        assert answer.error.code == 403
        assert "plain_passwords" in str(answer.error)
    assert world.is_free("bob")


def test_without_a_secret_anybody_may_register_from_anywhere(
    world: KeptWorld,
) -> None:
    newcomer = world.newcomer(ELSEWHERE)
    only(newcomer.says(Register("alice")), Registered)
    (welcome,) = newcomer.says(SignIn("alice"))
    assert isinstance(welcome, Welcome)
    assert code(newcomer.asks(ChangePassword(PASSWORD, OTHER))) == 403
    only(world.newcomer().says(SignIn("alice")), Welcome)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_the_machine_s_own_addresses_may(world: KeptWorld, address: str) -> None:
    newcomer = world.newcomer(address)
    only(newcomer.asks(Register("alice", PASSWORD)), Registered)
    newcomer.authenticate("alice", PASSWORD)
    assert isinstance(newcomer.told[0], Welcome)


def test_a_setting_allows_passwords_from_elsewhere(world: KeptWorld) -> None:
    open_world = KeptWorld(world.folder.with_name("open"), plain_passwords=True)
    try:
        newcomer = open_world.newcomer(ELSEWHERE)
        only(newcomer.asks(Register("alice", PASSWORD)), Registered)
        newcomer.authenticate("alice", PASSWORD)
        assert isinstance(newcomer.told[0], Welcome)
    finally:
        open_world.close()


def test_a_server_that_keeps_nothing_has_no_accounts() -> None:
    newcomer = World().newcomer()
    for event in (
        Register("alice", PASSWORD),
        Register("alice"),
        Authenticate("alice", PASSWORD),
        Authenticate("alice", token=Secret("jim_x")),
    ):
        assert code(newcomer.asks(event)) == 403
    assert isinstance(newcomer.says(SignIn("alice"))[0], Welcome)


def test_who_makes_one_account_after_the_other_from_elsewhere_must_wait(
    world: KeptWorld,
) -> None:
    made = [
        code(told) if isinstance(told[0], Refused) else 201
        for told in (
            world.newcomer(ELSEWHERE).says(Register(f"n{number}"))
            for number in range(12)
        )
    ]
    assert made == [201] * 10 + [429] * 2
    assert isinstance(world.newcomer().says(Register("local"))[0], Registered)
    world.pass_time(2)
    told = world.newcomer(ELSEWHERE).says(Register("later"))
    assert isinstance(told[0], Registered)


# ------------------------------------------------- a thousand guesses a minute


@pytest.mark.parametrize(
    ("names", "addresses"), [(1, 1), (1, 1000), (1000, 1), (7, 1), (1, 7)]
)
def test_of_1000_guesses_a_minute_10_reach_the_hash(
    world: KeptWorld, names: int, addresses: int
) -> None:
    world.account("n0")
    codes = []
    for number in range(1000):
        of_network = number % addresses
        address = f"127.0.{of_network >> 8}.{of_network & 255}"
        answer = guess(world, f"n{number % names}", OTHER, address)
        assert isinstance(answer, Refused)
        codes.append(answer.error.code)
        world.pass_time(0.06)
    assert set(codes) == {402, 429}
    assert codes.count(402) <= 10


@pytest.mark.parametrize("spread", [1, 1000])
def test_of_1000_passwords_a_minute_for_a_change_10_reach_the_hash(
    world: KeptWorld, spread: int
) -> None:
    token = world.account("alice")
    codes = []
    for number in range(1000):
        # As who has got hold of a token, or sits before a screen left open, would.
        thief = world.newcomer(f"127.1.{number % spread >> 8}.{number % spread & 255}")
        thief.authenticate("alice", token=token)
        if not isinstance(thief.takes()[0], Welcome):
            continue
        codes.append(code(thief.asks(ChangePassword(OTHER, Secret("owned by me")))))
        thief.goes()
        world.pass_time(0.06)
    assert set(codes) == {402, 429}
    assert codes.count(402) <= 10
