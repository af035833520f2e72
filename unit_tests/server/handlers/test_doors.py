"""What other doors than JIM's ask of the hub: to listen, to hear of all, a name."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from common.names import ALL, Name, Secret
from common.roles import Role
from errors import NotStored
from server.events import (
    Accepted,
    AddContact,
    Authenticate,
    Block,
    ChangePassword,
    DeleteAccount,
    Delivery,
    Done,
    HearEverybody,
    Listen,
    ListUsers,
    Notice,
    Outgoing,
    PresenceTold,
    Refused,
    Registered,
    Sanction,
    SetProfile,
    TakeName,
    UserList,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, Somebody, World, code, only
from unit_tests.server.people_of_rank import goodbye, inside, ranked, refusal

ELSEWHERE = "192.0.2.7"
MakeWorld = Callable[..., KeptWorld]


@pytest.fixture
def world_of(tmp_path: Path) -> Iterator[MakeWorld]:
    """Return what makes worlds with other settings."""
    with ExitStack() as closing:

        def make(**settings: Any) -> KeptWorld:
            world = KeptWorld(tmp_path / f"{len(list(tmp_path.iterdir()))}", **settings)
            closing.callback(world.close)
            return world

        yield make


def listener(world: World, address: str = "127.0.0.1") -> Somebody:
    one = world.newcomer(address)
    one.starts(Listen())
    world.end_turn()
    return one


def onlooker(world: World, name: str) -> Somebody:
    one = world.guest(name)
    one.says(HearEverybody())
    return one


def movements(one: Somebody) -> list[tuple[str, bool]]:
    told = one.takes()
    assert all(isinstance(event, PresenceTold) for event in told), told
    return [(e.name, e.online) for e in told if isinstance(e, PresenceTold)]


# --------------------------------------------------------------------- listeners


def test_a_listener_hears_what_is_said_to_all_and_nothing_else() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    inside("#r", alice, bob)
    one = listener(world)
    alice.sends(ALL, "a", "b")
    alice.sends("#r", "c")
    alice.sends("bob", "d")
    world.hub.announce(Notice(100, "x"))
    world.end_turn()
    assert one.hears() == [("alice", ALL, "a"), ("alice", ALL, "b")]


def test_listeners_are_nobody() -> None:
    world = World()
    alice = world.guest("alice")
    one = listener(world)
    assert one.takes() == []
    listed = only(alice.says(ListUsers()), UserList)
    assert [entry.name for entry in listed.entries] == ["alice"]
    assert only(alice.sends(ALL, "x"), Accepted).readers == 0
    one.takes()
    assert code(one.sends(ALL, "x")) == 401


def test_readers_are_counted_without_who_reads_along_and_with_who_has_blocked() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    bob.says(Block("alice"))
    assert only(alice.sends(ALL, "x"), Accepted).readers == 1
    assert only(alice.sends("bob", "x"), Accepted).readers == 1
    assert bob.hears() == []


def test_to_listen_twice_is_to_hear_once() -> None:
    world = World(minechat_readers=1)
    alice, one = world.guest("alice"), listener(world)
    one.says(Listen())
    alice.sends(ALL, "x")
    assert one.hears() == [("alice", ALL, "x")]


def test_a_listener_that_is_gone_hears_nothing_more() -> None:
    world = World()
    alice, one = world.guest("alice"), listener(world)
    one.goes()
    assert not world.hub.listeners
    alice.sends(ALL, "x")
    assert one.hears() == []


def test_one_listener_too_many_is_told_so() -> None:
    world = World(minechat_readers=2)
    first, _ = listener(world), listener(world)
    third = listener(world)
    assert goodbye(third.takes()) == (429, "too many readers: the limit is 2")
    assert third.session.ended
    first.goes()
    assert not listener(world).session.ended


def test_who_is_banned_with_the_network_does_not_read_along(world: KeptWorld) -> None:
    boss = ranked(world, "boss", Role.OWNER)
    eve = world.newcomer(ELSEWHERE)
    eve.sign_in("eve")
    boss.says(Sanction("ban", "eve"))
    assert goodbye(listener(world, ELSEWHERE).takes())[0] == 403
    assert listener(world, "192.0.3.7").takes() == []


def test_what_the_disk_did_not_take_is_taken_from_listeners_too(
    world: KeptWorld,
) -> None:
    alice, one = world.guest("alice"), listener(world)
    world.set_read_only(read_only=True)
    refused = only(alice.sends(ALL, "x"), Refused)
    assert isinstance(refused.error, NotStored)
    world.set_read_only(read_only=False)
    world.pass_time(1)
    alice.sends(ALL, "y")
    assert [text for _, _, text in one.hears()] == ["y"]


# --------------------------------------------------------------------- onlookers


def test_an_onlooker_hears_of_everybodys_first_coming_and_last_going() -> None:
    world = World()
    one = onlooker(world, "one")
    alice = world.guest("alice")
    assert movements(one) == [("alice", True)]
    alice.says(SetProfile(status="busy", away=True))
    assert movements(one) == []
    alice.goes()
    assert movements(one) == [("alice", False)]


def test_an_onlooker_hears_of_an_account_once_however_many_sessions(
    world: KeptWorld,
) -> None:
    world.account("alice", None)
    one = onlooker(world, "one")
    first = world.signed_in("alice", "d1")
    second = world.signed_in("alice", "d2")
    first.goes()
    assert movements(one) == [("alice", True)]
    second.goes()
    assert movements(one) == [("alice", False)]


def test_who_watches_somebody_too_is_told_once() -> None:
    world = World()
    alice, one = world.guest("alice", "d1"), onlooker(world, "one")
    one.says(AddContact("alice"))
    one.takes()
    alice.goes()
    assert movements(one) == [("alice", False)]


def test_nobody_hears_of_themselves_or_of_whom_they_have_blocked() -> None:
    world = World()
    eve = world.guest("eve", "d1")
    one, other = onlooker(world, "one"), onlooker(world, "other")
    one.says(Block("eve"))
    one.takes()
    eve.goes()
    assert movements(one) == []
    assert movements(other) == [("eve", False)]
    one.goes()
    assert movements(other) == [("one", False)]
    assert one.takes() == []


def test_whose_sign_in_was_refused_is_no_onlooker_and_told_no_second_time() -> None:
    world = World()
    world.guest("alice")
    newcomer = world.newcomer()
    assert newcomer.says(HearEverybody()) == []
    assert not world.hub.onlookers


def test_an_onlooker_that_is_gone_is_forgotten() -> None:
    world = World()
    onlooker(world, "one").goes()
    assert not world.hub.onlookers


# ---------------------------------------------------------------------- the token


def taken(told: list[Outgoing]) -> tuple[Registered, Welcome]:
    registered, welcome = told
    assert isinstance(registered, Registered), told
    assert isinstance(welcome, Welcome), told
    assert registered.token
    return registered, welcome


def take(world: World, name: str, address: str = "127.0.0.1") -> list[Outgoing]:
    return world.newcomer(address).says(TakeName(name, 2))


def by_token(world: World, token: Any) -> Somebody:
    one = world.newcomer()
    one.authenticate("", token=token)
    return one


def test_a_name_that_is_taken_becomes_an_account_with_a_token(world: KeptWorld) -> None:
    registered, welcome = taken(take(world, "eve"))
    assert (registered.name, registered.request) == ("eve", 2)
    assert (welcome.name, welcome.guest) == ("eve", False)
    again = only(by_token(world, registered.token).takes(), Welcome)
    assert again.name == "eve"


def test_the_account_outlives_the_server_and_is_never_open(world: KeptWorld) -> None:
    registered, _ = taken(take(world, "eve"))
    later = world.restarted()
    assert code(later.newcomer().asks(Authenticate("eve", PASSWORD))) == 402
    presence = later.newcomer()
    presence.sign_in("eve")
    assert code(presence.takes()) == 401
    assert only(by_token(later, registered.token).takes(), Welcome).name == "eve"
    later.close()


def test_a_token_of_nobody_and_a_token_under_another_name_are_refused(
    world: KeptWorld,
) -> None:
    registered, _ = taken(take(world, "eve"))
    world.account("bob")
    assert code(by_token(world, Secret("jim_nonsense")).takes()) == 402
    one = world.newcomer()
    one.authenticate("bob", token=registered.token)
    assert code(one.takes()) == 402


def test_no_name_and_a_password_is_nobody(world: KeptWorld) -> None:
    world.account("bob")
    assert code(world.newcomer().asks(Authenticate("", PASSWORD))) == 402


def test_a_name_in_use_gets_a_free_one_made_from_it(world: KeptWorld) -> None:
    world.guest("eve")
    names = [taken(take(world, "eve"))[0].name for _ in range(3)]
    assert names == ["eve2", "eve3", "eve4"]
    longest = "x" * 25
    names = [taken(take(world, longest))[0].name for _ in range(2)]
    assert names == [longest, "x" * 24 + "2"]


def test_also_where_all_small_numbers_are_gone_a_free_one_is_found(
    world: KeptWorld,
) -> None:
    for number in range(2, 100):
        world.account(f"eve{number}", None)
    world.account("eve", None)
    name = taken(take(world, "eve"))[0].name
    assert name is not None
    assert name.startswith("eve")
    assert int(name[3:]) not in range(2, 100)


@pytest.mark.parametrize("name", ["", "a b", "server", "\x1b", "x" * 26])
def test_a_name_against_the_rules_is_refused(world: KeptWorld, name: str) -> None:
    assert code(take(world, name)) == 400


@pytest.mark.parametrize("registration", ["invite", "closed"])
def test_where_one_registers_by_invitation_no_name_is_given(
    world_of: MakeWorld, registration: str
) -> None:
    world = world_of(registration=registration)
    assert refusal(take(world, "eve"))[0] == 403
    assert world.is_free("eve")


def test_no_token_crosses_a_network_for_all_to_read(world_of: MakeWorld) -> None:
    assert refusal(take(world_of(), "eve", ELSEWHERE))[0] == 403
    taken(take(world_of(plain_passwords=True), "eve", ELSEWHERE))


def test_names_are_given_at_the_pace_of_registering(world_of: MakeWorld) -> None:
    world = world_of(plain_passwords=True)
    codes = [
        code(told) if len(told) == 1 else 200
        for told in (take(world, "eve", ELSEWHERE) for _ in range(20))
    ]
    assert codes[:8] == [200] * 8
    assert codes[-1] == 429


def test_who_is_signed_in_takes_no_second_name(world: KeptWorld) -> None:
    assert code(world.guest("alice").says(TakeName("eve"))) == 400


def test_without_history_there_are_no_accounts() -> None:
    assert code(take(World(), "eve")) == 403


def test_a_name_that_the_disk_did_not_take_is_free_again(world: KeptWorld) -> None:
    world.set_read_only(read_only=True)
    assert code(take(world, "eve")) == 500
    world.set_read_only(read_only=False)
    world.pass_time(1)
    assert taken(take(world, "eve"))[0].name == "eve"


def test_an_account_without_a_password_gets_its_first_from_who_is_in(
    world: KeptWorld,
) -> None:
    registered, _ = taken(take(world, "eve"))
    eve = by_token(world, registered.token)
    eve.takes()
    change = ChangePassword(Secret("anything"), PASSWORD, 5)
    assert eve.asks(change) == [Done(5)]
    again = world.newcomer()
    again.authenticate("eve", PASSWORD)
    assert only(again.takes(), Welcome).name == "eve"


def test_an_account_without_a_password_is_given_up_by_who_is_in(
    world: KeptWorld,
) -> None:
    registered, _ = taken(take(world, "eve"))
    eve = by_token(world, registered.token)
    eve.takes()
    assert eve.asks(DeleteAccount(None, 5))[0] == Done(5)
    assert world.is_free("eve")


def test_what_is_said_with_a_new_account_is_stored(world: KeptWorld) -> None:
    bob = world.guest("bob")
    eve = world.newcomer()
    taken(eve.says(TakeName("eve")))
    assert only(eve.sends(ALL, "hello"), Accepted).readers == 1
    (delivery,) = bob.takes()
    assert isinstance(delivery, Delivery)
    assert (delivery.sender, delivery.texts) == (Name("eve"), ["hello"])


def test_a_number_behind_a_taken_name_cuts_no_joiner_off_its_letters(
    world: KeptWorld,
) -> None:
    wanted = Name("\u0628" * 23 + "\u200c\u0628")
    assert taken(take(world, wanted))[0].name == wanted
    again = taken(take(world, wanted))[0].name
    assert again is not None
    assert "\u200c" not in again
    assert again.startswith("\u0628" * 20)
