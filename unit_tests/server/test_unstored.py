"""A disk that can't take a turn: refused, received by nobody, and over when it is over.

The disk is full or read-only by limits of SQLite's own; another program holds the
database as it really would.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from common.names import Secret
from errors import NotStored, StoreFailed
from server.events import (
    Accepted,
    AskHistory,
    Authenticate,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Delivery,
    Duplicate,
    Event,
    HasReceived,
    JoinRoom,
    ListRooms,
    MessageList,
    Outgoing,
    Receipt,
    Refused,
    Register,
    Registered,
    RoomList,
    Said,
    SignIn,
    Welcome,
)
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, code, ids, occupied, only

# Longer than a page of the database: there is no room for it on the last one.
LONG = "x" * 10_000


@contextmanager
def disk_full(world: KeptWorld) -> Iterator[None]:
    world.fill_disk()
    yield
    world.free_disk()


@contextmanager
def read_only(world: KeptWorld) -> Iterator[None]:
    world.end_turn()
    world.set_read_only(read_only=True)
    yield
    world.set_read_only(read_only=False)


@contextmanager
def locked(world: KeptWorld) -> Iterator[None]:
    other = world.other_program()
    yield
    other.close()


TROUBLES = pytest.mark.parametrize("trouble", [disk_full, read_only, locked])
#: A full disk may still have room for a few small rows; here nothing can be written.
STUCK = pytest.mark.parametrize("trouble", [read_only, locked])
Trouble = Callable[[KeptWorld], AbstractContextManager[None]]


def refusals(told: list[Outgoing]) -> list[int | None]:
    """Return the numbers of what the disk did not take; nothing else was told."""
    for one in told:
        assert isinstance(one, Refused), told
        assert isinstance(one.error, NotStored)
        assert one.error.code == 500
        assert "try again later" in str(one.error)
    return [one.request for one in told if isinstance(one, Refused)]


# ------------------------------------------------------ a turn that is not stored


@TROUBLES
def test_the_sender_gets_500_and_nobody_receives(
    world: KeptWorld, trouble: Trouble
) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    carol = world.guest("carol")
    with trouble(world):
        assert refusals(alice.sends("bob", LONG, "b", numbers=[1, 2])) == [1, 2]
        assert refusals(carol.sends("#all", LONG, "d")) == [None, None]
        assert bob.takes() == []
    assert alice.takes() == []


def test_the_reason_is_said(world: KeptWorld) -> None:
    alice = world.guest("alice")
    with disk_full(world):
        (one,) = alice.sends("#all", LONG)
        assert isinstance(one, Refused)
        assert "disk is full; nothing was sent" in str(one.error)
    with locked(world):
        (one,) = alice.sends("#all", LONG)
        assert isinstance(one, Refused)
        assert "another program holds the server's database" in str(one.error)


@TROUBLES
def test_the_next_turn_recovers_by_itself(world: KeptWorld, trouble: Trouble) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    with trouble(world):
        for number in (1, 2):
            refusals(alice.sends("bob", LONG, numbers=[number]))
    told = alice.sends("bob", "through", numbers=[3])
    assert only(told, Accepted).numbers == [3]
    assert bob.hears() == [("alice", "bob", "through")]
    found = only(bob.asks(AskHistory("alice")), MessageList)
    assert [entry.text for entry in found.entries] == ["through"]


@TROUBLES
def test_what_was_refused_is_settled_as_refused(
    world: KeptWorld, trouble: Trouble
) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    alice.sends("bob", "stored", numbers=[1])
    with trouble(world):
        refusals(alice.sends("bob", LONG, LONG, numbers=[2, 3]))
        # As long as the disk is full, and afterwards.
        assert code(alice.sends("bob", LONG, numbers=[2])) == 409
    assert code(alice.sends("bob", LONG, numbers=[3])) == 409
    alice.sends("bob", "stored too", numbers=[4])
    bob.takes()
    alice.goes()
    again = world.killed()
    try:
        back = again.newcomer()
        back.sign_in("alice", "d1")
        welcome = only(back.takes(), Welcome)
        assert (welcome.device_seq, welcome.refused) == (4, [2, 3])
        assert back.sends("bob", "x", numbers=[4]) == [Duplicate(4, None)]
        assert code(back.sends("bob", "x", numbers=[2])) == 409
    finally:
        again.close()


def test_in_one_turn_a_repetition_of_what_is_not_stored_is_refused_too(
    world: KeptWorld,
) -> None:
    alice = world.guest("alice", "d1")
    with disk_full(world):
        alice.starts(Said("#all", [LONG], [1]), Said("#all", [LONG], [1]))
        world.end_turn()
        assert refusals(alice.takes()) == [1, 1]


def test_what_else_was_answered_in_that_turn_stands(world: KeptWorld) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob")
    with disk_full(world):
        told = alice.says(
            ListRooms(1),
            Said("bob", [LONG], [2]),
            Said("nobody", ["x"], [3]),
            ListRooms(4),
        )
        assert isinstance(told[0], RoomList)
        assert refusals([told[1]]) == [2]
        assert isinstance(told[2], Refused)
        assert told[2].error.code == 404
        assert isinstance(told[3], RoomList)
    assert bob.takes() == []


def test_who_left_in_that_turn_is_no_matter(world: KeptWorld) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d1")
    with disk_full(world):
        alice.starts(Said("bob", [LONG], [1]))
        world.hub.lost(alice.session, alice.session.log_label, world.now)
        world.end_turn()
    world.pass_time(1)
    back = world.newcomer()
    back.sign_in("alice", "d1")
    welcome = only(back.takes(), Welcome)
    assert (welcome.device_seq, welcome.refused) == (1, [1])
    assert bob.hears() == []


def test_no_receipt_is_told_of_what_was_not_stored(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    with disk_full(world):
        refusals(alice.sends("bob", LONG))
    world.guest("carol").sends("#all", "x", "y", "z")
    alice.takes()
    bob.says(HasReceived(world.store.last_id))
    assert not any(isinstance(one, Receipt) for one in alice.takes())


# --------------------------------------- no id is told that is not stored, or lost


def test_no_id_is_told_that_is_not_stored(world: KeptWorld) -> None:
    alice = world.guest("alice")
    alice.sends("#all", "stored")
    with disk_full(world):
        refusals(alice.sends("#all", *[LONG] * 5))
        newcomer = world.newcomer()
        newcomer.sign_in("early", "d1")
        assert code(newcomer.takes()) == 500
        alice.says(SignIn("alice", request=7))
        assert world.hub.last_id == 1
    world.pass_time(1)
    newcomer = world.newcomer()
    newcomer.sign_in("late", "d1", 0)
    assert only(newcomer.takes(), Welcome).last_id == 1
    assert newcomer.caught_up == world.store.last_id == 1
    assert code(newcomer.says(HasReceived(2))) == 400


def test_who_signs_in_in_that_very_turn_is_told_what_is_stored(
    world: KeptWorld,
) -> None:
    alice = world.guest("alice")
    alice.sends("#all", "stored")
    newcomer = world.newcomer()
    with disk_full(world):
        alice.starts(Said("#all", [LONG]))
        newcomer.sign_in("bob", "d1")
        assert only(newcomer.takes(), Welcome).last_id == 1
        assert newcomer.caught_up == 1


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_who_caught_up_after_it_misses_nothing_after_a_restart(
    world: KeptWorld, how: str
) -> None:
    # Ids that were given and not stored are given again by the next start.
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d1")
    alice.sends("#all", "stored")
    with disk_full(world):
        refusals(alice.sends("#all", *[LONG] * 5))
    bob = world.guest("bob", "d1")
    bob.says(JoinRoom("#r"))
    alice.says(JoinRoom("#r"))
    has = bob.caught_up
    bob.goes()
    again = world.killed() if how == "killed" else world.restarted()
    try:
        alice = again.guest("alice", "d1")
        alice.sends("#r", "one", "two")
        alice.sends("bob", "three")
        back = again.newcomer()
        back.sign_in("bob", "d1", has)
        assert [text for _, _, text in back.hears()] == ["one", "two", "three"]
    finally:
        again.close()


def test_ids_ascend_over_the_gap(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    before = ids(alice.sends("bob", "a"))
    with disk_full(world):
        refusals(alice.sends("bob", LONG))
    after = ids(alice.sends("bob", "b"))
    assert after > before
    assert ids(bob.takes()) == before + after


# ------------------------------------------------------ everything but messages


@STUCK
def test_who_comes_meanwhile_is_fed_when_the_disk_is_well(
    world: KeptWorld, trouble: Trouble
) -> None:
    world.guest("bob", "d1").goes()
    alice = world.guest("alice")
    alice.sends("bob", "waiting")
    with trouble(world):
        bob = world.newcomer()
        bob.sign_in("bob", "d1", 0)
        told = bob.takes()
        if isinstance(told[0], Refused):  # it could not even be looked up
            assert code(told) == 500
            bob.goes()
        else:
            only(told, Welcome)
            assert bob.caught_up is None
            # Nor does the loop turn and turn until then.
            assert not world.hub.feeder.is_wanted
    if bob.session.ended:
        bob = world.newcomer()
        bob.sign_in("bob", "d1", 0)
        bob.told = bob.told[1:]
    world.pass_time(1)
    assert bob.hears() == [("alice", "bob", "waiting")]
    assert bob.caught_up == 1


@STUCK
def test_what_waits_is_written_when_the_disk_is_well(
    world: KeptWorld, trouble: Trouble
) -> None:
    alice = world.guest("alice", "d1")
    with trouble(world):
        # Told to be unsure, because a crash would forget it; yet it is tried again.
        assert code(alice.says(JoinRoom("#r", 1))) == 500
    world.pass_time(1)
    again = world.killed()
    try:
        back = again.guest("alice", "d1")
        assert isinstance(back.sends("#r", "x")[0], Accepted)
    finally:
        again.close()


@STUCK
def test_a_name_that_could_not_be_taken_stays_free(
    world: KeptWorld, trouble: Trouble
) -> None:
    with trouble(world):
        newcomer = world.newcomer()
        newcomer.sign_in("alice", "d1")
        taken = isinstance(newcomer.told[0], Welcome)
        newcomer.goes()
    world.pass_time(1)
    alice = world.newcomer()
    alice.sign_in("alice", "d1" if taken else "d2")
    assert isinstance(alice.told[0], Welcome)


@STUCK
def test_an_account_that_could_not_be_made_leaves_the_name_free(
    world: KeptWorld, trouble: Trouble
) -> None:
    with trouble(world):
        assert code(world.newcomer().asks(Register("alice", request=4))) == 500
        assert code(world.newcomer().asks(Register("bob", PASSWORD))) == 500
    for name in ("alice", "bob"):
        assert world.is_free(name)
        assert isinstance(world.newcomer().says(Register(name))[0], Registered)


@STUCK
def test_a_guest_that_could_not_register_stays_a_guest(
    world: KeptWorld, trouble: Trouble
) -> None:
    alice = world.guest("alice", "d1")
    with trouble(world):
        assert code(alice.asks(Register("alice", PASSWORD, 5))) == 500
    assert only(alice.says(SignIn("alice")), Welcome).guest
    only(alice.asks(Register("alice", PASSWORD)), Registered)


@pytest.mark.parametrize(
    "event",
    [
        CreateToken(3),
        ChangePassword(PASSWORD, Secret("another horse"), 3),
        DeleteAccount(PASSWORD, 3),
    ],
)
def test_what_could_not_be_changed_is_as_before(world: KeptWorld, event: Event) -> None:
    token = world.account("alice")
    alice, desk = (
        world.signed_in("alice", "d1", token),
        world.signed_in("alice", "d2", token),
    )
    with locked(world):
        answer = only(alice.asks(event), Refused)
        assert (answer.error.code, answer.request) == (500, 3)
        assert "nothing was changed" in str(answer.error)
    assert not alice.session.ended
    assert not desk.session.ended
    world.signed_in("alice", "d3", token)
    again = world.newcomer()
    again.authenticate("alice", PASSWORD)
    assert isinstance(again.told[0], Welcome)


def test_who_can_not_be_let_in_now_has_not_guessed(world: KeptWorld) -> None:
    token = world.account("alice")
    with locked(world):
        for number in range(12):
            somebody = world.newcomer()
            # Something waits to be written, so that nothing can be looked up.
            world.store.note_device(number, 1.0)
            somebody.authenticate("alice", token=token, device=f"d{number}")
            assert code(somebody.takes()) == 500
    world.signed_in("alice", "d1", token)


def test_a_database_that_can_not_be_read_costs_no_guess(world: KeptWorld) -> None:
    token = world.account("alice")
    world.hub.reader.close()
    for _ in range(12):
        somebody = world.newcomer()
        assert code(somebody.asks(Authenticate("alice", PASSWORD))) == 500
    world.signed_in("alice", "d1", token)


# ----------------------------------------------- nobody can know what is stored


@pytest.fixture
def doomed(world: KeptWorld) -> Iterator[KeptWorld]:
    yield world
    world.abandon()


def test_where_nobody_can_know_nothing_is_told_to_anybody(doomed: KeptWorld) -> None:
    alice, bob = doomed.guest("alice", "d1"), doomed.guest("bob")
    doomed.folder.joinpath("messenger.db").rename(doomed.folder / "moved")
    alice.starts(Said("bob", ["hi"], [1]), ListRooms())
    bob.starts(ListRooms())
    with pytest.raises(StoreFailed) as caught:
        doomed.end_turn()
    assert caught.value.exit_code == 74
    assert "was removed or replaced" in str(caught.value)
    assert (alice.told, bob.told) == ([], [])
    # And never again, whatever is tried.
    for _ in range(3):
        with pytest.raises(StoreFailed):
            doomed.end_turn()
            alice.starts(Said("bob", ["hi"], [2]))
            doomed.end_turn()
    with pytest.raises(StoreFailed):
        doomed.hub.close()
    assert (alice.told, bob.told) == ([], [])


@pytest.mark.parametrize("file", ["messenger.db", "messenger.db-wal"])
def test_a_file_that_is_gone_ends_an_account_s_request_too(
    doomed: KeptWorld, file: str
) -> None:
    (doomed.folder / file).unlink()
    newcomer = doomed.newcomer()
    with pytest.raises(StoreFailed):
        newcomer.starts(Register("alice"))
    assert newcomer.told == []


def test_a_worker_s_answer_ends_the_server_where_the_store_has_failed(
    doomed: KeptWorld,
) -> None:
    newcomer = doomed.newcomer()
    newcomer.says(Register("alice", PASSWORD))
    (doomed.folder / "messenger.db").unlink()
    with pytest.raises(StoreFailed):
        doomed.let_workers_finish()
    assert newcomer.told == []


# ------------------------------------------------------------------- at random


def test_under_load_with_a_disk_full_now_and_then_all_that_was_told_is_true(
    world: KeptWorld,
) -> None:
    chance = random.Random(11)
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d1")
    stored: dict[int, str] = {}
    refused: set[int] = set()
    heard: list[str] = []
    number, full = 0, False
    for _ in range(150):
        if chance.random() < 0.2:
            full = not full
            (world.fill_disk if full else world.free_disk)()
        count = chance.randrange(1, 4)
        texts = [
            f"{number + at} {chance.choice(['', LONG])}" for at in range(1, count + 1)
        ]
        numbers = list(range(number + 1, number + count + 1))
        number += count
        for one in alice.sends("bob", *texts, numbers=numbers):
            if isinstance(one, Accepted):
                for given, text in zip(numbers, texts, strict=True):
                    stored[given] = text
            else:
                assert isinstance(one, Refused)
                assert one.request is not None
                refused.add(one.request)
        heard += [text for _, _, text in bob.hears()]
        if chance.random() < 0.1:
            bob.goes()
            bob = world.newcomer()
            bob.sign_in("bob", "d1", max(world.store.last_id, 0))
            heard += [text for _, _, text in bob.hears()]
        if chance.random() < 0.1:
            world.pass_time(1)
    assert stored
    assert refused
    assert heard == list(stored.values())
    assert set(stored) | refused == set(range(1, number + 1))
    again = world.killed()
    try:
        again.free_disk()
        back = again.newcomer()
        back.sign_in("alice", "d1")
        welcome = only(back.takes(), Welcome)
        assert welcome.refused == sorted(refused)
        found = only(back.asks(AskHistory("bob")), MessageList)
        assert [entry.text for entry in found.entries] == heard
        assert [entry.number for entry in found.entries] == sorted(stored)
    finally:
        again.close()


def test_what_waited_behind_a_request_that_nobody_takes_is_stored_before_it_is_told(
    world: KeptWorld,
) -> None:
    alice, bob = world.guest("alice", "d1"), world.guest("bob", "d2")
    alice.sends("bob", "hello")
    bob.takes()
    with occupied(world.crew.reading, 1, full=True):
        alice.starts(
            Said("bob", ["one"], [4]),
            AskHistory("bob", request=5),
            Said("bob", ["two"], [6]),
        )
        world.hub.wall = world.wall
        told = [one for session in world.hub.end_turn() for one in session.outbox]
    deliveries = [one for one in told if isinstance(one, Delivery)]
    assert [one.texts for one in deliveries] == [["one"], ["two"]]
    assert {one.time for one in deliveries} == {world.wall}
    assert world.store.last_id == max(one.first_id for one in deliveries)


def test_who_comes_back_in_the_turn_that_fails_hears_what_was_refused(
    world: KeptWorld,
) -> None:
    alice = world.guest("alice", "d1")
    world.guest("bob", "d2")
    with disk_full(world):
        alice.starts(Said("bob", [LONG], [1]))
        back = world.newcomer()
        back.sign_in("alice", "d1", 0)
        welcome = only(back.takes(), Welcome)
    assert (welcome.device_seq, welcome.refused) == (1, [1])
