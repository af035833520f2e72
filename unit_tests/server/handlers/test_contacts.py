"""Contacts: who is among them, who is told of coming and going, and what is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.events import (
    AddContact,
    Block,
    Done,
    ListContacts,
    Outgoing,
    PresenceTold,
    Register,
    RemoveContact,
    SetProfile,
    UserList,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, code, only


def names(told: list[Outgoing]) -> list[str]:
    """Return the names of the only list."""
    return [entry.name for entry in only(told, UserList).entries]


def contacts(somebody: Somebody) -> list[str]:
    return names(somebody.says(ListContacts()))


def presences(somebody: Somebody) -> list[tuple[str, bool]]:
    """Return (name, online) of what somebody was told of people since the last time."""
    found = somebody.takes()
    return [(one.name, one.online) for one in found if isinstance(one, PresenceTold)]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data")
    yield world
    world.close()


def test_contacts_are_listed_in_the_order_of_their_names() -> None:
    world = World()
    alice = world.guest("alice")
    for name in ("dora", "bob", "Carol"):
        world.guest(name)
        assert alice.says(AddContact(name, 7)) == [Done(7)]
    found = only(alice.says(ListContacts(8)), UserList)
    assert [one.name for one in found.entries] == ["bob", "Carol", "dora"]
    assert (found.request, found.more, found.is_chosen) == (8, False, True)
    assert names(alice.says(ListContacts(after="BOB"))) == ["Carol", "dora"]


def test_any_spelling_of_a_name_will_do_and_twice_is_as_good_as_once() -> None:
    world = World()
    alice, _ = world.guest("alice"), world.guest("Bob")
    assert alice.says(AddContact("bob"), AddContact("BOB")) == [Done(), Done()]
    assert contacts(alice) == ["Bob"]
    assert alice.says(RemoveContact("bOB", 3)) == [Done(3)]
    assert contacts(alice) == []


def test_nobody_oneself_and_who_is_no_contact_are_refused() -> None:
    world = World()
    alice, _ = world.guest("alice"), world.guest("bob")
    assert code(alice.says(AddContact("nobody"))) == 404
    assert code(alice.says(AddContact("server"))) == 404
    assert code(alice.says(AddContact("Alice"))) == 403
    assert code(alice.says(RemoveContact("bob"))) == 403
    assert code(alice.says(RemoveContact("nobody"))) == 404


def test_there_is_a_limit() -> None:
    world = World(contacts_per_person=2)
    alice = world.guest("alice")
    for name in ("bob", "carol", "dora"):
        world.guest(name)
    assert alice.says(AddContact("bob"), AddContact("carol")) == [Done(), Done()]
    assert code(alice.says(AddContact("dora"))) == 429
    assert alice.says(AddContact("bob")) == [Done()]


def test_who_watches_somebody_is_told_of_coming_and_going_and_nobody_else(
    kept: KeptWorld,
) -> None:
    world = kept
    world.account("bob", None)
    alice, eve = world.guest("alice"), world.guest("eve")
    alice.says(AddContact("bob"))
    bob = world.signed_in("bob", "d1")
    second = world.signed_in("bob", "d2")
    assert presences(alice) == [("bob", True)]
    bob.goes()
    assert presences(alice) == []
    second.goes()
    assert presences(alice) == [("bob", False)]
    assert presences(eve) == []
    alice.says(RemoveContact("bob"))
    world.signed_in("bob", "d1")
    assert presences(alice) == []


def test_all_sessions_of_who_watches_are_told(kept: KeptWorld) -> None:
    world = kept
    world.account("alice", None)
    one, other = world.signed_in("alice", "d1"), world.signed_in("alice", "d2")
    bob = world.guest("bob")
    one.says(AddContact("bob"))
    bob.goes()
    assert presences(one) == presences(other) == [("bob", False)]


def test_a_guest_that_comes_back_is_watched_and_one_that_is_gone_is_not() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob", "d1")
    alice.says(AddContact("bob"))
    bob.goes()
    bob = world.guest("bob", "d1")
    assert presences(alice) == [("bob", False), ("bob", True)]
    bob.goes()
    world.pass_time(16 * 60)
    world.guest("bob")
    assert presences(alice) == [("bob", False)]
    assert contacts(alice) == []


def test_nothing_of_a_contact_whom_one_has_blocked_is_told() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob", "d1")
    alice.says(AddContact("bob"), Block("bob"))
    bob.says(AddContact("alice"), SetProfile(away=True))
    bob.goes()
    assert presences(alice) == []
    # Who is blocked sees no difference.
    bob = world.guest("bob", "d1")
    alice.says(SetProfile(away=True))
    assert presences(bob) == [("alice", True)]


def test_contacts_of_an_account_outlive_the_server(kept: KeptWorld) -> None:
    for name in ("alice", "bob", "carol"):
        kept.account(name, None)
    alice = kept.signed_in("alice")
    alice.says(AddContact("bob"), AddContact("carol"), RemoveContact("carol"))
    again = kept.restarted()
    alice = again.signed_in("alice")
    assert contacts(alice) == ["bob"]
    again.signed_in("bob")
    assert presences(alice) == [("bob", True)]
    again.close()


def test_a_guest_that_registers_keeps_its_contacts(kept: KeptWorld) -> None:
    kept.account("bob", None)
    alice = kept.guest("alice", "d1")
    alice.says(AddContact("bob"))
    alice.asks(Register("alice", None))
    again = kept.restarted()
    assert contacts(again.signed_in("alice")) == ["bob"]
    again.close()


def test_contacts_of_a_guest_end_with_a_restart(kept: KeptWorld) -> None:
    kept.account("bob", None)
    kept.guest("alice", "d1").says(AddContact("bob"))
    again = kept.restarted()
    assert contacts(again.guest("alice", "d1")) == []
    again.close()


def test_contacts_change_only_while_the_disk_takes_it(kept: KeptWorld) -> None:
    kept.account("bob", None)
    kept.account("alice", None)
    alice = kept.signed_in("alice")
    kept.set_read_only(read_only=True)
    alice.sends("bob", "x")
    assert code(alice.says(AddContact("bob"))) == 500
    kept.set_read_only(read_only=False)
    kept.pass_time(1)
    assert contacts(alice) == []
    assert alice.says(AddContact("bob")) == [Done()]
