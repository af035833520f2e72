"""Who hears of what others do."""

from common.names import Name, RoomName
from server.events import Block, Outgoing, RoomChanged, Ruling
from server.handlers.telling import listeners, tell_change, tell_ruling
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import World
from unit_tests.server.people_of_rank import inside, person, room


def test_who_has_blocked_one_of_those_it_is_about_does_not_listen() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    world.guest("carl")
    alice.says(Block("carl"))
    people = [person(world, name) for name in ("alice", "bob", "carl")]
    assert listeners(people[:2], people[2]) == [bob.session]
    assert listeners(people[:2], people[1], people[2]) == [bob.session]
    assert listeners(people[:2]) == [alice.session, bob.session]


def told(*outboxes: list[Outgoing]) -> list[int]:
    return [len(outbox) for outbox in outboxes]


def test_a_ruling_is_told_to_whom_it_concerns_and_to_the_others_of_the_room() -> None:
    world = World()
    by, target, other = (world.guest(name) for name in ("by", "target", "other"))
    away = world.guest("away")
    inside("#r", by, target, other)
    ruling = Ruling("mute", Name("target"), RoomName("#r"), Name("by"))
    one, whom = person(world, "by"), person(world, "target")
    tell_ruling(world.hub, ruling, one, whom, room(world, "#r"))
    world.end_turn()
    everybody = (by, target, other, away)
    assert told(*(each.takes() for each in everybody)) == [0, 1, 1, 0]
    tell_ruling(world.hub, ruling, one, whom, None)
    world.end_turn()
    assert told(*(each.takes() for each in everybody)) == [0, 1, 0, 0]
    tell_ruling(world.hub, ruling, one, None, room(world, "#r"))
    world.end_turn()
    assert told(*(each.takes() for each in everybody)) == [0, 1, 1, 0]


def test_of_whom_one_has_blocked_one_hears_only_what_they_do_to_one_where_one_is() -> (
    None
):
    world = World()
    by, target = world.guest("by"), world.guest("target")
    inside("#r", by)
    target.says(Block("by"))
    ruling = Ruling("ban", Name("target"), RoomName("#r"), Name("by"))
    one, whom, where = person(world, "by"), person(world, "target"), room(world, "#r")
    tell_ruling(world.hub, ruling, one, whom, where)
    world.end_turn()
    assert target.takes() == []
    tell_ruling(world.hub, ruling, one, whom, None)
    world.end_turn()
    assert target.takes() == [ruling]
    inside("#r", target)
    tell_ruling(world.hub, ruling, one, whom, where)
    world.end_turn()
    assert target.takes() == [ruling]


def test_who_still_gets_what_they_missed_hears_what_is_done_to_them(
    world: KeptWorld,
) -> None:
    by = world.guest("by")
    token = world.account("target")
    for _ in range(2):
        by.sends("#all", *["news"] * 128)
    target = world.newcomer()
    target.reads = False
    target.authenticate("target", token=token, device="d1", since=0)
    assert person(world, "target").fed == [target.session]
    target.takes()
    ruling = Ruling("role", Name("target"), None, Name("by"), role="moderator")
    tell_ruling(world.hub, ruling, person(world, "by"), person(world, "target"), None)
    world.end_turn()
    assert target.takes() == [ruling]


def test_the_words_of_whom_one_has_blocked_come_by_no_other_way_either() -> None:
    world = World()
    by, target = world.guest("by"), world.guest("target")
    inside("#r", by, target)
    target.says(Block("by"))
    one, whom, where = person(world, "by"), person(world, "target"), room(world, "#r")
    ruling = Ruling("mute", whom.name, where.name, one.name, "some words")
    tell_ruling(world.hub, ruling, one, whom, where)
    closed = RoomChanged(where.name, one.name, access="invited")
    for change in (RoomChanged(where.name, one.name, topic="some words"), closed):
        tell_change(world.hub, where, change, one)
    world.end_turn()
    wordless = Ruling("mute", whom.name, where.name, one.name)
    assert target.takes() == [wordless, closed]


def test_a_change_of_a_room_is_told_to_all_in_it_however_many() -> None:
    world = World()
    people = [world.guest(f"p{at}") for at in range(105)]
    change = RoomChanged(RoomName("#all"), Name("p0"), topic="tea")
    tell_change(world.hub, world.hub.rooms.all, change, person(world, "p0"))
    world.end_turn()
    assert all(one.takes() == [change] for one in people)
