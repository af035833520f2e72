"""The rules of the hub, driven by events on a clock that the tests turn."""

import random

import pytest

from common.limits import Limits
from errors import (
    AlreadySettled,
    BadRequest,
    NameTaken,
    OutOfService,
    Replaced,
    SlowReader,
    TooLong,
    TooMany,
)
from server.events import (
    Accepted,
    Delivery,
    Done,
    Duplicate,
    Event,
    Faulty,
    Foreign,
    Goodbye,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    Movement,
    Notice,
    Probing,
    Quitting,
    Refused,
    RoomList,
    Said,
    SignIn,
    UserList,
    Welcome,
)
from unit_tests.server.people_of_a_hub import Somebody, World, code, ids, only

# -------------------------------------------------------------- signing in


def test_a_presence_is_answered_with_the_session() -> None:
    world = World()
    (welcome,) = world.newcomer().says(SignIn("alice", "busy", None, 7))
    assert isinstance(welcome, Welcome)
    assert (welcome.name, welcome.guest, welcome.request) == ("alice", True, 7)
    assert (welcome.last_id, welcome.device_seq, welcome.refused) == (0, 0, [])
    assert welcome.store
    assert welcome.limits.told() == Limits().told()
    assert not welcome.keeps_history


def test_each_start_has_a_store_of_its_own() -> None:
    stores = set()
    for _ in range(3):
        stores.add(only(World().newcomer().says(SignIn("a")), Welcome).store)
    assert len(stores) == 3


@pytest.mark.parametrize(
    "request_",
    [Said("bob", ["x"]), JoinRoom("#r"), LeaveRoom("#r"), ListRooms(), ListUsers()],
)
def test_who_has_not_signed_in_is_asked_to(request_: Event) -> None:
    world = World()
    world.guest("bob")
    assert code(world.newcomer().says(request_)) == 401


def test_a_name_of_26_characters_is_refused() -> None:
    world = World()
    assert code(world.newcomer().says(SignIn("a" * 26))) == 400
    assert only(world.newcomer().says(SignIn("a" * 25)), Welcome).name == "a" * 25


@pytest.mark.parametrize(
    "name", ["", "...", "#all", "a b", "server", "a\x1b", "a\u202e"]
)
def test_a_name_against_the_rules_is_refused_with_the_rule(name: str) -> None:
    refused = only(World().newcomer().says(SignIn(name, request=3)), Refused)
    assert refused.error.code == 400
    assert "this name can't be used: " in str(refused.error)
    assert refused.request == 3


def test_the_first_spelling_is_shown_and_any_spelling_reaches() -> None:
    world = World()
    alice, bob = world.guest("Alice"), world.guest("bob")
    bob.sends("aLICE", "hi")
    assert alice.hears() == [("bob", "Alice", "hi")]


@pytest.mark.parametrize("name", ["alice", "ALICE", "аlice", "\uff41lice"])
def test_a_name_in_use_or_like_one_in_use_gets_409(name: str) -> None:
    world = World()
    world.guest("Alice", "d1")
    assert code(world.newcomer().says(SignIn(name))) == 409


def test_after_a_refused_name_another_one_can_be_chosen() -> None:
    world = World()
    world.guest("alice")
    newcomer = world.newcomer()
    assert code(newcomer.says(SignIn("alice"))) == 409
    assert only(newcomer.says(SignIn("carol")), Welcome).name == "carol"


def test_the_same_device_replaces_the_session_before() -> None:
    world = World()
    old, bob = world.guest("alice", "d1"), world.guest("bob")
    new = world.guest("Alice", "d1")
    goodbye = only(old.takes(), Goodbye)
    assert isinstance(goodbye.error, Replaced)
    assert old.session.ended
    bob.sends("alice", "hi")
    assert new.hears() == [("bob", "alice", "hi")]
    assert old.takes() == []


def test_a_replaced_session_leaves_the_new_one_its_name_and_rooms() -> None:
    # The old session's end must not start the new one's time.
    world = World()
    old, bob = world.guest("alice", "d1"), world.guest("bob")
    old.says(JoinRoom("#r"))
    bob.says(JoinRoom("#r"))
    new = world.guest("alice", "d1")
    old.goes()
    world.pass_time(2000)
    assert code(world.newcomer().says(SignIn("alice"))) == 409
    bob.takes()
    bob.sends("#r", "still here?")
    assert new.hears() == [("bob", "#r", "still here?")]
    new.goes()
    world.pass_time(2000)
    assert world.is_free("alice")


def test_a_replaced_session_keeps_its_name_where_guests_are_not_kept() -> None:
    world = World(kept_guest_seconds=0)
    world.guest("alice", "d1")
    new, bob = world.guest("alice", "d1"), world.guest("bob")
    bob.sends("alice", "hi")
    assert new.hears() == [("bob", "alice", "hi")]
    new.goes()
    assert world.is_free("alice")


def test_another_device_of_a_guest_is_refused_and_the_session_goes_on() -> None:
    world = World()
    alice = world.guest("alice", "d1")
    refused = only(world.newcomer().says(SignIn("alice", "", None)), Refused)
    assert isinstance(refused.error, NameTaken)
    other = world.newcomer()
    other.sign_in("alice", "d2")
    assert code(other.takes()) == 409
    assert not alice.session.ended
    assert alice.takes() == []


def test_a_presence_again_is_a_sign_of_life_with_a_new_status() -> None:
    world = World()
    alice = world.guest("alice")
    assert only(alice.says(SignIn("alice", "away")), Welcome).name == "alice"
    (entry,) = only(alice.says(ListUsers()), UserList).entries
    assert entry.status == "away"


def test_a_status_that_would_fill_a_list_is_refused_and_never_cut() -> None:
    world = World()
    alice = world.newcomer()
    assert code(alice.says(SignIn("alice", "s" * 101))) == 400
    assert only(alice.says(SignIn("alice", "s" * 100)), Welcome).name == "alice"
    assert code(alice.says(SignIn("alice", "s" * 101))) == 400
    (entry,) = only(alice.says(ListUsers()), UserList).entries
    assert entry.status == "s" * 100


def test_a_presence_under_another_name_is_refused() -> None:
    world = World()
    alice = world.guest("alice")
    assert code(alice.says(SignIn("carol"))) == 400
    assert alice.sends("alice", "me")


# ----------------------------------------------------------- guests who left


def test_a_guest_is_kept_for_fifteen_minutes_with_its_rooms() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    alice.says(JoinRoom("#r"))
    bob.says(JoinRoom("#r"))
    alice.goes()
    world.pass_time(899)
    assert code(bob.sends("alice", "hi")) == 410
    assert code(world.newcomer().says(SignIn("alice"))) == 409
    back = world.guest("alice", "d1")
    bob.takes()
    bob.sends("#r", "welcome back")
    assert back.hears() == [("bob", "#r", "welcome back")]


def test_after_fifteen_minutes_a_guest_is_gone_for_good() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    alice.says(JoinRoom("#r"))
    bob.says(JoinRoom("#r"))
    alice.sends("bob", "x", numbers=[40])
    alice.goes()
    bob.takes()
    world.pass_time(900)
    assert only(bob.takes(), Movement) == Movement(
        False,
        "#r",  # type: ignore[arg-type]
        "alice",  # type: ignore[arg-type]
    )
    assert code(bob.sends("alice", "hi")) == 404
    again = world.newcomer()
    again.sign_in("alice", "d1")
    assert only(again.takes(), Welcome).device_seq == 0
    assert code(again.sends("#r", "x")) == 403


def test_the_time_starts_anew_each_time_a_guest_leaves() -> None:
    world = World()
    world.guest("alice", "d1").goes()
    world.pass_time(800)
    world.guest("alice", "d1").goes()
    world.pass_time(800)
    assert code(world.newcomer().says(SignIn("alice"))) == 409
    world.pass_time(100)
    assert world.is_free("alice")


def test_a_guest_without_a_device_is_gone_at_once() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.says(JoinRoom("#r"))
    alice.goes()
    assert code(bob.sends("alice", "hi")) == 404
    assert world.is_free("Alice")


@pytest.mark.parametrize("how", ["quit", "lost", "dismissed"])
def test_however_a_guest_leaves_its_name_is_kept(how: str) -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    if how == "quit":
        assert alice.says(Quitting()) == []
    elif how == "lost":
        alice.goes()
    else:
        world.hub.dismiss(alice.session, SlowReader(1), world.now)
        world.end_turn()
        assert only(alice.takes(), Goodbye).error.code == 408
    assert alice.session.ended
    assert code(bob.sends("alice", "hi")) == 410


def test_what_is_said_after_quit_is_not_heard() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    assert alice.says(Quitting(), Said("bob", ["x"])) == []
    assert bob.hears() == []


def test_quit_ends_even_who_never_signed_in() -> None:
    newcomer = World().newcomer()
    assert newcomer.says(Quitting()) == []
    assert newcomer.session.ended


# ------------------------------------------------------------------ routing


def test_a_message_reaches_only_the_one_it_is_for() -> None:
    world = World()
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    accepted = only(alice.sends("bob", "hi"), Accepted)
    assert (accepted.code, accepted.count, accepted.numbers) == (200, 1, None)
    assert bob.hears() == [("alice", "bob", "hi")]
    assert carol.takes() == []
    assert alice.takes() == []


def test_a_room_message_reaches_each_member_once_and_not_its_sender() -> None:
    world = World()
    alice, bob, carol, dave = (
        world.guest(name) for name in ("alice", "bob", "carol", "dave")
    )
    for one in (alice, bob, carol):
        one.says(JoinRoom("#r"))
        one.says(JoinRoom("#R"))
    for one in (alice, bob, carol):
        one.takes()
    only(alice.sends("#R", "one", "two"), Accepted)
    for one in (bob, carol):
        assert one.hears() == [("alice", "#r", "one"), ("alice", "#r", "two")]
    assert dave.takes() == []


def test_everybody_is_in_all() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("#all", "hello")
    assert bob.hears() == [("alice", "#all", "hello")]


def test_a_message_to_oneself_comes_back() -> None:
    alice = World().guest("alice")
    told = alice.sends("alice", "note")
    assert sum(isinstance(one, Delivery) for one in told) == 1


@pytest.mark.parametrize(
    ("to", "expected"), [("#r", 403), ("#nowhere", 404), ("nobody", 404), ("#", 404)]
)
def test_what_can_not_be_routed_is_refused(to: str, expected: int) -> None:
    world = World()
    world.guest("bob").says(JoinRoom("#r"))
    assert code(world.guest("alice").sends(to, "x")) == expected


def test_each_message_of_a_burst_has_its_own_refusal() -> None:
    alice = World().guest("alice", "d1")
    told = alice.sends("nobody", "a", "b", numbers=[1, 2])
    assert [one.request for one in told] == [1, 2]
    assert [one.error.code for one in told] == [404, 404]
    assert len(alice.sends("nobody", "a", "b", "c")) == 3


@pytest.mark.parametrize("text", ["x" * 101, "щ" * 51, "🍲" * 26])
def test_one_text_too_long_refuses_only_itself(text: str) -> None:
    world = World(text_bytes=100)
    alice, bob = world.guest("alice"), world.guest("bob")
    told = alice.sends("bob", "before", text, "after", numbers=[1, 2, 3])
    assert isinstance(told[1], Refused)
    assert isinstance(told[1].error, TooLong)
    assert told[1].request == 2
    assert "100" in str(told[1].error)
    assert [one.numbers for one in told if isinstance(one, Accepted)] == [[1], [3]]
    assert bob.hears() == [("alice", "bob", "before"), ("alice", "bob", "after")]


@pytest.mark.parametrize("text", ["x" * 100, "щ" * 50, "🍲" * 25])
def test_a_text_of_just_the_limit_is_taken(text: str) -> None:
    world = World(text_bytes=100)
    alice, bob = world.guest("alice"), world.guest("bob")
    only(alice.sends("bob", text), Accepted)
    assert bob.hears() == [("alice", "bob", text)]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("a\rb", "a\rb"),
        ("a\r", "a\r"),
        ("a\tb\u200b\u200f\u202e\ufeff", "a\tb\u200b\u200f\u202e\ufeff"),
        ("x" * 97 + "\r\nyz", "x" * 97 + "\nyz"),
    ],
)
def test_line_ends_become_newlines_and_nothing_else_of_a_text_is_changed(
    text: str, heard: str
) -> None:
    world = World(text_bytes=100)
    alice, bob = world.guest("alice"), world.guest("bob")
    only(alice.sends("bob", text, numbers=[1]), Accepted)
    alice.sends("bob", text, "\n", numbers=[2, 3])
    assert [words for *_, words in bob.hears()] == [heard, heard, "\n"]


def test_a_text_limit_of_zero_is_none() -> None:
    alice = World(text_bytes=0).guest("alice")
    assert alice.sends("#all", "x" * 1_000_000)


# --------------------------------------------------- ids, numbers, and order


def test_ids_ascend_in_the_order_of_the_turn_across_sessions() -> None:
    world = World()
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    for turn in range(5):
        alice.starts(Said("carol", ["a1", "a2"]))
        bob.starts(Said("carol", [f"b{turn}"]))
        alice.starts(Said("#all", ["a3"]))
        world.end_turn()
    assert ids(carol.told) == list(range(1, 21))
    assert [text for _, _, text in carol.hears()][:4] == ["a1", "a2", "b0", "a3"]
    for one in (alice, bob):
        found = ids(one.takes())
        assert found == sorted(found)
    late = world.newcomer()
    late.sign_in("late")
    assert only(late.takes(), Welcome).last_id == 20


def test_answers_come_in_the_order_of_the_requests() -> None:
    world = World()
    world.guest("bob")
    told = world.guest("alice").says(
        Said("bob", ["a"], [1]),
        JoinRoom("#r", 2),
        Said("nobody", ["b"], [3]),
        ListRooms(4),
        Said("bob", ["c"], [5]),
        Faulty(BadRequest("x"), 6),
        LeaveRoom("#r", 7),
    )
    answered = [
        one.numbers and one.numbers[0] if isinstance(one, Accepted) else one.request
        for one in told
        if isinstance(one, Accepted | Done | Refused | RoomList)
    ]
    assert answered == [1, 2, 3, 4, 5, 6, 7]


def test_nothing_is_told_before_the_turn_ends() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.starts(Said("bob", ["hi"]))
    assert (alice.told, bob.told) == ([], [])
    world.end_turn()
    assert alice.told
    assert bob.told


def test_a_stored_number_sent_again_is_a_duplicate_and_not_delivered() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    alice.sends("bob", "a", "b", numbers=[1, 2])
    bob.takes()
    assert alice.sends("bob", "a", "b", numbers=[1, 2]) == [
        Duplicate(1, 1),
        Duplicate(2, 2),
    ]
    assert bob.takes() == []


def test_a_repetition_and_news_in_one_read_are_told_apart() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    alice.sends("bob", "a", "b", numbers=[1, 2])
    bob.takes()
    told = alice.sends("bob", "b", "c", numbers=[2, 3])
    assert told == [Duplicate(2, 2), Accepted([3], 3, 1, readers=1)]
    assert bob.hears() == [("alice", "bob", "c")]


def test_the_same_number_twice_in_one_read_is_stored_once() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    told = alice.sends("bob", "a", "a", numbers=[1, 1])
    assert told == [Accepted([1], 1, 1, readers=1), Duplicate(1, 1)]
    assert len(bob.hears()) == 1


def test_a_refused_number_sent_again_is_settled() -> None:
    world = World()
    alice = world.guest("alice", "d1")
    assert code(alice.sends("bob", "x", numbers=[1])) == 404
    bob = world.guest("bob")
    refused = only(alice.sends("bob", "x", numbers=[1]), Refused)
    assert isinstance(refused.error, AlreadySettled)
    assert refused.request == 1
    assert bob.takes() == []


def test_a_number_more_than_a_thousand_below_is_400() -> None:
    world = World()
    alice = world.guest("alice", "d1")
    world.guest("bob")
    alice.sends("bob", "x", numbers=[1001])
    assert code(alice.sends("bob", "x", numbers=[1])) == 400
    assert isinstance(alice.sends("bob", "x", numbers=[2])[0], Duplicate)


@pytest.mark.parametrize("number", [0, -5, 2**53, 2**70, -(2**70)])
def test_a_number_that_can_not_be_one_is_400_and_settles_nothing(number: int) -> None:
    world = World()
    alice = world.guest("alice", "d1")
    bob = world.guest("bob")
    assert code(alice.sends("bob", "x", numbers=[number])) == 400
    assert bob.takes() == []
    assert only(alice.sends("bob", "x", numbers=[1]), Accepted).numbers == [1]


def test_a_burst_that_runs_past_the_last_number_is_refused_only_there() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    told = alice.sends("bob", "a", "b", numbers=[2**53 - 1, 2**53])
    assert [type(one) for one in told] == [Accepted, Refused]
    assert bob.hears() == [("alice", "bob", "a")]


def test_numbers_may_have_gaps() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    told = alice.sends("bob", "a", "b", "c", numbers=[3, 7, 8])
    assert [one.numbers for one in told] == [[3], [7], [8]]
    assert len(bob.hears()) == 3


def test_messages_without_numbers_are_stored_each_time() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    alice.sends("bob", "same")
    alice.sends("bob", "same")
    assert len(bob.hears()) == 2


def test_after_a_break_the_device_learns_what_is_settled() -> None:
    world = World()
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    alice.sends("bob", "a", numbers=[1])
    alice.sends("nobody", "b", numbers=[2])
    alice.sends("bob", "c", numbers=[3])
    alice.says(Faulty(BadRequest("x"), 4, 4))
    alice.goes()
    back = world.newcomer()
    back.sign_in("alice", "d1")
    welcome = only(back.takes(), Welcome)
    assert (welcome.device_seq, welcome.refused) == (4, [2, 4])
    assert welcome.last_id == 2
    bob.takes()
    assert back.sends("bob", "c", numbers=[3]) == [Duplicate(3, 2)]
    assert only(back.sends("bob", "d", numbers=[5]), Accepted).first_id == 3
    assert bob.hears() == [("alice", "bob", "d")]


# -------------------------------------------------------------------- rooms


def test_joining_an_unknown_room_makes_it() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    assert alice.says(JoinRoom("#New", 3)) == [Done(3, created=True)]
    assert bob.says(JoinRoom("#new", 4)) == [Done(4, created=False)]
    assert alice.says(JoinRoom("#new"))[-1] == Done(None, created=False)


def test_members_are_told_who_enters_and_leaves() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.says(JoinRoom("#r"))
    bob.says(JoinRoom("#r"))
    entered = only(alice.takes(), Movement)
    assert (entered.entered, entered.room, entered.name) == (True, "#r", "bob")
    assert bob.says(LeaveRoom("#r", 2)) == [Done(2)]
    left = only(alice.takes(), Movement)
    assert (left.entered, left.room, left.name) == (False, "#r", "bob")
    assert code(bob.sends("#r", "x")) == 403


def test_a_repeated_join_is_not_told_again() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    for one in (alice, bob, bob):
        one.says(JoinRoom("#r"))
    assert len(alice.takes()) == 1


def test_a_lost_guest_is_not_told_as_left_before_its_time() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob", "d1")
    alice.says(JoinRoom("#r"))
    bob.says(JoinRoom("#r"))
    alice.takes()
    bob.goes()
    assert alice.takes() == []


def test_coming_and_going_in_all_is_not_told() -> None:
    world = World()
    alice = world.guest("alice")
    world.guest("bob").goes()
    assert alice.takes() == []


def test_rooms_of_more_than_a_hundred_do_not_tell_movements() -> None:
    world = World()
    alice = world.guest("alice")
    alice.says(JoinRoom("#r"))
    for number in range(100):
        world.guest(f"n{number}").says(JoinRoom("#r"))
    assert len(alice.takes()) == 99


def test_all_can_not_be_left() -> None:
    assert code(World().guest("alice").says(LeaveRoom("#ALL"))) == 403


def test_leaving_a_room_one_is_not_in_is_403_and_an_unknown_one_404() -> None:
    world = World()
    world.guest("bob").says(JoinRoom("#r"))
    alice = world.guest("alice")
    assert code(alice.says(LeaveRoom("#r"))) == 403
    assert code(alice.says(LeaveRoom("#x"))) == 404


@pytest.mark.parametrize("room", ["r", "", "#", "#...", "#a b", "#" + "a" * 25])
def test_a_room_name_against_the_rules_is_refused(room: str) -> None:
    assert code(World().guest("alice").says(JoinRoom(room))) == 400


def test_a_room_that_looks_like_another_is_refused() -> None:
    world = World()
    alice = world.guest("alice")
    alice.says(JoinRoom("#paypal"))
    assert code(alice.says(JoinRoom("#pаypal"))) == 409


def test_a_room_ends_fifteen_minutes_after_its_last_member_left() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.says(JoinRoom("#r"))
    alice.says(LeaveRoom("#r"))
    world.pass_time(899)
    assert code(bob.sends("#r", "x")) == 403
    world.pass_time(1)
    assert code(bob.sends("#r", "x")) == 404
    assert bob.says(JoinRoom("#r")) == [Done(None, created=True)]


def test_nobody_is_in_more_rooms_than_the_limit() -> None:
    alice = World(rooms_per_person=2).guest("alice")
    assert isinstance(alice.says(JoinRoom("#a"))[0], Done)
    assert isinstance(alice.says(JoinRoom("#b"))[0], Done)
    assert code(alice.says(JoinRoom("#c"))) == 429
    assert isinstance(alice.says(JoinRoom("#b"))[0], Done)
    alice.says(LeaveRoom("#a"))
    assert isinstance(alice.says(JoinRoom("#c"))[0], Done)


# -------------------------------------------------------------------- lists


def rooms_of(told: list[object]) -> list[str]:
    (one,) = told
    assert isinstance(one, RoomList)
    return [entry.room for entry in one.entries]


def test_rooms_are_listed_with_their_members() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.says(JoinRoom("#b"))
    bob.says(JoinRoom("#a"))
    found = only(alice.says(ListRooms(9)), RoomList)
    assert (found.request, found.more) == (9, False)
    assert [(e.room, e.members, e.joined) for e in found.entries] == [
        ("#a", 1, False),
        ("#all", 2, True),
        ("#b", 1, True),
    ]


def test_a_list_goes_on_behind_the_last_name() -> None:
    alice = World().guest("alice")
    for name in ("#b", "#c", "#d"):
        alice.says(JoinRoom(name))
    found = only(alice.says(ListRooms(limit=2)), RoomList)
    assert [entry.room for entry in found.entries] == ["#all", "#b"]
    assert found.more
    found = only(alice.says(ListRooms(after="#B", limit=2)), RoomList)
    assert [entry.room for entry in found.entries] == ["#c", "#d"]
    assert not found.more


@pytest.mark.parametrize("limit", [0, -1, -(10**30)])
def test_an_odd_limit_still_lists_something(limit: int) -> None:
    alice = World().guest("alice")
    assert len(only(alice.says(ListRooms(limit=limit)), RoomList).entries) == 1


def test_a_page_has_at_most_a_thousand_rows() -> None:
    world = World(rooms_per_person=0, rooms=0)
    alice = world.guest("alice")
    for number in range(1001):
        alice.says(JoinRoom(f"#r{number}"))
    for limit in (None, 10**30):
        found = only(alice.says(ListRooms(limit=limit)), RoomList)
        assert (len(found.entries), found.more) == (1000, True)


def test_users_are_listed_with_status_and_whether_they_are_here() -> None:
    world = World()
    alice = world.guest("alice")
    world.guest("bob", "d1").goes()
    found = only(alice.says(ListUsers(request=2)), UserList)
    assert found.request == 2
    assert [(e.name, e.status, e.guest, e.online) for e in found.entries] == [
        ("alice", "here", True, True),
        ("bob", "", True, False),
    ]


def test_the_users_of_a_room_are_its_members() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    world.guest("carol")
    for one in (bob, alice):
        one.says(JoinRoom("#r"))
    found = only(alice.says(ListUsers("#R", limit=1)), UserList)
    assert ([entry.name for entry in found.entries], found.more) == (["alice"], True)
    found = only(alice.says(ListUsers("#r", after="alice")), UserList)
    assert ([entry.name for entry in found.entries], found.more) == (["bob"], False)
    assert code(alice.says(ListUsers("#x"))) == 404


# --------------------------------------------------------- faults and the end


def test_a_fault_is_answered_and_the_session_goes_on() -> None:
    alice = World().guest("alice")
    refused = only(alice.says(Faulty(BadRequest("x"), 5)), Refused)
    assert (refused.error.code, refused.request) == (400, 5)
    assert not alice.session.ended


def test_too_many_faults_in_a_row_end_the_session() -> None:
    alice = World(broken_objects=3).guest("alice")
    told = alice.says(*[Faulty(BadRequest("x"))] * 5)
    assert [type(one) for one in told] == [Refused, Refused, Refused, Goodbye]
    assert isinstance(told[-1], Goodbye)
    assert isinstance(told[-1].error, TooMany)


@pytest.mark.parametrize(
    "request_", [Said("#all", ["fine"]), ListRooms(), SignIn("alice"), LeaveRoom("#x")]
)
def test_a_whole_request_between_faults_forgives_them(request_: Event) -> None:
    alice = World(broken_objects=3).guest("alice")
    for _ in range(5):
        alice.says(Faulty(BadRequest("x")), Faulty(BadRequest("x")))
        alice.says(request_)
    assert not alice.session.ended


def test_a_limit_of_zero_forgives_all_faults() -> None:
    alice = World(broken_objects=0).guest("alice")
    assert len(alice.says(*[Faulty(BadRequest("x"))] * 200)) == 200


def test_a_fatal_fault_is_a_goodbye() -> None:
    alice = World().guest("alice")
    error = TooLong("the object", 9)
    assert alice.says(Faulty(error, fatal=True)) == [Goodbye(error)]
    assert alice.session.ended


def test_who_speaks_another_protocol_hears_goodbye() -> None:
    newcomer = World().newcomer()
    goodbye = only(newcomer.says(Foreign("HTTP")), Goodbye)
    assert "HTTP" in str(goodbye.error)
    assert newcomer.session.ended


def test_everybody_signed_in_hears_an_announcement_and_then_all_ends() -> None:
    world = World()
    alice, newcomer = world.guest("alice"), world.newcomer()
    notice = Notice(101, "going down")
    world.hub.announce(notice)
    world.hub.end_all()
    world.end_turn()
    assert alice.takes() == [notice]
    assert alice.session.ended
    assert newcomer.takes() == []


def test_a_probe_is_told_to_one_session() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    world.hub.probe(alice.session)
    world.end_turn()
    assert alice.takes() == [Probing()]
    assert bob.takes() == []


def test_a_session_is_dismissed_and_lost_only_once() -> None:
    world = World()
    alice = world.guest("alice")
    for _ in range(2):
        world.hub.dismiss(alice.session, OutOfService("x"), world.now)
        world.end_turn()
        alice.goes()
    assert len(alice.takes()) == 1


def test_a_thousand_random_steps_surprise_nobody() -> None:
    # Anything unforeseen would come up as another error than a RequestError.
    chance = random.Random(3)
    world = World(rooms=6, rooms_per_person=3)
    crowd: list[Somebody] = []
    names = ["a", "b", "c", "d"]
    for _ in range(1000):
        crowd = [one for one in crowd if not one.session.ended]
        if len(crowd) < 4:
            crowd.append(world.newcomer())
        one = chance.choice(crowd)
        events: list[Event] = [
            SignIn(chance.choice(names), "", chance.choice([None, "d"])),  # type: ignore[arg-type]
            Said(chance.choice([*names, "#r1", "#all"]), ["x"], [chance.randrange(9)]),
            Said(chance.choice([*names, "#r2"]), ["x", "y"]),
            JoinRoom(f"#r{chance.randrange(8)}"),
            LeaveRoom(f"#r{chance.randrange(8)}"),
            ListUsers(),
            ListRooms(),
            Quitting(),
            Faulty(BadRequest("x")),
        ]
        one.starts(*chance.sample(events, chance.randrange(1, 4)))
        if chance.random() < 0.5:
            world.end_turn()
        if chance.random() < 0.1:
            one.goes()
        if chance.random() < 0.05:
            world.pass_time(chance.choice([1.0, 500.0, 1000.0]))
