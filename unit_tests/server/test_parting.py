"""How a session ends, and what is left of its person."""

from common.roles import Role
from server.events import InviteToRoom, JoinRoom, Quitting, SetAccess, SetProfile
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import World
from unit_tests.server.people_of_rank import inside, person, ranked, room


def test_of_a_guest_without_a_device_nothing_is_left(world: KeptWorld) -> None:
    host = ranked(world, "host", Role.MEMBER)
    inside("#r", host)
    host.says(SetAccess("#r", "invited"))
    bob = world.guest("bob")
    host.says(InviteToRoom("#r", "bob"))
    bob.says(JoinRoom("#r"))
    assert len(room(world, "#r").permits) == 2
    bob.says(Quitting())
    assert [one.name for one in room(world, "#r").members] == ["host"]
    assert room(world, "#r").permits == {person(world, "host").number}
    assert world.is_free("bob")


def test_a_guest_with_a_device_is_kept_in_its_rooms() -> None:
    world = World()
    bob = world.guest("bob", "d1")
    inside("#r", bob)
    bob.goes()
    assert [one.name for one in room(world, "#r").members] == ["bob"]
    assert not world.is_free("bob")


def test_of_those_who_left_together_not_all_are_forgotten_in_one_moment() -> None:
    """Ten thousand would hold the loop for a second."""
    world = World()
    guests = [world.guest(f"g{at}", f"d{at}") for at in range(250)]
    for at, guest in enumerate(guests):
        if at % 2:
            inside(f"#r{at}", guest)
        guest.goes()
    world.pass_time(900)
    assert len(world.hub.people.by_number) == 50
    world.pass_time(1)
    assert not world.hub.people.by_number


def test_who_is_gone_is_not_away(world: KeptWorld) -> None:
    bob = ranked(world, "bob")
    bob.says(SetProfile(away=True))
    assert person(world, "bob").away
    bob.goes()
    assert not person(world, "bob").away
    assert person(world, "bob").seen == world.wall


def test_an_account_is_here_until_its_last_session_has_gone(world: KeptWorld) -> None:
    first = ranked(world, "bob")
    second = world.signed_in("bob", "d1")
    first.goes()
    assert person(world, "bob").is_here
    second.goes()
    assert not person(world, "bob").is_here
