"""Bans and mutes as they are looked up: by account, by name, by network, by time."""

import pytest

from common.names import Label, Name, RoomName
from errors import Sanctioned
from server.people import Person, Session
from server.rooms import Room
from server.sanctions import Sanctions, refusal
from server.store.base import SanctionRow
from unit_tests.server.people_of_a_hub import World

ROOM = Room(RoomName("#r"), 5, lasts=True)


def row(
    number: int = 1,
    kind: str = "ban",
    identity: int | None = None,
    name: str = "bob",
    network: str | None = None,
    until: float | None = None,
    conversation: int | None = None,
) -> SanctionRow:
    assert kind in ("ban", "mute")
    return SanctionRow(
        number,
        "ban" if kind == "ban" else "mute",
        conversation,
        identity,
        Name(name),
        network,
        until,
        None,
        0.0,
        "spam",
    )


def account(number: int = 7, name: str = "bob") -> Person:
    return Person(number, Name(name), is_account=True)


def guest(name: str = "bob", address: str = "192.0.2.7") -> Person:
    person = Person(9, Name(name))
    person.sessions.append(Session(None, Label("1"), Label(address)))
    return person


def of(one: SanctionRow) -> Sanctions:
    sanctions = Sanctions()
    sanctions.add(one)
    return sanctions


def test_one_of_an_account_holds_for_that_account_only() -> None:
    one = row(identity=7)
    sanctions = of(one)
    assert sanctions.of(account()) == [one]
    assert sanctions.of(account(8)) == []
    assert sanctions.of(guest()) == []


@pytest.mark.parametrize(
    ("name", "address", "holds"),
    [
        ("bob", "198.51.100.1", True),
        ("BOB", "198.51.100.1", True),
        ("carl", "192.0.2.7", True),
        ("carl", "::ffff:192.0.2.7", True),
        ("carl", "192.0.2.8", False),
        ("192.0.2.7", "192.0.2.8", False),  # a name that looks like the network
    ],
)
def test_one_of_a_guest_holds_for_the_name_and_the_network(
    name: str, address: str, holds: bool
) -> None:
    sanctions = of(row(network="192.0.2.7"))
    assert bool(sanctions.of(guest(name, address))) is holds
    assert sanctions.of(account()) == []


def test_of_ipv6_the_network_is_what_one_peer_has() -> None:
    network = Session(None, Label("1"), Label("2001:db8::1")).network
    sanctions = of(row(network=network))
    assert sanctions.of(guest("carl", "2001:db8::ffff:2"))
    assert not sanctions.of(guest("carl", "2001:db8:0:1::1"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_machine_of_its_own_is_no_network(address: str) -> None:
    assert Session(None, Label("1"), Label(address)).network is None


def test_it_is_found_by_kind_and_place_until_it_is_over() -> None:
    sanctions = Sanctions()
    here, there = row(1, identity=7), row(2, "mute", 7, conversation=5, until=100.0)
    for one in (here, there):
        sanctions.add(one)
    rows = sanctions.of(account())
    assert sanctions.find(rows, "ban", None, 0) is here
    assert sanctions.find(rows, "mute", ROOM, 99.9) is there
    assert sanctions.find(rows, "mute", ROOM, 100.0) is None
    assert sanctions.find(rows, "ban", ROOM, 0) is None
    assert sanctions.find(rows, "mute", None, 0) is None


def test_what_is_over_is_told_each_time_until_it_is_removed() -> None:
    sanctions = Sanctions()
    first, second, last = row(1, until=10.0), row(2, until=20.0), row(3)
    for one in (first, second, last):
        sanctions.add(one)
    assert sanctions.over(9.9) == []
    assert sanctions.over(10.0) == [first]
    sanctions.remove(first)
    assert sanctions.over(19.0) == []
    assert sanctions.over(25.0) == [second]
    sanctions.remove(second)
    assert sanctions.all() == [last]
    sanctions.add(row(4, until=30.0))
    assert [one.number for one in sanctions.over(31.0)] == [4]


def test_people_are_marked_as_long_as_something_holds() -> None:
    one = row(identity=7)
    sanctions, person = of(one), account()
    sanctions.mark([person])
    assert person.sanctioned
    assert sanctions.is_banned(person, None, 0.0)
    assert not sanctions.is_banned(person, ROOM, 0.0)
    sanctions.remove(one)
    sanctions.mark([person])
    assert not person.sanctioned


def test_the_refusal_says_by_whom_until_when_and_why() -> None:
    world = World()
    error = refusal(world.hub, row(until=1_700_000_000.0), RoomName("#r"))
    assert isinstance(error, Sanctioned)
    assert str(error) == (
        "you are banned from #r until 2023-11-14 22:13 UTC, by the server: spam"
    )
    assert "this server for good" in str(refusal(world.hub, row(), None))
