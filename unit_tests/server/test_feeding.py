"""What was missed: fed from the database, in order, without a gap or a double."""

import random

import pytest

from common.names import Secret
from errors import OutOfService
from server.events import (
    CaughtUp,
    Delivery,
    Goodbye,
    HasRead,
    JoinRoom,
    LeaveRoom,
    Said,
    SignIn,
    Welcome,
)
from unit_tests.server.fed import Recorder, caught_up, comes, texts
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, ids, only


@pytest.fixture
def alice(world: KeptWorld) -> Somebody:
    """Alice is here; bob, who has a device, has just left."""
    world.guest("bob", "d1").goes()
    return world.guest("alice", "d1")


# ------------------------------------------------------------- what is fed


def test_the_answer_then_what_was_missed_then_caught_up(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", "one", "two")
    alice.sends("#all", "three")
    told = comes(world, "bob", 0).takes()
    assert [type(one).__name__ for one in told] == [
        "Welcome",
        "Delivery",
        "Delivery",
        "Delivery",
        "CaughtUp",
    ]
    assert (ids(told), caught_up(told)) == ([1, 2, 3], 3)
    assert isinstance(told[0], Welcome)
    assert told[0].last_id == 3


def test_a_missed_message_is_told_as_it_was_said(
    world: KeptWorld, alice: Somebody
) -> None:
    said_at = world.wall
    alice.sends("bob", "for you", numbers=[7])
    alice.sends("#all", "for all")
    world.pass_time(100)
    first, second = (
        one for one in comes(world, "bob", 0).takes() if isinstance(one, Delivery)
    )
    assert (first.sender, first.to, first.texts) == ("alice", "bob", ["for you"])
    assert (second.sender, second.to, second.texts) == ("alice", "#all", ["for all"])
    assert first.time == second.time == said_at
    assert not first.shows_numbers


def test_only_what_lies_above_since_is_fed(world: KeptWorld, alice: Somebody) -> None:
    alice.sends("bob", *"abcde")
    told = comes(world, "bob", 3).takes()
    assert (ids(told), texts(told), caught_up(told)) == ([4, 5], ["d", "e"], 5)
    assert ids(comes(world, "bob", 5).takes()) == []


def test_without_since_nothing_is_replayed_and_caught_up_comes_all_the_same(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *"abc")
    told = comes(world, "bob", None).takes()
    assert [type(one).__name__ for one in told] == ["Welcome", "CaughtUp"]
    assert caught_up(told) == 3


@pytest.mark.parametrize("store", ["0123456789abcdef", "", None])
def test_a_since_of_another_store_is_ignored(
    world: KeptWorld, alice: Somebody, store: str | None
) -> None:
    alice.sends("bob", *"abc")
    bob = Recorder(world, "recorder", "127.0.0.1")
    told = bob.says(SignIn("bob", "", Secret("d1"), 1, store, 1))
    assert ids(told) == []
    assert caught_up(told) == 3


def test_a_since_that_is_yet_to_come_feeds_nothing_and_loses_nothing(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *"abc")
    bob = comes(world, "bob", 2**53 - 1)
    assert caught_up(bob.takes()) == 3
    alice.sends("bob", "d")
    assert texts(bob.takes()) == ["d"]


def test_a_server_that_keeps_nothing_feeds_nothing() -> None:
    world = World()
    world.guest("bob", "d1").goes()
    world.guest("alice").sends("#all", "x")
    told = comes(world, "bob", 0).takes()
    assert [type(one).__name__ for one in told] == ["Welcome", "CaughtUp"]


def test_what_was_said_where_one_is_not_is_not_fed(
    world: KeptWorld, alice: Somebody
) -> None:
    carol = world.guest("carol")
    for one in (alice, carol):
        one.says(JoinRoom("#r"))
    alice.sends("#r", "in the room")
    alice.sends("carol", "to carol")
    alice.sends("bob", "to bob")
    assert texts(comes(world, "bob", 0).takes()) == ["to bob"]


def test_of_a_room_only_what_came_after_one_s_membership_began_is_fed(
    world: KeptWorld, alice: Somebody
) -> None:
    bob = world.guest("bob", "d1")
    alice.says(JoinRoom("#r"))
    alice.sends("#r", "before")
    bob.says(JoinRoom("#r"))
    alice.sends("#r", "after")
    bob.goes()
    alice.sends("#r", "away")
    assert texts(comes(world, "bob", 0).takes()) == ["after", "away"]


def test_who_enters_again_begins_anew(world: KeptWorld, alice: Somebody) -> None:
    bob = world.guest("bob", "d1")
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    alice.sends("#r", "first time")
    bob.says(LeaveRoom("#r"))
    alice.sends("#r", "between")
    bob.says(JoinRoom("#r"))
    alice.sends("#r", "second time")
    bob.goes()
    assert texts(comes(world, "bob", 0).takes()) == ["second time"]


def test_a_room_that_was_left_is_not_fed(world: KeptWorld, alice: Somebody) -> None:
    bob = world.guest("bob", "d1")
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    alice.sends("#r", "x")
    bob.says(LeaveRoom("#r"))
    bob.goes()
    assert texts(comes(world, "bob", 0).takes()) == []


def test_one_s_own_words_are_fed_with_the_number_to_the_device_that_said_them(
    world: KeptWorld,
) -> None:
    token = world.account("carol")
    phone = world.signed_in("carol", "phone", token)
    world.guest("dave", "d1")
    phone.sends("dave", "numbered", numbers=[41])
    phone.sends("dave", "unnumbered")
    phone.goes()
    found = {}
    for device in ("phone", "desk"):
        somebody = Recorder(world, "recorder", "127.0.0.1")
        somebody.authenticate("carol", token=token, device=device, since=0)
        found[device] = [
            (one.numbers, one.shows_numbers)
            for one in somebody.takes()
            if isinstance(one, Delivery)
        ]
    assert found == {
        "phone": [([41], True), (None, False)],
        "desk": [(None, False), (None, False)],
    }


def test_a_device_s_number_is_not_shown_to_the_one_who_got_the_message(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", "x", numbers=[5])
    (one,) = (e for e in comes(world, "bob", 0).takes() if isinstance(e, Delivery))
    assert (one.numbers, one.shows_numbers) == (None, False)


# ------------------------------------------------------------ page after page


def test_much_comes_in_pages_each_when_the_one_before_is_taken(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *map(str, range(300)))
    bob = comes(world, "bob", 0, reads=False)
    sizes = []
    for _ in range(4):
        told = bob.takes()
        sizes.append(len(texts(told)))
        world.end_turn()
        assert bob.takes() == []  # nothing more until the page is taken
        bob.session.hungry = True
        world.end_turn()
    assert sizes == [128, 128, 44, 0]
    assert not world.hub.feeder.sessions


def test_pages_of_long_texts_are_short_and_one_always_fits(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *["x" * 16_000] * 10)
    bob = comes(world, "bob", 0, reads=False)
    first = bob.takes()
    assert 1 <= len(texts(first)) < 10
    bob.reads = True
    bob.session.hungry = True
    world.end_turn()
    assert ids([*first, *bob.takes()]) == list(range(1, 11))


@pytest.mark.parametrize("count", [127, 128, 129, 256, 257])
def test_at_the_edge_of_a_page_nothing_is_lost_or_doubled(
    world: KeptWorld, alice: Somebody, count: int
) -> None:
    alice.sends("bob", *map(str, range(count)))
    told = comes(world, "bob", 0).takes()
    assert ids(told) == list(range(1, count + 1))
    assert isinstance(told[-1], CaughtUp)
    assert told[-1].last_id == count


def test_what_is_said_meanwhile_comes_once_and_in_its_place(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *map(str, range(200)))
    bob = comes(world, "bob", 0, reads=False)
    alice.sends("bob", "meanwhile")
    alice.sends("#all", "for all")
    bob.reads = bob.session.hungry = True
    alice.starts(Said("bob", ["in the very turn"]))
    world.end_turn()
    alice.sends("bob", "live")
    told = bob.takes()
    assert ids(told) == list(range(1, 205))
    assert texts(told)[200:] == ["meanwhile", "for all", "in the very turn", "live"]
    places = [type(one).__name__ for one in told]
    assert places.index("CaughtUp") == len(places) - 2
    assert caught_up(told) == 203


def test_who_is_being_fed_is_here(world: KeptWorld, alice: Somebody) -> None:
    alice.sends("bob", *map(str, range(200)))
    comes(world, "bob", 0, reads=False)
    (accepted,) = alice.sends("bob", "x")
    assert accepted.code == 200
    assert not world.is_free("bob")


def test_nothing_without_an_id_comes_between_the_answer_and_caught_up(
    world: KeptWorld, alice: Somebody
) -> None:
    bob = world.guest("bob", "d1")
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    bob.goes()
    alice.sends("bob", *map(str, range(200)))
    back = comes(world, "bob", 0, reads=False)
    told = back.takes()
    carol = world.guest("carol")
    carol.says(JoinRoom("#r"), HasRead("#r", 1))
    world.end_turn()
    assert back.takes() == []
    back.reads = back.session.hungry = True
    world.end_turn()
    told += back.takes()
    names = [type(one).__name__ for one in told]
    assert names == ["Welcome", *["Delivery"] * 200, "CaughtUp"]
    # And from there on they come.
    carol.says(LeaveRoom("#r"))
    assert [type(one).__name__ for one in back.takes()] == ["Movement"]


def test_who_is_being_fed_may_speak_and_is_answered(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *map(str, range(200)))
    bob = comes(world, "bob", 0, reads=False)
    bob.takes()
    told = bob.sends("alice", "I am here", numbers=[1])
    assert ids(told) == [201]
    assert alice.hears() == [("bob", "alice", "I am here")]
    bob.reads = bob.session.hungry = True
    world.end_turn()
    # The replay holds it too, with its number: its place is there.
    (own,) = (one for one in bob.takes() if ids([one]) == [201])
    assert isinstance(own, Delivery)
    assert (own.numbers, own.shows_numbers) == ([1], True)


def test_what_a_device_says_while_it_is_fed_reaches_the_others_of_its_owner(
    world: KeptWorld,
) -> None:
    token = world.account("carol")
    phone = world.signed_in("carol", "phone", token)
    dave = world.guest("dave")
    dave.sends("carol", *map(str, range(200)))
    desk = Recorder(world, "recorder", "127.0.0.1")
    desk.reads = False
    desk.authenticate("carol", token=token, device="desk", since=0)
    phone.takes()
    desk.sends("dave", "from the desk")
    assert phone.hears() == [("carol", "dave", "from the desk")]
    assert dave.hears() == [("carol", "dave", "from the desk")]


def test_who_goes_while_being_fed_goes_on_where_they_were(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *map(str, range(300)))
    bob = comes(world, "bob", 0, reads=False)
    got = ids(bob.takes())
    bob.goes()
    assert not world.hub.feeder.sessions
    assert world.hub.people.find("bob") is not None
    alice.sends("bob", "more")
    got += ids(comes(world, "bob", got[-1]).takes())
    assert got == list(range(1, 302))


def test_who_is_replaced_while_being_fed_leaves_the_rest_to_the_new_one(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", *map(str, range(300)))
    old = comes(world, "bob", 0, reads=False)
    got = ids(old.takes())
    new = comes(world, "bob", got[-1])
    assert isinstance(only(old.takes(), Goodbye), Goodbye)
    assert got + ids(new.takes()) == list(range(1, 301))
    assert not world.hub.feeder.sessions


def test_many_who_come_back_at_once_are_all_fed(world: KeptWorld) -> None:
    names = [f"n{number}" for number in range(20)]
    for name in names:
        world.guest(name, "d1").goes()
    world.guest("alice").sends("#all", *map(str, range(300)))
    crowd = [Recorder(world, name, "127.0.0.1") for name in names]
    for somebody, name in zip(crowd, names, strict=True):
        somebody.starts(SignIn(name, "", Secret("d1"), 1, world.store.store_id, 0))
    turns = 0
    while world.hub.feeder.sessions or not turns:
        world.end_turn()
        turns += 1
        assert turns < 100
    for somebody in crowd:
        assert ids(somebody.takes()) == list(range(1, 301))


def test_a_slow_one_does_not_hold_up_the_others(
    world: KeptWorld, alice: Somebody
) -> None:
    names = [f"slow{number}" for number in range(6)]
    for name in names:
        world.guest(name, "d1").goes()
    alice.sends("#all", *map(str, range(300)))
    slow = [comes(world, name, 0, reads=False) for name in names]
    assert ids(comes(world, "bob", 0).takes()) == list(range(1, 301))
    assert all(one.session in world.hub.feeder.sessions for one in slow)


def test_a_database_that_can_not_be_read_ends_that_session_alone(
    world: KeptWorld, alice: Somebody
) -> None:
    alice.sends("bob", "x")
    world.hub.reader.close()
    bob = comes(world, "bob", 0)
    goodbye = bob.takes()[-1]
    assert isinstance(goodbye, Goodbye)
    assert isinstance(goodbye.error, OutOfService)
    assert bob.session.ended
    assert not world.hub.feeder.is_wanted
    assert ids(alice.sends("#all", "the others go on"))


def test_a_clock_that_is_set_back_changes_no_order(
    world: KeptWorld, alice: Somebody
) -> None:
    for back in (0, 3600, 7200):
        world.wall -= back
        alice.sends("bob", f"at {world.wall}")
    told = comes(world, "bob", 0).takes()
    assert ids(told) == [1, 2, 3]
    times = [one.time for one in told if isinstance(one, Delivery)]
    assert times == sorted(times, reverse=True)


def test_at_random_each_device_gets_each_message_once_and_in_order(
    world: KeptWorld,
) -> None:
    chance = random.Random(5)
    token = world.account("carol")
    alice = world.guest("alice", "d1")
    has = dict.fromkeys(("phone", "desk", "pad"), 0)
    got: dict[str, list[int]] = {device: [] for device in has}
    here: dict[str, Recorder] = {}
    said = 0

    def take(device: str) -> None:
        for one in here[device].takes():
            if isinstance(one, Delivery):
                got[device] += ids([one])
                has[device] = got[device][-1]

    for _ in range(300):
        device = chance.choice(list(has))
        match chance.randrange(5):
            case 0 if device not in here:
                somebody = here[device] = Recorder(world, device, "127.0.0.1")
                somebody.reads = chance.random() < 0.5
                somebody.authenticate("carol", None, token, device, has[device])
            case 1 if device in here:
                take(device)
                here.pop(device).goes()
            case 2 if device in here:
                here[device].reads = here[device].session.hungry = True
                world.end_turn()
                take(device)
            case _:
                count = chance.choice([1, 2, 150])
                said += count
                alice.sends("carol", *["x"] * count)
    for device in has:
        if device in here:
            take(device)
            here.pop(device).goes()
        here[device] = Recorder(world, device, "127.0.0.1")
        here[device].authenticate("carol", None, token, device, has[device])
        take(device)
        assert got[device] == list(range(1, said + 1))
