"""What a dialect answers by itself stands in its place among the hub's answers."""

from common.names import ALL
from server.events import Accepted, Aside, Refused, Said, SignIn
from unit_tests.server.people_of_a_hub import World


def test_an_aside_is_told_between_the_answers_to_what_stood_around_it() -> None:
    alice = World().guest("alice")
    told = alice.says(Said(ALL, ["one"]), Aside("nothing"), Said("nobody", ["two"]))
    assert [type(one) for one in told] == [Accepted, Aside, Refused]
    assert told[1] == Aside("nothing")


def test_it_needs_no_sign_in_and_nobody_else_hears_it() -> None:
    world = World()
    alice, stranger = world.guest("alice"), world.newcomer()
    assert stranger.says(Aside("who?"), SignIn("bob"))[0] == Aside("who?")
    assert alice.takes() == []
