"""Course clients that own an open account: what was not yet written is sent again."""

import pytest

from server.events import DeleteAccount, SignIn
from unit_tests.server.fed import Recorder, texts
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, code


def plain(world: World, name: str, reads: bool = True) -> Recorder:
    """Return somebody with a plain presence, as course clients send it."""
    somebody = Recorder(world, "plain", "127.0.0.1")
    somebody.reads = reads
    somebody.starts(SignIn(name))
    world.end_turn()
    return somebody


@pytest.fixture
def open_account(world: KeptWorld) -> Somebody:
    """Alice is here; carl has an open account and was never here."""
    world.account("carl", None)
    return world.guest("alice", "d1")


def test_an_open_account_is_sent_what_it_was_not_yet_written(
    world: KeptWorld, open_account: Somebody
) -> None:
    open_account.sends("carl", "one", "two")
    open_account.sends("#all", "three")
    assert texts(plain(world, "carl").takes()) == ["one", "two", "three"]


def test_what_was_written_is_not_sent_again(
    world: KeptWorld, open_account: Somebody
) -> None:
    open_account.sends("carl", "one")
    carl = plain(world, "carl")
    open_account.sends("carl", "live")
    carl.goes()
    open_account.sends("carl", "away")
    carl = plain(world, "carl")
    assert texts(carl.takes()) == ["away"]


def test_what_was_owed_when_the_connection_broke_is_sent_again(
    world: KeptWorld, open_account: Somebody
) -> None:
    open_account.sends("carl", "one", "two", "three")
    carl = plain(world, "carl")
    del carl.told[2:]  # all that the socket took: the answer and the first message
    carl.goes()
    assert texts(plain(world, "carl").takes()) == ["two", "three"]


def test_it_is_at_least_once_over_a_kill(
    world: KeptWorld, open_account: Somebody
) -> None:
    open_account.sends("carl", "one")
    plain(world, "carl")
    world.pass_time(1)  # once a second it is written down
    open_account.sends("carl", "two")
    again = world.killed()
    try:
        assert texts(plain(again, "carl").takes()) == ["two"]
    finally:
        again.close()


def test_one_s_own_words_do_not_come_back_to_a_plain_presence(
    world: KeptWorld, open_account: Somebody
) -> None:
    carl = plain(world, "carl")
    carl.sends("alice", "mine")
    carl.sends("#all", "mine too")
    carl.goes()
    open_account.sends("carl", "yours")
    assert texts(plain(world, "carl").takes()) == ["yours"]


def test_what_another_device_of_the_account_said_comes_too(
    world: KeptWorld, open_account: Somebody
) -> None:
    desk = world.signed_in("carl", "desk")
    desk.sends("alice", "from the desk")
    assert texts(plain(world, "carl").takes()) == ["from the desk"]


def test_two_plain_presences_of_one_account_both_hear_what_comes(
    world: KeptWorld, open_account: Somebody
) -> None:
    first, second = plain(world, "carl"), plain(world, "carl")
    open_account.sends("carl", "hi")
    assert texts(first.takes()) == texts(second.takes()) == ["hi"]
    first.goes()
    assert not second.session.ended


def test_pages_for_a_plain_presence_fit_its_queue(
    world: KeptWorld, open_account: Somebody
) -> None:
    open_account.sends("carl", *map(str, range(100)))
    carl = plain(world, "carl", reads=False)
    sizes = []
    while world.hub.feeder.sessions or carl.told:
        sizes.append(len(texts(carl.takes())))
        carl.session.hungry = True
        world.end_turn()
    assert sizes == [32, 32, 32, 4]


def test_a_guest_s_plain_presence_gets_only_what_is_said_while_it_is_here(
    world: KeptWorld,
) -> None:
    alice = world.guest("alice")
    alice.sends("#all", "before")
    guest = plain(world, "carl")
    alice.sends("#all", "live")
    assert texts(guest.takes()) == ["live"]


def test_a_given_up_open_account_leaves_nothing_to_feed(
    world: KeptWorld, open_account: Somebody
) -> None:
    carl = plain(world, "carl", reads=False)
    open_account.sends("carl", *map(str, range(100)))
    carl.says(DeleteAccount())
    assert not world.hub.feeder.sessions
    world.pass_time(1)
    assert code(open_account.sends("carl", "x")) == 404
    assert texts(plain(world, "carl").takes()) == []
