"""Nobody fills the rooms or the names for the others."""

from typing import Any

import pytest

from common.names import Name
from common.roles import Role
from common.server_settings import ServerSettings
from errors import TooMany
from server.events import JoinRoom, LeaveRoom
from server.people import People, Person
from server.shares import Shares, makers_of
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, code
from unit_tests.server.people_of_rank import carried_out, ranked

SETTINGS: dict[str, Any] = {
    "rooms": 40,
    "rooms_per_person": 8,
    "guest_rooms_per_address": 18,
}
PERSON = 16  # each may make


def somebody(number: int, role: Role) -> Person:
    account = role is not Role.GUEST
    person = Person(number, Name(f"p{number}"), is_account=account)
    person.role = role
    return person


def fill(shares: Shares, person: Person, network: str | None, most: int) -> int:
    """Make rooms as long as that goes, at most so many; return how many."""
    for count in range(most):
        try:
            shares.check(person, network)
        except TooMany:
            return count
        shares.add(makers_of(person, network))
    return most


def filled(*makers: tuple[int, Role, str | None]) -> tuple[Shares, list[int]]:
    """Let these people make all the rooms they can, one behind the other."""
    shares = Shares(ServerSettings(**SETTINGS))
    shares.add(())  # #all
    made = [
        fill(shares, somebody(number, role), network, 1000)
        for number, role, network in makers
    ]
    return shares, made


GUEST, MEMBER, OWNER = Role.GUEST, Role.MEMBER, Role.OWNER


@pytest.mark.parametrize(
    ("makers", "made"),
    [
        ([(1, GUEST, "a")], [PERSON]),
        ([(1, GUEST, "a"), (2, GUEST, "a"), (3, GUEST, "a")], [PERSON, 2, 0]),
        ([(1, GUEST, None), (2, GUEST, None)], [PERSON, 2]),
        ([(1, GUEST, "a"), (2, GUEST, "b"), (3, GUEST, "c")], [PERSON, 4, 0]),
        ([(1, MEMBER, "a"), (2, MEMBER, "a"), (3, MEMBER, "a")], [PERSON, PERSON, 10]),
        ([(1, MEMBER, "a"), (2, MEMBER, "a"), (3, GUEST, "b")], [PERSON, PERSON, 7]),
        ([(n, MEMBER, "a") for n in range(1, 6)], [PERSON, PERSON, 10, 10, 10]),
    ],
)
def test_each_makes_no_more_than_their_share(
    makers: list[tuple[int, Role, str | None]], made: list[int]
) -> None:
    shares, found = filled(*makers)
    assert found == made
    assert fill(shares, somebody(98, MEMBER), "a", 10) == 10
    assert fill(shares, somebody(99, OWNER), "a", 1000) == PERSON


def test_rooms_that_have_ended_count_no_more() -> None:
    shares, (made,) = filled((1, GUEST, "a"))
    for _ in range(made):
        shares.remove(makers_of(somebody(1, GUEST), "a"))
    assert (
        fill(
            shares,
            somebody(
                2,
                GUEST,
            ),
            "a",
            1000,
        )
        == PERSON
    )


def test_limits_of_zero_are_none() -> None:
    none: dict[str, Any] = dict.fromkeys(SETTINGS, 0)
    shares = Shares(ServerSettings(**none))
    assert fill(shares, somebody(1, GUEST), "a", 500) == 500


# ------------------------------------------------------------------- in a hub


def makes_rooms(one: Somebody, name: str) -> int:
    """Make rooms and leave them, until that is refused with 429; return how many."""
    for count in range(1000):
        room = f"#{name}{count}"
        told = one.says(JoinRoom(room))
        if not carried_out(told):
            assert code(told) == 429
            return count
        one.says(LeaveRoom(room))
    return 1000


@pytest.mark.parametrize("restarts", [False, True])
def test_guests_leave_room_for_accounts_and_the_owner(
    world: KeptWorld, restarts: bool
) -> None:
    world.close()
    world = KeptWorld(world.folder.with_name("own"), **SETTINGS)
    for number in range(6):
        makes_rooms(world.guest(f"guest{number}", "d"), f"g{number}x")
    ranked(world, "member")
    ranked(world, "owner", Role.OWNER)
    if restarts:
        world = world.restarted()
    assert makes_rooms(world.guest("another"), "a") <= 2
    assert makes_rooms(world.signed_in("member"), "m") >= 10
    assert makes_rooms(world.signed_in("owner"), "o") == PERSON
    world.close()


def test_names_of_one_address_push_out_their_own_only() -> None:
    world = World(kept_guests_per_address=3)
    far = world.newcomer("192.0.2.9")
    far.sign_in("far", "d")
    far.goes()
    for number in range(10):
        one = world.newcomer("192.0.2.1")
        one.sign_in(f"g{number}", "d")
        one.goes()
    waiting = [f"g{n}" for n in range(10) if world.hub.people.find(f"g{n}")]
    assert waiting == ["g7", "g8", "g9"]
    assert world.hub.people.find("far")


def test_who_is_here_is_pushed_out_by_nobody() -> None:
    world = World(kept_guests_per_address=2)
    here = world.guest("here", "d")
    for number in range(5):
        world.guest(f"g{number}", "d").goes()
    back = world.guest("g4", "d")
    for number in range(5, 9):
        world.guest(f"g{number}", "d").goes()
    for one, name in ((here, "here"), (back, "g4")):
        assert not one.session.ended
        assert world.hub.people.find(name)


def test_everybody_waits_where_there_is_no_limit() -> None:
    people = People(900.0)
    for number in range(1, 500):
        guest = somebody(number, GUEST)
        people.add(guest)
        assert people.keep_from(None, guest, 900.0) is None
    assert len(people.overdue(900.0, 1000)) == 499
