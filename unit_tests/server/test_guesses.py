"""Who guesses passwords waits longer and longer, and nobody else does."""

from contextlib import suppress

import pytest

from common.names import Label, Name
from errors import TooSoon
from server import guesses as module
from server.guesses import NEW_ACCOUNTS, Attempt, Guesses

ALICE, BOB = Name("alice"), Name("bob")
HERE, THERE = Label("192.0.2.1"), Label("192.0.2.2")


@pytest.fixture
def guesses() -> Guesses:
    return Guesses()


def address(number: int) -> Label:
    """Return one of many addresses."""
    return Label(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")


def fail(guesses: Guesses, name: Name | None, address: Label, now: float) -> None:
    """Try a wrong password."""
    guesses.end(guesses.begin(name, address, now), now, ok=False)


def succeed(guesses: Guesses, name: Name | None, address: Label, now: float) -> None:
    guesses.end(guesses.begin(name, address, now), now, ok=True)


def wait(guesses: Guesses, name: Name | None, address: Label, now: float) -> float:
    """Return how long who comes now must wait; 0 for not at all."""
    try:
        attempt = guesses.begin(name, address, now)
    except TooSoon as refusal:
        return refusal.seconds
    guesses.abandon(attempt, now)
    return 0.0


def flood(guesses: Guesses, seconds: int, names: int, addresses: int) -> int:
    """Guess 1,000 times a minute; return how many guesses reached the hash."""
    reached = 0
    for number in range(seconds * 1000 // 60):
        now = number * 0.06
        name = Name(f"name{number % names}")
        try:
            attempt = guesses.begin(name, address(number % addresses), now)
        except TooSoon:
            continue
        reached += 1
        guesses.end(attempt, now + 0.02, ok=False)
    return reached


def test_five_wrong_passwords_for_a_name_are_free(guesses: Guesses) -> None:
    for number in range(5):
        fail(guesses, ALICE, address(number), 0.0)
    assert wait(guesses, ALICE, THERE, 0.0) == 1.0


def test_eight_wrong_passwords_from_an_address_are_free(guesses: Guesses) -> None:
    for number in range(8):
        assert wait(guesses, ALICE, HERE, 0.0) == 0.0
        fail(guesses, Name(f"name{number}"), HERE, 0.0)
    assert wait(guesses, ALICE, HERE, 0.0) == 16.0
    assert wait(guesses, ALICE, THERE, 0.0) == 0.0


def test_pauses_double_up_to_five_minutes(guesses: Guesses) -> None:
    now = 0.0
    pauses = []
    for number in range(20):
        fail(guesses, ALICE, address(number), now)
        pauses.append(wait(guesses, ALICE, THERE, now))
        now += pauses[-1]
        assert wait(guesses, ALICE, THERE, now) == 0.0
    assert pauses[:4] == [0.0] * 4
    assert pauses[4:13] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]
    assert pauses[13:] == [300.0] * 7


def test_the_seconds_to_wait_are_whole_and_enough(guesses: Guesses) -> None:
    for _ in range(7):
        fail(guesses, ALICE, HERE, wait(guesses, ALICE, HERE, 0.0))
    with pytest.raises(
        TooSoon, match="too many wrong passwords or invitations"
    ) as refusal:
        guesses.begin(ALICE, HERE, 1.25)
    assert refusal.value.seconds == int(refusal.value.seconds)
    assert wait(guesses, ALICE, HERE, 1.25 + refusal.value.seconds) == 0.0


def test_asking_too_soon_makes_nobody_wait_longer(guesses: Guesses) -> None:
    for _ in range(5):
        fail(guesses, ALICE, HERE, 0.0)
    for number in range(100):
        assert wait(guesses, ALICE, HERE, number / 100) == 1.0
    assert wait(guesses, ALICE, HERE, 1.0) == 0.0


def test_after_15_minutes_of_peace_all_is_forgotten(guesses: Guesses) -> None:
    now = 0.0
    for _ in range(12):
        now += wait(guesses, ALICE, HERE, now)
        fail(guesses, ALICE, HERE, now)
    assert wait(guesses, ALICE, HERE, now) > 60
    now += 900.0
    for _ in range(5):
        fail(guesses, ALICE, HERE, now)
    assert wait(guesses, ALICE, HERE, now) == 1.0


def test_right_passwords_in_between_do_not_break_the_peace(guesses: Guesses) -> None:
    for _ in range(8):
        fail(guesses, None, HERE, 0.0)
    for minute in range(1, 16):
        succeed(guesses, None, HERE, 60.0 * minute)
    for _ in range(7):
        fail(guesses, None, HERE, 900.0)
    assert wait(guesses, None, HERE, 900.0) == 0.0


def test_slips_of_the_many_behind_one_address_do_not_add_up(guesses: Guesses) -> None:
    for number in range(1000):
        now = number * 310.0
        assert wait(guesses, ALICE, HERE, now) == 0.0
        fail(guesses, Name(f"name{number}"), HERE, now)


def test_who_waits_a_pause_out_does_not_begin_anew(guesses: Guesses) -> None:
    now = 0.0
    for _ in range(100):
        now += wait(guesses, ALICE, HERE, now)
        fail(guesses, ALICE, HERE, now)
    assert wait(guesses, ALICE, HERE, now) == 300.0


def test_a_burst_gets_no_further_than_guesses_in_a_row(guesses: Guesses) -> None:
    begun: list[Attempt] = []
    for number in range(50):
        try:
            begun.append(guesses.begin(ALICE, address(number), 0.0))
        except TooSoon as refusal:
            assert refusal.seconds == 1.0
    assert len(begun) == 5
    for attempt in begun:
        guesses.end(attempt, 0.1, ok=False)
    assert wait(guesses, ALICE, HERE, 1.0) == 1.0
    # From now on one at a time: the next waits until this one is judged.
    begun = [guesses.begin(ALICE, HERE, 2.0)]
    assert wait(guesses, ALICE, THERE, 2.0) == 2.0
    assert wait(guesses, ALICE, THERE, 60.0) == 2.0
    guesses.end(begun[0], 60.0, ok=True)
    assert wait(guesses, ALICE, THERE, 60.0) == 0.0


def test_the_right_password_clears_the_name(guesses: Guesses) -> None:
    for number in range(4):
        fail(guesses, ALICE, address(number), 0.0)
    succeed(guesses, ALICE, HERE, 0.0)
    for number in range(5):
        assert wait(guesses, ALICE, THERE, 0.0) == 0.0
        fail(guesses, ALICE, address(number), 0.0)


def test_an_account_of_ones_own_buys_no_guesses_at_others(guesses: Guesses) -> None:
    for number in range(8):
        fail(guesses, Name(f"name{number}"), HERE, 0.0)
        if number < 7:
            succeed(guesses, BOB, HERE, 0.0)
    assert wait(guesses, BOB, HERE, 0.0) == 16.0


def test_an_attempt_that_could_not_be_judged_never_was(guesses: Guesses) -> None:
    for _ in range(100):
        guesses.abandon(guesses.begin(ALICE, HERE, 0.0), 0.0)
    assert wait(guesses, ALICE, HERE, 0.0) == 0.0


def test_an_attempt_that_nobody_judges_is_forgotten_like_all_else(
    guesses: Guesses,
) -> None:
    lost = [guesses.begin(ALICE, HERE, 0.0) for _ in range(5)]
    assert wait(guesses, ALICE, HERE, 899.0) == 1.0
    assert wait(guesses, ALICE, HERE, 900.0) == 0.0
    for attempt in lost:
        guesses.end(attempt, 901.0, ok=False)
    assert wait(guesses, ALICE, HERE, 901.0) == 0.0
    assert entries(guesses) == (0, 0)


def test_guesses_at_a_name_do_not_keep_its_devices_with_tokens_out(
    guesses: Guesses,
) -> None:
    for number in range(50):
        now = wait(guesses, ALICE, address(number), 0.0)
        fail(guesses, ALICE, address(number), now)
    assert wait(guesses, ALICE, HERE, 0.0) > 0.0
    assert wait(guesses, None, HERE, 0.0) == 0.0
    succeed(guesses, None, HERE, 0.0)


def test_wrong_tokens_count_against_their_address_and_no_name(guesses: Guesses) -> None:
    for _ in range(8):
        fail(guesses, None, HERE, 0.0)
    assert wait(guesses, None, HERE, 0.0) == 16.0
    assert wait(guesses, None, THERE, 0.0) == 0.0


@pytest.mark.parametrize("addresses", [1, 7, 1000])
def test_of_1000_guesses_a_minute_at_a_name_10_reach_the_hash(
    guesses: Guesses, addresses: int
) -> None:
    assert flood(guesses, 60, 1, addresses) == 10


@pytest.mark.parametrize("names", [2, 7, 1000])
def test_of_1000_guesses_a_minute_from_an_address_10_reach_the_hash(
    guesses: Guesses, names: int
) -> None:
    assert flood(guesses, 60, names, 1) == 10


def test_of_bursts_from_an_address_no_more_reach_the_hash(guesses: Guesses) -> None:
    reached = 0
    for second in range(60):
        begun = []
        for number in range(17):
            with suppress(TooSoon):
                begun.append(guesses.begin(Name(f"n{number}"), HERE, float(second)))
        reached += len(begun)
        for attempt in begun:
            guesses.end(attempt, second + 0.5, ok=False)
    assert reached == 10


def test_a_household_that_comes_all_at_once_is_asked_to_come_again_soon(
    guesses: Guesses,
) -> None:
    begun = [guesses.begin(Name(f"name{number}"), HERE, 0.0) for number in range(8)]
    assert wait(guesses, ALICE, HERE, 0.0) == 1.0
    for attempt in begun:
        guesses.end(attempt, 0.3, ok=True)
    assert wait(guesses, ALICE, HERE, 1.0) == 0.0


def test_eighteen_accounts_are_made_within_five_minutes() -> None:
    accounts, now = Guesses("too many new accounts", NEW_ACCOUNTS), 0.0
    for _ in range(18):
        now += wait(accounts, None, HERE, now)
        fail(accounts, None, HERE, now)
    assert now < 300.0


def test_in_an_hour_a_name_is_guessed_at_25_times(guesses: Guesses) -> None:
    assert flood(guesses, 3600, 1, 1000) <= 25


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::1", "::2", False),
        ("no address", "no address", True),
        ("no address", "another", False),
    ],
)
def test_who_has_many_addresses_of_one_network_counts_as_one(
    guesses: Guesses, one: str, other: str, same: bool
) -> None:
    for _ in range(8):
        fail(guesses, None, Label(one), 0.0)
    assert (wait(guesses, None, Label(other), 0.0) > 0) is same


def entries(guesses: Guesses) -> tuple[int, int]:
    return len(guesses._names._entries), len(guesses._networks._entries)


def test_nothing_is_kept_of_who_mistypes_nothing(guesses: Guesses) -> None:
    for number in range(100):
        succeed(guesses, Name(f"name{number}"), address(number), 0.0)
        assert wait(guesses, Name(f"name{number}"), address(number), 0.0) == 0.0
    assert entries(guesses) == (0, 0)


def test_what_is_forgotten_takes_no_memory(guesses: Guesses) -> None:
    for number in range(1000):
        fail(guesses, Name(f"name{number}"), address(number), float(number))
    fail(guesses, ALICE, HERE, 1000.0 + 899.5)
    assert entries(guesses) == (1, 1)


def test_memory_is_bounded_and_who_must_wait_goes_last(guesses: Guesses) -> None:
    most = module._MOST_ENTRIES
    for number in range(12):
        fail(guesses, ALICE, address(number), wait(guesses, ALICE, HERE, 0.0))
    under_way = guesses.begin(BOB, THERE, 0.0)
    for number in range(most + 100):
        fail(guesses, Name(f"name{number}"), address(100 + number), 1.0)
    assert max(entries(guesses)) <= most
    assert wait(guesses, ALICE, HERE, 1.0) > 0.0
    # The oldest ones were let go, the newest are kept.
    kept = guesses._names._entries
    assert "name0" not in kept
    assert f"name{most + 99}" in kept
    guesses.end(under_way, 1.0, ok=False)
    assert max(entries(guesses)) <= most


def test_where_everybody_must_wait_the_oldest_is_let_go(
    guesses: Guesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_ENTRIES", 3)
    for number in range(4):
        for guess in range(5):
            fail(guesses, Name(f"name{number}"), address(10 * number + guess), 0.0)
    assert list(guesses._names._entries) == ["name1", "name2", "name3"]
