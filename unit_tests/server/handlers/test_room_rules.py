"""A room's rules: by invitation, its topic, its end, and all of it after a start."""

from typing import Any

import pytest

from common.roles import Role
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    Block,
    ConversationList,
    DeleteAccount,
    Done,
    InviteToRoom,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListRooms,
    ListUsers,
    MessageList,
    Movement,
    RemoveRoom,
    RoomChanged,
    RoomList,
    Sanction,
    SetAccess,
    SetTopic,
    UserList,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, code, only
from unit_tests.server.people_of_rank import (
    audited,
    carried_out,
    inside,
    person,
    ranked,
    refusal,
    room,
    rulings,
)


@pytest.fixture
def host(world: KeptWorld) -> Somebody:
    """Return the host of #r, which is by invitation; nobody else is in it."""
    host = ranked(world, "host")
    inside("#r", host)
    only([host.says(SetAccess("#r", "invited"))[-1]], Done)
    return host


def rooms(somebody: Somebody) -> dict[str, Any]:
    entries = only(somebody.says(ListRooms()), RoomList).entries
    return {entry.room: entry for entry in entries}


def texts(told: list[Any]) -> list[str]:
    return [row.text for row in only(told, MessageList).entries]


# -------------------------------------------------------------------- by invitation


def test_who_was_not_invited_does_not_get_in_not_even_an_owner(
    world: KeptWorld, host: Somebody
) -> None:
    for one in (world.guest("bob"), ranked(world, "owner", Role.OWNER)):
        expected, sentence = refusal(one.says(JoinRoom("#R")))
        assert (expected, "#r is by invitation" in sentence) == (403, True)


@pytest.mark.parametrize(
    "event",
    [
        ListUsers("#r"),
        AskHistory("#r"),
        AskSearch("x", "#r"),
        LeaveRoom("#r"),
        InviteToRoom("#r", "bob"),
        SetTopic("#r", "x"),
        SetAccess("#r", "open"),
        RemoveRoom("#r"),
        Kick("host", "#r"),
        Sanction("ban", "host", "#r"),
    ],
)
def test_to_strangers_it_is_as_if_there_were_none(
    world: KeptWorld, host: Somebody, event: Any
) -> None:
    bob = world.guest("bob")
    unknown = type(event)(
        **{
            field: "#s" if value == "#r" else value
            for field, value in (
                (name, getattr(event, name)) for name in event.__struct_fields__
            )
        }
    )
    code_here, sentence = refusal(bob.asks(event))
    assert (code_here, sentence.replace("#r", "#s")) == refusal(bob.asks(unknown))
    assert code_here == 404
    assert code(bob.sends("#r", "x")) == 404
    assert "#r" not in rooms(bob)


def test_who_is_invited_is_told_sees_it_and_joins(
    world: KeptWorld, host: Somebody
) -> None:
    bob, carl = world.guest("bob"), world.guest("carl")
    assert host.says(InviteToRoom("#R", "BOB", 4)) == [Done(4)]
    assert rulings(bob.takes()) == [("invite", "bob", "#r", "host")]
    assert carl.takes() == []
    assert rooms(bob)["#r"].access == "invited"
    only(bob.says(JoinRoom("#r")), Done)
    bob.says(LeaveRoom("#r"))
    only(bob.says(JoinRoom("#r")), Done)  # one may go and come back


def test_an_invitation_from_whom_one_has_blocked_is_not_heard(
    world: KeptWorld, host: Somebody
) -> None:
    bob = world.guest("bob")
    bob.says(Block("host"))
    assert host.says(InviteToRoom("#r", "bob")) == [Done(None)]
    assert bob.takes() == []
    only(bob.says(JoinRoom("#r")), Done)


def test_who_is_kicked_or_banned_needs_a_new_invitation(
    world: KeptWorld, host: Somebody
) -> None:
    bob = world.guest("bob")
    host.says(InviteToRoom("#r", "bob"))
    bob.says(JoinRoom("#r"))
    host.says(Kick("bob", "#r"))
    bob.takes()
    assert code(bob.says(JoinRoom("#r"))) == 403
    assert code(bob.says(ListUsers("#r"))) == 404
    host.says(InviteToRoom("#r", "bob"))
    host.says(Sanction("ban", "bob", "#r"))
    bob.takes()
    assert code(host.says(InviteToRoom("#r", "bob"))) == 403
    assert "banned" in refusal(bob.says(JoinRoom("#r")))[1]


def test_those_who_are_in_when_it_closes_may_come_back(world: KeptWorld) -> None:
    host, bob = ranked(world, "host"), ranked(world, "bob")
    inside("#r", host, bob)
    host.says(SetAccess("#r", "invited"))
    (change,) = bob.takes()
    assert isinstance(change, RoomChanged)
    assert (change.room, change.by, change.access) == ("#r", "host", "invited")
    bob.says(LeaveRoom("#r"))
    again = world.restarted()
    try:
        only(again.signed_in("bob").says(JoinRoom("#r")), Done)
    finally:
        again.close()


def test_its_host_may_always_come_in(world: KeptWorld, host: Somebody) -> None:
    host.says(LeaveRoom("#r"))
    again = world.restarted()
    try:
        only(again.signed_in("host").says(JoinRoom("#r")), Done)
    finally:
        again.close()


def test_what_was_said_before_one_was_let_in_is_not_read(
    world: KeptWorld, host: Somebody
) -> None:
    host.sends("#r", "before, about tea")
    bob = ranked(world, "bob")
    host.says(InviteToRoom("#r", "bob"))
    bob.says(JoinRoom("#r"))
    host.takes()
    host.sends("#r", "after, about tea")
    bob.takes()
    assert texts(bob.asks(AskHistory("#r"))) == ["after, about tea"]
    assert texts(bob.asks(AskHistory("#r", after=0))) == ["after, about tea"]
    world.let_workers_finish()
    found = bob.asks(AskSearch("tea"))
    assert set(texts(found)) <= {"after, about tea"}
    bob.goes()
    back = world.signed_in("bob", "d9", None, 0)
    assert [text for _, to, text in back.hears() if to == "#r"] == ["after, about tea"]
    assert texts(host.asks(AskHistory("#r"))) == [
        "before, about tea",
        "after, about tea",
    ]


def test_who_has_left_reads_nothing_of_it(world: KeptWorld, host: Somebody) -> None:
    bob = ranked(world, "bob")
    host.says(InviteToRoom("#r", "bob"))
    bob.says(JoinRoom("#r"))
    host.sends("#r", "secret")
    bob.says(LeaveRoom("#r"))
    bob.takes()
    assert code(bob.asks(AskHistory("#r"))) == 403
    assert only(bob.asks(AskConversations()), ConversationList).entries == []


def test_moderators_see_that_it_is_there_and_their_reading_is_noted(
    world: KeptWorld, host: Somebody
) -> None:
    moderator = ranked(world, "mod", Role.MODERATOR)
    assert rooms(moderator)["#r"].owner == "host"
    moderator.starts(ListUsers("#r"))
    assert ("read", "mod", "", "#r", "members") in audited(world)
    world.end_turn()
    (listed,) = moderator.takes()
    assert isinstance(listed, UserList)
    assert [one.name for one in listed.entries] == ["host"]
    for event in (AskHistory("#r"), AskSearch("x", "#r")):
        assert code(moderator.asks(event)) == 403
    host.starts(ListUsers("#r"))
    assert audited(world) == []


def test_an_open_room_has_no_need_of_invitations_but_one_may_ask_somebody_in(
    world: KeptWorld,
) -> None:
    host, bob = ranked(world, "host"), world.guest("bob")
    inside("#r", host)
    only(host.says(InviteToRoom("#r", "bob")), Done)
    assert rulings(bob.takes()) == [("invite", "bob", "#r", "host")]
    assert room(world, "#r").permits == set()
    assert code(host.says(InviteToRoom("#r", "nobody"))) == 404


def test_who_is_in_already_is_invited_without_a_word(
    world: KeptWorld, host: Somebody
) -> None:
    bob = world.guest("bob")
    host.says(InviteToRoom("#r", "bob"))
    bob.says(JoinRoom("#r"))
    bob.takes(), host.takes()
    assert host.says(InviteToRoom("#r", "bob")) == [Done(None)]
    assert bob.takes() == []


# ---------------------------------------------------------------------------- topic


def test_a_topic_is_told_listed_and_there_after_the_next_start(
    world: KeptWorld,
) -> None:
    host, bob = ranked(world, "host"), world.guest("bob")
    inside("#r", host, bob)
    told = host.says(SetTopic("#r", "tea", 4))
    assert carried_out(told)
    for one in (*told, *bob.takes()):
        if isinstance(one, RoomChanged):
            assert (one.room, one.by, one.topic, one.access) == (
                "#r",
                "host",
                "tea",
                None,
            )
    assert host.says(SetTopic("#r", "tea")) == [Done(None)]
    assert bob.takes() == []
    again = world.restarted()
    try:
        entry = rooms(again.signed_in("host"))["#r"]
        assert (entry.topic, entry.owner, entry.access, entry.joined) == (
            "tea",
            "host",
            "open",
            True,
        )
        host = again.signed_in("host")
        host.says(SetTopic("#r", ""))
        assert rooms(host)["#r"].topic == ""
    finally:
        again.close()


# ------------------------------------------------------------------------- the end


def test_a_removed_room_is_gone_for_all_and_its_name_is_free(
    world: KeptWorld, host: Somebody
) -> None:
    bob = ranked(world, "bob")
    host.says(InviteToRoom("#r", "bob"))
    bob.says(JoinRoom("#r"))
    host.says(Sanction("mute", "bob", "#r"))
    bob.takes(), host.takes()
    assert carried_out(host.says(RemoveRoom("#R")))
    (change,) = bob.takes()
    assert isinstance(change, RoomChanged)
    assert (change.room, change.by, change.removed) == ("#r", "host", True)
    assert code(bob.sends("#r", "x")) == 404
    assert not person(world, "bob").sanctioned
    again = world.restarted()
    try:
        bob = again.signed_in("bob")
        assert only(bob.says(JoinRoom("#r")), Done).created
        assert room(again, "#r").permits == set()
        assert room(again, "#r").owner == person(again, "bob").number
        assert again.hub.sanctions.all() == []
    finally:
        again.close()


def test_the_sanctions_of_a_guest_s_room_end_with_it(world: KeptWorld) -> None:
    moderator = ranked(world, "mod", Role.MODERATOR)
    bob = world.guest("bob", "d1")
    inside("#r", bob)
    moderator.says(Sanction("ban", "bob", "#r"))
    world.pass_time(901)
    assert world.hub.rooms.find("#r") is None
    assert world.hub.sanctions.all() == []
    assert not person(world, "bob").sanctioned


def test_when_its_host_gives_the_account_up_moderators_run_it(
    world: KeptWorld, host: Somebody
) -> None:
    bob = ranked(world, "bob")
    moderator = ranked(world, "mod", Role.MODERATOR)
    host.says(InviteToRoom("#r", "bob"), SetTopic("#r", "tea"))
    bob.says(JoinRoom("#r"))
    host.says(DeleteAccount())
    bob.takes()
    assert rooms(moderator)["#r"].owner is None
    again = world.restarted()
    try:
        bob, moderator = again.signed_in("bob"), again.signed_in("mod")
        entry = rooms(bob)["#r"]
        assert (entry.owner, entry.topic, entry.joined) == (None, "tea", True)
        bob.says(LeaveRoom("#r"))
        again.pass_time(100_000)
        assert "#r" in rooms(moderator)
        assert carried_out(moderator.says(RemoveRoom("#r")))
    finally:
        again.close()


def test_who_takes_the_name_of_a_host_that_is_gone_is_not_the_host(
    world: KeptWorld, host: Somebody
) -> None:
    host.says(DeleteAccount())
    other = ranked(world, "host")
    assert code(other.says(JoinRoom("#r"))) == 403
    assert code(other.says(RemoveRoom("#r"))) == 404


# ------------------------------------------------------------------- who hears what


def test_the_coming_and_going_of_whom_one_has_blocked_is_not_heard(
    world: KeptWorld,
) -> None:
    alice, bob, carl = (world.guest(name) for name in ("alice", "bob", "carl"))
    inside("#r", alice, carl)
    alice.says(Block("bob"))
    bob.says(JoinRoom("#r"), LeaveRoom("#r"))
    assert alice.takes() == []
    assert [type(one) for one in carl.takes()] == [Movement, Movement]


def test_all_of_it_is_noted(world: KeptWorld, host: Somebody) -> None:
    world.guest("bob")
    host.starts(
        InviteToRoom("#r", "bob"),
        SetTopic("#r", "of which nothing is noted"),
        SetAccess("#r", "open"),
        RemoveRoom("#r"),
        RemoveRoom("#all"),
    )
    assert audited(world) == [
        ("invite", "host", "bob", "#r", ""),
        ("topic", "host", "", "#r", ""),
        ("access", "host", "", "#r", "open"),
        ("remove room", "host", "", "#r", ""),
        ("refused", "host", "", "127.0.0.1", "RemoveRoom: 403 NotAllowed"),
    ]
