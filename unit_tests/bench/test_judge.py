"""The judge of the crash tests bites: each kind of planted breach is found."""

from collections import Counter
from collections.abc import Callable

import pytest

from bench.judge import Promise, Received, Record, counts, judge, message_of
from bench.numbered import text_of

Crowd = dict[str, Record]


def got(sender: str, number: int, to: str, message_id: int) -> Received:
    return Received(text_of(sender, number), to, message_id)


def crowd() -> Crowd:
    """Two devices of alice, one each of bob and carol; all is well with them."""
    alice, laptop = Record("alice1", "alice", ["#r"]), Record("alice2", "alice", ["#r"])
    bob, carol = Record("bob1", "bob", ["#r"]), Record("carol1", "carol")
    alice.sent = {1: "#r", 2: "bob", 3: "#r"}
    alice.stored = [(1, 10), (2, 11), (3, 13)]
    bob.sent = {1: "alice", 2: "carol"}
    bob.stored = [(1, 12), (2, None)]
    alice.owed, bob.owed = {1, 2, 3}, {1, 2}
    to_room = [got("alice1", 1, "#r", 10)]
    to_bob = [got("alice1", 2, "bob", 11)]
    to_alice = [got("bob1", 1, "alice", 12)]
    last = [got("alice1", 3, "#r", 13)]
    alice.received = [*to_alice]
    laptop.received = [*to_room, *to_bob, *to_alice, *last]
    bob.received = [*to_room, *to_bob, *last]
    carol.received = [got("bob1", 2, "carol", 14)]
    return {one.device: one for one in (alice, laptop, bob, carol)}


def found(crowd: Crowd) -> Counter[Promise]:
    return counts(judge([*crowd.values()]))


def test_where_all_is_well_nothing_is_found() -> None:
    assert judge([*crowd().values()]) == []


def lose(people: Crowd) -> None:
    del people["bob1"].received[1]


def lose_on_another_device_of_the_sender(people: Crowd) -> None:
    del people["alice2"].received[0]


def lose_what_had_no_id_in_its_answer(people: Crowd) -> None:
    people["carol1"].received.clear()


def lose_what_was_only_received_elsewhere(people: Crowd) -> None:
    del people["alice1"].stored[0], people["bob1"].received[0]


def double(people: Crowd) -> None:
    people["bob1"].received.append(people["bob1"].received[0])


def double_under_a_new_id(people: Crowd) -> None:
    people["bob1"].received.append(got("alice1", 1, "#r", 99))


def answer_twice(people: Crowd) -> None:
    people["alice1"].stored.append((3, None))


def swap(people: Crowd) -> None:
    received = people["bob1"].received
    received[0], received[1] = received[1], received[0]


def swap_ids_and_all(people: Crowd) -> None:
    first, second = got("bob1", 1, "alice", 12), got("bob1", 3, "alice", 15)
    people["bob1"].sent[3] = "alice"
    people["bob1"].stored = [(1, 15), (2, None), (3, 12)]
    for device in ("alice1", "alice2"):
        received = people[device].received
        received[received.index(first)] = second._replace(message_id=12)
        received.append(first._replace(message_id=15))


def cut_a_text(people: Crowd) -> None:
    one = people["carol1"].received.pop()
    people["carol1"].received.append(one._replace(text=one.text[:-1]))


def show_a_stranger(people: Crowd) -> None:
    people["carol1"].received.append(got("alice1", 3, "#r", 13))


def show_it_as_for_somebody_else(people: Crowd) -> None:
    people["carol1"].received = [got("bob1", 2, "#r", 14)]


def show_the_sender_its_own(people: Crowd) -> None:
    people["alice1"].received.append(got("alice1", 3, "#r", 13))


def give_one_id_to_two(people: Crowd) -> None:
    people["bob1"].stored[1] = (2, 13)


def give_two_ids_to_one(people: Crowd) -> None:
    people["alice1"].stored[2] = (3, 20)


def leak(people: Crowd) -> None:
    people["bob1"].stored.pop()
    people["bob1"].refused.append((2, "the disk is full"))


def leave_unanswered(people: Crowd) -> None:
    people["bob1"].send(3, "alice")
    people["bob1"].owe(3)


def refuse(people: Crowd) -> None:
    people["bob1"].sent[3] = "alice"
    people["bob1"].refused.append((3, "the disk is full"))


@pytest.mark.parametrize(
    ("plant", "promise"),
    [
        (lose, Promise.LOST),
        (lose_on_another_device_of_the_sender, Promise.LOST),
        (lose_what_had_no_id_in_its_answer, Promise.LOST),
        (lose_what_was_only_received_elsewhere, Promise.LOST),
        (double, Promise.DOUBLED),
        (double_under_a_new_id, Promise.DOUBLED),
        (answer_twice, Promise.DOUBLED),
        (swap, Promise.DISORDERED),
        (swap_ids_and_all, Promise.DISORDERED),
        (cut_a_text, Promise.STRANGE),
        (show_a_stranger, Promise.STRANGE),
        (show_it_as_for_somebody_else, Promise.STRANGE),
        (show_the_sender_its_own, Promise.STRANGE),
        (give_one_id_to_two, Promise.STRANGE),
        (give_two_ids_to_one, Promise.STRANGE),
        (leak, Promise.LEAKED),
        (leave_unanswered, Promise.UNANSWERED),
        (refuse, Promise.REFUSED),
    ],
)
def test_a_planted_breach_is_found(
    plant: Callable[[Crowd], None], promise: Promise
) -> None:
    people = crowd()
    plant(people)
    assert found(people)[promise] > 0


@pytest.mark.parametrize("plant", [lose, double, swap, cut_a_text, leave_unanswered])
def test_a_breach_names_the_device_and_the_message(
    plant: Callable[[Crowd], None],
) -> None:
    people = crowd()
    plant(people)
    first = judge([*people.values()])[0]
    assert first.device in people
    assert first.what.startswith("it")


def test_what_was_stored_without_an_acknowledgement_may_be_received() -> None:
    people = crowd()
    people["bob1"].send(3, "carol")
    people["carol1"].receive(got("bob1", 3, "carol", 15))
    assert judge([*people.values()]) == []


def test_a_killed_sender_needs_no_answer_but_what_it_sent_must_come() -> None:
    people = crowd()
    leave_unanswered(people)
    missed = judge([*people.values()], may_die=True)
    assert {breach.promise for breach in missed} == {Promise.LOST}
    assert {breach.device for breach in missed} == {"alice1", "alice2"}
    for device in ("alice1", "alice2"):
        people[device].receive(got("bob1", 3, "alice", 15))
    assert judge([*people.values()], may_die=True) == []


def test_a_refusal_with_a_cause_is_none() -> None:
    people = crowd()
    refuse(people)
    assert judge([*people.values()], causes=("the disk",)) == []


def test_a_text_tells_whose_it_is_only_when_it_is_whole() -> None:
    whole = text_of("alice1", 50)
    assert message_of(whole) == ("alice1", 50)
    assert message_of(whole[:-1]) is None
    assert message_of("hello") is None
