"""Profiles: status, away, last seen, and who is told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.names import Name
from server.events import (
    AddContact,
    AskPerson,
    Done,
    PresenceTold,
    SetProfile,
    UserEntry,
    UserList,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, code, only


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data")
    world.account("bob", None)
    yield world
    world.close()


def about(somebody: Somebody, name: str) -> UserEntry:
    found = only(somebody.says(AskPerson(name, 9)), UserList)
    (entry,) = found.entries
    assert (found.request, found.more, found.is_chosen) == (9, False, True)
    return entry


def test_one_person_is_asked_about_under_any_spelling() -> None:
    world = World()
    alice, _ = world.guest("alice"), world.guest("Bob")
    assert about(alice, "bob") == UserEntry(Name("Bob"), "here", True, True, "guest")
    assert about(alice, "alice").name == "alice"
    assert code(alice.says(AskPerson("nobody"))) == 404


def after_a_stop(world: KeptWorld) -> KeptWorld:
    return world.restarted()


def after_a_kill(world: KeptWorld) -> KeptWorld:
    world.end_turn()
    return world.killed()


@pytest.mark.parametrize("again", [after_a_stop, after_a_kill])
def test_status_and_away_survive_a_restart(
    kept: KeptWorld, again: Callable[[KeptWorld], KeptWorld]
) -> None:
    kept.guest("gus", "d").says(SetProfile(status="guest of honour", away=True))
    kept.signed_in("bob", "d1").says(SetProfile(status="at lunch", away=True))
    kept.account("eve", None)
    eve = kept.signed_in("eve", "d1")
    eve.says(SetProfile(status="gardening", away=True))
    eve.goes()
    world = again(kept)
    try:
        alice = world.guest("alice")
        for name, status in (("gus", "guest of honour"), ("bob", "at lunch")):
            assert (about(alice, name).status, about(alice, name).away) == (
                status,
                False,
            )
            if name == "gus":
                world.guest("gus", "d")
            else:
                world.signed_in(name, "d1")
            assert (about(alice, name).status, about(alice, name).away) == (
                status,
                True,
            )
        # Who had gone before the server did comes back as somebody who is here.
        world.signed_in("eve", "d1")
        assert (about(alice, "eve").status, about(alice, "eve").away) == (
            "gardening",
            False,
        )
    finally:
        world.close()


def test_who_comes_back_late_is_not_away_any_more(kept: KeptWorld) -> None:
    kept.signed_in("bob", "d1").says(SetProfile(away=True))
    world = kept.restarted()
    try:
        world.pass_time(901)
        bob = world.signed_in("bob", "d1")
        assert not about(bob, "bob").away
    finally:
        world.close()


def test_a_status_is_for_all_sessions_also_those_to_come(kept: KeptWorld) -> None:
    world = kept
    alice = world.guest("alice")
    bob, second = world.signed_in("bob", "d1"), world.signed_in("bob", "d2")
    assert about(alice, "bob").status == "here"
    assert bob.says(SetProfile(status="at lunch", request=4)) == [Done(4)]
    assert about(alice, "bob").status == "at lunch"
    # What a client says with each presence, also in answer to a probe, comes second.
    second.sign_in("bob")
    world.signed_in("bob", "d3")
    assert about(alice, "bob").status == "at lunch"
    bob.says(SetProfile(status=""))
    second.sign_in("bob")
    assert about(alice, "bob").status == "here"


def test_who_watches_is_told_of_what_has_changed_and_only_then() -> None:
    world = World()
    alice, bob, eve = (world.guest(name) for name in ("alice", "bob", "eve"))
    alice.says(AddContact("bob"))
    bob.says(SetProfile(away=True))
    bob.says(SetProfile(away=True), SetProfile(), SetProfile(status="here"))
    bob.says(SetProfile(status="busy"))
    bob.says(SetProfile("here", False))
    name = Name("bob")
    assert alice.takes() == [
        PresenceTold(name, "here", True, True, has_moved=False),
        PresenceTold(name, "busy", True, True, has_moved=False),
        PresenceTold(name, "here", True, False, has_moved=False),
    ]
    assert eve.takes() == []


def test_a_message_to_who_is_away_is_delivered_and_answered_as_ever() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    bob.says(SetProfile(away=True))
    alice.sends("bob", "hi")
    assert bob.hears() == [("alice", "bob", "hi")]
    assert about(alice, "bob").away


def test_who_has_gone_is_not_away_any_more(kept: KeptWorld) -> None:
    alice, bob = kept.guest("alice"), kept.signed_in("bob")
    bob.says(SetProfile(away=True))
    bob.goes()
    kept.signed_in("bob")
    assert not about(alice, "bob").away


def test_when_somebody_was_here_last_is_seen_also_after_a_restart(
    kept: KeptWorld,
) -> None:
    alice, bob = kept.guest("alice"), kept.signed_in("bob")
    kept.pass_time(10)
    assert about(alice, "bob").seen is None  # they are here
    bob.goes()
    kept.pass_time(10)
    gone = kept.wall - 10
    assert about(alice, "bob").seen == gone
    kept = kept.restarted()
    assert about(kept.guest("carol"), "bob").seen == gone
    kept.close()


def test_a_kill_leaves_when_they_came(kept: KeptWorld) -> None:
    kept.signed_in("bob")
    came = kept.wall
    kept.pass_time(10)
    kept = kept.killed()
    assert about(kept.guest("carol"), "bob").seen == came
    kept.close()


def test_when_one_was_here_last_can_be_switched_off(kept: KeptWorld) -> None:
    alice, bob = kept.guest("alice"), kept.signed_in("bob")
    alice.says(AddContact("bob"))
    assert bob.says(SetProfile(shows_seen=False)) == [Done()]
    bob.goes()
    alice.takes()
    assert about(alice, "bob").seen is None
    kept = kept.restarted()
    assert about(kept.guest("carol"), "bob").seen is None
    kept.signed_in("bob").says(SetProfile(shows_seen=True))
    kept.close()


def test_those_who_watch_are_told_since_when_somebody_is_gone(kept: KeptWorld) -> None:
    alice, bob = kept.guest("alice"), kept.signed_in("bob")
    alice.says(AddContact("bob"))
    bob.goes()
    gone = only(alice.takes(), PresenceTold)
    assert (gone.online, gone.seen) == (False, kept.wall)
    bob = kept.signed_in("bob")
    bob.says(SetProfile(shows_seen=False))
    alice.takes()
    bob.goes()
    assert only(alice.takes(), PresenceTold).seen is None


def test_a_guest_has_no_last_seen_to_switch_off() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob", "d1")
    assert code(bob.says(SetProfile(status="x", shows_seen=False))) == 403
    assert about(alice, "bob").status == "here"
    bob.goes()
    assert about(alice, "bob").seen is None
