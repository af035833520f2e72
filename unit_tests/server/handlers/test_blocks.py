"""Blocking: nothing of theirs reaches one any more, and they see no difference."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.events import (
    Accepted,
    AskHistory,
    AskSearch,
    Block,
    Done,
    HasRead,
    HasReceived,
    JoinRoom,
    ListBlocked,
    MessageList,
    Outgoing,
    Receipt,
    Unblock,
    UserList,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, code, ids, only


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data")
    world.account("alice", None)
    world.account("bob", None)
    yield world
    world.close()


def blocked(somebody: Somebody) -> list[str]:
    return [e.name for e in only(somebody.says(ListBlocked()), UserList).entries]


def receipts(told: list[Outgoing]) -> list[Receipt]:
    return [one for one in told if isinstance(one, Receipt)]


def texts(told: list[Outgoing]) -> list[str]:
    return [row.text for row in only(told, MessageList).entries]


def test_who_is_blocked_is_not_heard_and_sees_no_difference() -> None:
    world = World()
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    before = only(bob.sends("alice", "1"), Accepted)
    alice.takes()
    assert alice.says(Block("BOB", 3)) == [Done(3)]
    after = only(bob.sends("alice", "2"), Accepted)
    assert (after.code, after.count) == (before.code, before.count)
    assert only(bob.sends("#all", "3"), Accepted).code == 200
    assert bob.takes() == []
    assert alice.hears() == []
    assert carol.hears() == [("bob", "#all", "3")]
    # The other way nothing has changed.
    alice.sends("bob", "4")
    assert bob.hears() == [("alice", "bob", "4")]


def test_who_was_unblocked_is_heard_again() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.says(Block("bob"), Block("bob"))
    bob.sends("alice", "1")
    assert alice.says(Unblock("bob", 4)) == [Done(4)]
    bob.sends("alice", "2")
    assert alice.hears() == [("bob", "alice", "2")]
    assert blocked(alice) == []


def test_nobody_oneself_and_who_is_not_blocked_are_refused() -> None:
    world = World()
    alice, _ = world.guest("alice"), world.guest("bob")
    assert code(alice.says(Block("nobody"))) == 404
    assert code(alice.says(Block("server"))) == 404
    assert code(alice.says(Block("#all"))) == 404
    assert code(alice.says(Block("alice"))) == 403
    assert code(alice.says(Unblock("bob"))) == 403


def test_there_is_a_limit_and_a_list() -> None:
    world = World(contacts_per_person=2)
    alice = world.guest("alice")
    for name in ("dora", "bob", "carol"):
        world.guest(name)
    alice.says(Block("dora"), Block("bob"))
    assert code(alice.says(Block("carol"))) == 429
    assert blocked(alice) == ["bob", "dora"]


def test_no_receipt_goes_either_way() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    (first,) = ids(bob.sends("alice", "1"))
    alice.takes()
    (own,) = ids(alice.sends("bob", "2"))
    alice.takes()
    bob.takes()
    alice.says(Block("bob"), HasReceived(first), HasRead("bob", first))
    assert receipts(bob.takes()) == []
    bob.says(HasReceived(own), HasRead("alice", own))
    assert receipts(alice.takes()) == []


def test_a_room_hears_of_reading_except_who_has_blocked_the_reader() -> None:
    world = World()
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    for one in (alice, bob, carol):
        one.says(JoinRoom("#r"))
    (sent,) = ids(carol.sends("#r", "1"))
    alice.says(Block("bob"))
    alice.takes()
    bob.says(HasRead("#r", sent))
    assert receipts(alice.takes()) == []
    assert len(receipts(carol.takes())) == 1


def test_a_name_that_somebody_new_takes_is_not_blocked() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.says(Block("bob"))
    bob.goes()
    bob = world.guest("bob")
    bob.sends("alice", "1")
    assert alice.hears() == [("bob", "alice", "1")]
    assert blocked(alice) == []


def test_it_holds_over_a_restart_for_history_and_search(kept: KeptWorld) -> None:
    alice, bob = kept.signed_in("alice", "d1"), kept.signed_in("bob", "d2")
    bob.sends("alice", "before")
    alice.says(Block("bob"))
    bob.sends("alice", "meanwhile one")
    kept = kept.restarted()
    alice, bob = kept.signed_in("alice", "d1"), kept.signed_in("bob", "d2")
    assert blocked(alice) == ["bob"]
    assert only(bob.sends("alice", "meanwhile two"), Accepted).code == 200
    assert alice.hears() == []
    alice.says(Unblock("bob"))
    bob.sends("alice", "after")
    assert alice.hears() == [("bob", "alice", "after")]
    assert texts(alice.asks(AskHistory("bob"))) == ["before", "after"]
    assert texts(alice.asks(AskSearch("meanwhile"))) == []
    assert texts(bob.asks(AskHistory("alice")))[1:3] == [
        "meanwhile one",
        "meanwhile two",
    ]
    kept.close()


def test_what_was_said_meanwhile_is_not_replayed(kept: KeptWorld) -> None:
    alice, bob = kept.signed_in("alice", "d1", since=0), kept.signed_in("bob", "d2")
    bob.sends("alice", "1")
    alice.says(Block("bob"))
    alice.goes()
    (last,) = ids(bob.sends("alice", "2"))
    again = kept.signed_in("alice", "d1", since=last - 1)
    assert again.hears() == []


def test_the_block_of_a_guest_holds_as_long_as_the_guest(kept: KeptWorld) -> None:
    eve, bob = kept.guest("eve", "d1"), kept.signed_in("bob")
    eve.says(Block("bob"))
    kept = kept.restarted()
    eve, bob = kept.guest("eve", "d1"), kept.signed_in("bob")
    bob.sends("eve", "1")
    assert eve.hears() == []
    kept.close()


NAMES = ("alice", "bob", "carol")


class Circle:
    """Three accounts that talk, block, leave and come back, and what they must hear."""

    def __init__(self, world: KeptWorld) -> None:
        self.world = world
        self.here: dict[str, Somebody] = {}
        self.blocks: set[tuple[str, str]] = set()
        self.last = 0
        self.had = dict.fromkeys(NAMES, 0)
        self.due: dict[str, list[str]] = {name: [] for name in NAMES}
        self.heard: dict[str, list[str]] = {name: [] for name in NAMES}
        self.direct: dict[str, list[str]] = {name: [] for name in NAMES}

    def comes(self, name: str) -> None:
        since = self.had[name]
        self.here[name] = self.world.signed_in(name, f"device of {name}", since=since)

    def goes(self, name: str) -> None:
        self.collect()
        self.had[name] = self.last
        self.here.pop(name).goes()

    def says(self, name: str, to: str, text: str) -> None:
        self.collect()
        (self.last,) = ids([self.here[name].sends(to, text)[-1]])
        others = [one for one in NAMES if one != name and to in ("#all", one)]
        for other in others:
            if (other, name) not in self.blocks:
                self.due[other].append(text)
                if (name, to) == ("alice", "bob"):
                    self.direct["bob"].append(text)
        if (name, to) == ("alice", "bob"):
            self.direct["alice"].append(text)

    def turns(self, name: str, other: str) -> None:
        """Block somebody, or end that."""
        self.collect()
        event = Unblock(other) if (name, other) in self.blocks else Block(other)
        assert self.here[name].says(event) == [Done()]
        self.blocks ^= {(name, other)}

    def collect(self) -> None:
        for name, somebody in self.here.items():
            self.heard[name] += [
                text for sender, _, text in somebody.hears() if sender != name
            ]


def test_whatever_the_order_one_hears_what_was_said_while_one_listened(
    kept: KeptWorld,
) -> None:
    kept.account("carol", None)
    circle, chance = Circle(kept), random.Random(5)
    for name in NAMES:
        circle.comes(name)
    for step in range(250):
        name, other = chance.sample(NAMES, 2)
        if name not in circle.here:
            circle.comes(name)
        elif chance.random() < 0.15:
            circle.goes(name)
        elif chance.random() < 0.2:
            circle.turns(name, other)
        else:
            circle.says(name, chance.choice(("#all", other)), f"text {step}")
    circle.collect()
    for name in set(NAMES) - set(circle.here):
        circle.comes(name)
    circle.collect()
    assert circle.heard == circle.due
    for name, other in (("alice", "bob"), ("bob", "alice")):
        rows = only(circle.here[name].asks(AskHistory(other)), MessageList).entries
        found = [row.text for row in rows if row.sender == "alice"]
        assert found == circle.direct[name]
