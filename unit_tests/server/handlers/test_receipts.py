"""Delivered and read: who moved which position, and who is told of it."""

import pytest

from common.names import Secret
from server.events import (
    AskConversations,
    ConversationList,
    DeleteAccount,
    Done,
    HasRead,
    HasReceived,
    JoinRoom,
    Receipt,
    Refused,
    Said,
)
from server.passwords import digest
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import Somebody, World, code, only


def receipts(somebody: Somebody) -> list[tuple[bool, str, str, int]]:
    """Return (read, who, which conversation, message) of the receipts."""
    told = somebody.takes()
    assert all(isinstance(one, Receipt) for one in told), told
    return [
        (one.read, one.reader, one.whom, one.message_id)
        for one in told
        if isinstance(one, Receipt)
    ]


def position(somebody: Somebody) -> int:
    """Return how far the first conversation of somebody's list is read."""
    somebody.takes()
    return only(somebody.asks(AskConversations()), ConversationList).entries[0].read


# ----------------------------------------------------------------- delivered


def test_who_wrote_is_told_that_it_was_received(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "one", "two")
    assert receipts(alice) == []
    assert [one.texts for one in bob.takes() if not isinstance(one, Receipt)]  # type: ignore[union-attr]
    assert bob.says(HasReceived(2)) == []
    assert receipts(alice) == [(False, "bob", "alice", 2)]


def test_an_answer_comes_only_to_who_asks_for_one(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "x")
    alice.says(HasRead("bob", 1))
    bob.takes()
    assert bob.says(HasReceived(1, 5)) == [Done(5)]
    assert bob.says(HasRead("alice", 1, request=6)) == [Done(6)]


def test_written_is_not_delivered(world: KeptWorld) -> None:
    # To have been written to a socket says nothing.
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "x")
    bob.takes()
    bob.goes()
    world.pass_time(5)
    assert alice.takes() == []


def test_only_the_last_message_is_told_and_only_once(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    for _ in range(3):
        alice.sends("bob", "x")
    bob.says(HasReceived(3))
    bob.says(HasReceived(3))
    bob.says(HasReceived(2))
    assert receipts(alice) == [(False, "bob", "alice", 3)]


def test_what_is_not_received_yet_is_told_later(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "one")
    alice.sends("bob", "two")
    bob.says(HasReceived(1))
    assert all(one[3] < 2 for one in receipts(alice))
    bob.says(HasReceived(2))
    assert receipts(alice) == [(False, "bob", "alice", 2)]


def test_each_who_wrote_is_told_of_their_own_message(world: KeptWorld) -> None:
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    alice.sends("bob", "from alice")
    carol.sends("bob", "from carol")
    bob.says(HasReceived(2))
    assert receipts(alice) == [(False, "bob", "alice", 1)]
    assert receipts(carol) == [(False, "bob", "carol", 2)]


def test_of_rooms_no_delivery_is_told(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("#all", "x")
    bob.says(HasReceived(1))
    assert receipts(alice) == []


def test_all_devices_of_who_wrote_are_told(world: KeptWorld) -> None:
    token = world.account("alice")
    phone, desk = (
        world.signed_in("alice", device, token) for device in ("phone", "desk")
    )
    bob = world.guest("bob")
    phone.sends("bob", "x")
    desk.takes()
    bob.says(HasReceived(1))
    for one in (phone, desk):
        assert receipts(one) == [(False, "bob", "alice", 1)]


def test_what_waited_for_somebody_away_is_told_when_it_has_come(
    world: KeptWorld,
) -> None:
    world.guest("bob", "d1").goes()
    alice = world.guest("alice", "d1")
    alice.sends("bob", "x")
    again = world.killed()
    try:
        alice = again.guest("alice", "d1")
        bob = again.newcomer()
        bob.sign_in("bob", "d1", 0)
        assert bob.hears() == [("alice", "bob", "x")]
        bob.says(HasReceived(1))
        assert receipts(alice) == [(False, "bob", "alice", 1)]
    finally:
        again.close()


def test_who_is_gone_for_good_is_told_nothing_and_its_heir_neither(
    world: KeptWorld,
) -> None:
    bob, first = world.guest("bob"), world.guest("carl")
    first.sends("bob", "x")
    first.goes()
    heir = world.guest("carl")
    bob.says(HasReceived(1))
    bob.says(HasRead("carl", 1))
    assert heir.takes() == []


@pytest.mark.parametrize("message_id", [2, 10**6, 2**53 - 1])
def test_a_message_that_is_not_there_yet_is_neither_received_nor_read(
    world: KeptWorld, message_id: int
) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "x")
    bob.takes()
    assert code(bob.says(HasReceived(message_id, 4))) == 400
    assert code(bob.says(HasRead("alice", message_id))) == 400
    assert receipts(alice) == []
    assert position(bob) == 0


def test_a_message_of_the_same_turn_can_be_received(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.starts(Said("bob", ["x"]))
    bob.starts(HasReceived(1))
    world.end_turn()
    alice.takes()
    assert not any(isinstance(one, Refused) for one in bob.takes())


def test_what_a_device_has_received_is_written_down_and_never_goes_back(
    world: KeptWorld,
) -> None:
    alice, bob = world.guest("alice"), world.guest("bob", "d1")
    alice.sends("bob", "1", "2", "3")
    bob.says(HasReceived(3))
    bob.says(HasReceived(1))
    world.pass_time(1)
    person = bob.session.person
    assert person is not None
    row = world.store.find_device(person.number, digest(Secret("d1")))
    assert row is not None
    assert row.received == 3


# ---------------------------------------------------------------------- read


def test_who_wrote_is_told_that_it_was_read(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "x")
    bob.takes()
    assert bob.says(HasRead("ALICE", 1)) == []
    assert receipts(alice) == [(True, "bob", "alice", 1)]
    assert position(bob) == 1


def test_a_position_never_goes_back_and_is_told_once(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "1", "2", "3")
    for message_id in (2, 2, 1):
        bob.says(HasRead("alice", message_id))
    assert receipts(alice) == [(True, "bob", "alice", 2)]
    assert position(bob) == 2


def test_the_members_of_a_room_are_told_who_has_read(world: KeptWorld) -> None:
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    for one in (alice, bob):
        one.says(JoinRoom("#r"))
    alice.takes()
    alice.sends("#r", "x")
    bob.says(HasRead("#R", 1))
    assert receipts(alice) == [(True, "bob", "#r", 1)]
    assert receipts(carol) == []


def test_of_all_and_of_large_rooms_no_reading_is_told(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    bob.says(JoinRoom("#r"))
    for number in range(100):
        world.guest(f"n{number}").says(JoinRoom("#r"))
    alice.says(JoinRoom("#r"))
    alice.takes()
    alice.sends("#all", "x")
    alice.sends("#r", "x")
    bob.says(HasRead("#all", 1), HasRead("#r", 2))
    assert receipts(alice) == []


def test_one_s_other_devices_are_told_what_was_read(world: KeptWorld) -> None:
    token = world.account("alice")
    phone, desk = (
        world.signed_in("alice", device, token) for device in ("phone", "desk")
    )
    bob = world.guest("bob")
    bob.sends("alice", "x")
    bob.sends("#all", "y")
    for one in (phone, desk):
        one.takes()
    phone.says(HasRead("bob", 1), HasRead("#all", 2))
    # As the reader calls the conversation; the device that said it knows.
    assert receipts(desk) == [(True, "alice", "bob", 1), (True, "alice", "#all", 2)]
    assert receipts(phone) == []
    assert receipts(bob) == [(True, "alice", "bob", 1)]
    phone.goes()
    assert position(desk) == 2


def test_a_private_reading_is_told_to_one_s_own_devices_alone(
    world: KeptWorld,
) -> None:
    token = world.account("alice")
    phone, desk = (
        world.signed_in("alice", device, token) for device in ("phone", "desk")
    )
    bob = world.guest("bob")
    for one in (phone, bob):
        one.says(JoinRoom("#r"))
    bob.sends("alice", "x")
    bob.sends("#r", "y")
    for one in (phone, desk, bob):
        one.takes()
    phone.says(HasRead("bob", 1, private=True), HasRead("#r", 2, private=True))
    assert receipts(bob) == []
    assert receipts(desk) == [(True, "alice", "bob", 1), (True, "alice", "#r", 2)]
    assert position(phone) == 2


def test_positions_are_there_after_a_kill(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob", "d1")
    alice.sends("bob", "1", "2")
    bob.says(HasRead("alice", 1))
    again = world.killed()
    try:
        assert position(again.guest("bob", "d1")) == 1
    finally:
        again.close()


def test_notes_to_oneself_are_read_without_a_word_to_others(world: KeptWorld) -> None:
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("alice", "note")
    assert alice.says(HasRead("alice", 1, request=3)) == [Done(3)]
    assert bob.takes() == []
    assert position(alice) == 1


@pytest.mark.parametrize(
    ("whom", "expected"), [("nobody", 404), ("#none", 404), ("#r", 403)]
)
def test_what_one_is_not_part_of_can_not_be_read(
    world: KeptWorld, whom: str, expected: int
) -> None:
    bob = world.guest("bob")
    bob.says(JoinRoom("#r"))
    bob.sends("#r", "x")
    assert code(world.guest("alice").says(HasRead(whom, 1))) == expected


def test_with_whom_one_never_talked_there_is_nothing_to_read(
    world: KeptWorld,
) -> None:
    alice, bob, carol = (world.guest(name) for name in ("alice", "bob", "carol"))
    bob.sends("carol", "x")
    assert alice.says(HasRead("bob", 1, request=2)) == [Done(2)]
    assert receipts(bob) == []
    assert len(carol.takes()) == 1


def test_the_words_of_somebody_gone_can_be_read(world: KeptWorld) -> None:
    world.account("alice", None)
    alice, bob = world.signed_in("alice"), world.guest("bob")
    alice.sends("bob", "farewell")
    alice.says(DeleteAccount())
    bob.takes()
    assert bob.says(HasRead("alice", 1, request=2)) == [Done(2)]
    assert position(bob) == 1


def test_a_server_that_keeps_nothing_tells_what_it_can() -> None:
    world = World()
    alice, bob = world.guest("alice"), world.guest("bob")
    alice.sends("bob", "x")
    bob.says(HasReceived(1), HasRead("alice", 1))
    assert receipts(alice) == [
        (False, "bob", "alice", 1),
        (True, "bob", "alice", 1),
    ]
