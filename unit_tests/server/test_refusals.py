"""What is refused is answered, settled, and noted where it has to be."""

from errors import NotAllowed
from server.events import Kick, ListRooms, Refused, Said, SignIn
from server.refusals import refuse
from unit_tests.server.people_of_a_hub import World, only
from unit_tests.server.people_of_rank import audited

NO = NotAllowed("no")


def test_the_answer_has_the_number_of_the_request() -> None:
    world = World()
    bob = world.guest("bob")
    refuse(world.hub, bob.session, ListRooms(5), NO)
    world.end_turn()
    assert only(bob.takes(), Refused) == Refused(NO, 5)


def test_each_message_of_a_stretch_is_answered_and_settled() -> None:
    world = World()
    bob = world.guest("bob", "d1")
    refuse(world.hub, bob.session, Said("#all", ["a", "b"], [3, 4]), NO)
    world.end_turn()
    assert bob.takes() == [Refused(NO, 3), Refused(NO, 4)]
    assert bob.session.device is not None
    assert bob.session.device.refused() == [3, 4]


def test_messages_and_lists_are_no_matter_for_the_audit_log() -> None:
    world = World()
    bob = world.guest("bob")
    for event in (Said("#all", ["a"]), ListRooms()):
        refuse(world.hub, bob.session, event, NO)
    assert audited(world) == []


def test_of_who_has_not_signed_in_only_a_known_name_is_noted() -> None:
    world = World()
    world.guest("bob")
    world.end_turn()
    stranger = world.newcomer("192.0.2.7")
    for event, who in (
        (SignIn("Bob"), "bob"),
        (SignIn("hunter2"), ""),
        (Kick("bob"), ""),  # it is not bob who asks
    ):
        refuse(world.hub, stranger.session, event, NO)
        what, name, _, where, how = audited(world)[-1]
        assert (what, name, where) == ("refused", who, "192.0.2.7")
        assert how == f"{type(event).__name__}: 403 NotAllowed"
