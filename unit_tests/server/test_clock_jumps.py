"""A clock that is 400 days ahead for a minute takes nothing from anybody."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from common.roles import Role
from server.events import MakeInvite, Sanction
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, Somebody
from unit_tests.server.people_of_rank import person, ranked

DAY = 86400.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[KeptWorld]:
    """Give a world that keeps messages for 30 days, devices and names as ever."""
    world = KeptWorld(tmp_path / "data", keep_days=30.0)
    yield world
    world.close()


def prune(world: KeptWorld) -> None:
    """Let a round of deletions pass."""
    for _ in range(20):
        world.hub.retention.step(world.now, world.hub.clock.sure)


def pass_a_minute(world: KeptWorld) -> None:
    for _ in range(6):
        world.pass_time(10)
        prune(world)


def while_it_runs(world: KeptWorld) -> KeptWorld:
    """Be wrong for a minute, and then right again."""
    world.wall += 400 * DAY
    pass_a_minute(world)
    world.wall -= 400 * DAY
    pass_a_minute(world)
    return world


def over_starts(world: KeptWorld) -> KeptWorld:
    """Be wrong at two starts, one behind the other, and right at the next."""
    world.wall += 400 * DAY
    for _ in range(2):
        world = world.restarted()
        pass_a_minute(world)
    world.wall -= 400 * DAY
    return world.restarted()


def between_starts(world: KeptWorld) -> KeptWorld:
    """Be wrong at a start and mended while it runs, as a machine without a battery."""
    world.wall += 400 * DAY
    world = world.restarted()
    pass_a_minute(world)
    world.wall -= 400 * DAY
    pass_a_minute(world)
    return world


class Kept(NamedTuple):
    """What makes a thing, and what tells of it: the same before and after."""

    make: Callable[[KeptWorld, Somebody], object]
    look: Callable[[KeptWorld], Any]


def say_something_old(world: KeptWorld, owner: Somebody) -> None:
    owner.sends("#all", "of a month ago")
    world.pass_time(29 * DAY)
    owner.sends("#all", "of today")


def texts(world: KeptWorld) -> list[str]:
    room = world.hub.rooms.all.conversation
    return [row.text for row in world.hub.reader.history(room, None, None, 9)[0]]


def ban_and_mute(world: KeptWorld, owner: Somebody) -> None:
    for name in ("mallory", "mary"):
        world.account(name, None)
    owner.says(Sanction("ban", "mallory", seconds=7200.0))
    owner.says(Sanction("mute", "mary", seconds=7200.0))


def rulings(world: KeptWorld) -> list[tuple[str, str, float | None]]:
    return [(one.kind, one.name, one.until) for one in world.hub.sanctions.all()]


def keep_a_guest(world: KeptWorld, owner: Somebody) -> None:
    world.guest("gus", "his device").goes()


TABLE = {
    "messages": Kept(say_something_old, texts),
    "devices": Kept(
        lambda world, owner: world.signed_in("owner", "second").goes(),
        lambda world: [
            (one.device, one.seen)
            for one in world.store.find_devices(person(world, "owner").number)
        ],
    ),
    "tokens": Kept(
        lambda world, owner: world.signed_in(
            "tom", "toms", world.account("tom", PASSWORD)
        ).goes(),
        lambda world: world.store.find_tokens(person(world, "tom").number),
    ),
    "invitations": Kept(
        lambda world, owner: owner.says(MakeInvite(seconds=7200.0)),
        lambda world: world.hub.invites.good(world.hub.wall),
    ),
    "bans and mutes": Kept(ban_and_mute, rulings),
    "a guest's name": Kept(keep_a_guest, lambda world: world.is_free("gus")),
}


@pytest.mark.parametrize("jump", [while_it_runs, over_starts, between_starts])
@pytest.mark.parametrize("what", TABLE)
def test_what_is_kept_is_there_after_a_jump(
    world: KeptWorld, what: str, jump: Callable[[KeptWorld], KeptWorld]
) -> None:
    ranked(world, "owner", Role.OWNER)
    TABLE[what].make(world, world.signed_in("owner", "first"))
    before = TABLE[what].look(world)
    then = jump(world)
    try:
        assert TABLE[what].look(then) == before
    finally:
        then.close()


@pytest.mark.parametrize("what", ["messages", "invitations", "bans and mutes"])
def test_what_is_over_goes_once_an_owner_trusts_the_clock(
    world: KeptWorld, what: str
) -> None:
    ranked(world, "owner", Role.OWNER)
    TABLE[what].make(world, world.signed_in("owner", "first"))
    world.wall += 400 * DAY
    again = world.restarted()
    try:
        pass_a_minute(again)
        again.hub.clock.trust()
        again.signed_in("owner", "first").sends("#all", "the last")
        pass_a_minute(again)
        left = TABLE[what].look(again)
        assert left == (["the last"] if what == "messages" else [])
    finally:
        again.close()


def test_message_times_do_not_go_back(world: KeptWorld) -> None:
    owner = ranked(world, "owner", Role.OWNER)
    for change in (0.0, -7200.0, 0.0, 400 * DAY, -400 * DAY, 60.0, -3.0):
        world.wall += change
        world.pass_time(1)
        owner.sends("#all", f"{change}")
    room = world.hub.rooms.all.conversation
    rows, _ = world.hub.reader.history(room, None, None, 9)
    assert len(rows) == 7
    times = [row.time for row in rows]
    assert times == sorted(times)
    assert times[-1] < 1_700_000_000.0 + DAY
