"""Guests whose name is kept, and what a device's numbers mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.names import Label, Name
from errors import AlreadySettled, BadRequest, NameTaken
from server.people import (
    HIGHEST_NUMBER,
    REMEMBERED,
    Device,
    People,
    Person,
    Session,
    page,
)

ALICE = Name("alice")


def test_a_kept_guest_is_due_at_its_time_and_not_before() -> None:
    people, guest = People(900.0), Person(1, ALICE)
    people.add(guest)
    people.keep(guest, 1000.0)
    assert people.overdue(999.9, 9) == []
    assert people.overdue(1000.0, 9) == [guest]


def test_who_comes_back_is_kept_no_longer() -> None:
    people, guest = People(900.0), Person(1, ALICE)
    people.add(guest)
    people.keep(guest, 1000.0)
    people.let_go(guest)
    assert people.overdue(5000.0, 9) == []


def test_guests_are_due_each_at_its_own_time() -> None:
    people = People(10.0)
    guests = [Person(n, Name(name)) for n, name in enumerate(("a", "b", "c"))]
    for guest, until in zip(guests, (15.0, 11.0, 12.0), strict=True):
        people.add(guest)
        people.keep(guest, until)
    assert people.overdue(12.0, 9) == guests[1:]
    assert people.overdue(15.0, 9) == guests
    assert people.overdue(15.0, 2) == guests[:2]


def test_a_forgotten_name_is_free_and_known_to_nobody() -> None:
    people, first, bob = People(900.0), Person(1, ALICE), Person(2, Name("bob"))
    people.add(first)
    people.add(bob)
    first.lines[bob] = bob.lines[first] = 7
    bob.owed_receipts[first] = [100, 100]
    people.keep(first, 900.0)
    people.forget(first)
    assert people.find("alice") is None
    assert people.overdue(5000.0, 9) == []
    assert (bob.lines, bob.owed_receipts, [*people.by_number]) == ({}, {}, [2])
    people.add(Person(3, ALICE))


def test_a_name_in_use_is_taken_in_any_spelling() -> None:
    people = People(900.0)
    people.add(Person(1, ALICE))
    with pytest.raises(NameTaken):
        people.add(Person(2, Name("ALICE")))
    assert [*people.by_number] == [1]


def test_who_is_being_fed_is_here() -> None:
    person = Person(1, ALICE)
    was_here = person.is_here
    session = Session(None, Label("1"), Label("127.0.0.1"))
    person.fed.append(session)
    assert (was_here, person.is_here) == (False, True)
    assert person.all_sessions() == [session]


def test_a_new_number_is_not_stored() -> None:
    assert Device().stored_before(1) is None


def test_a_stored_number_is_known_with_its_id() -> None:
    device = Device()
    device.store([5, 6], 100)
    assert device.settled == 6
    assert device.stored_before(5) == (100,)
    assert device.stored_before(6) == (101,)


def test_a_number_that_was_skipped_counts_as_stored_without_an_id() -> None:
    device = Device()
    device.store([5], 100)
    assert device.stored_before(4) == (None,)


def test_a_refused_number_stays_refused() -> None:
    device = Device()
    device.refuse(3)
    assert (device.settled, device.refused()) == (3, [3])
    with pytest.raises(AlreadySettled):
        device.stored_before(3)


def test_refusing_again_what_is_stored_changes_nothing() -> None:
    device = Device()
    device.store([5], 100)
    device.refuse(5)
    device.refuse(4)
    assert device.refused() == []
    assert device.stored_before(5) == (100,)


@pytest.mark.parametrize("number", [0, -1, HIGHEST_NUMBER + 1, 10**30])
def test_a_number_that_can_not_be_one_is_refused_and_settles_nothing(
    number: int,
) -> None:
    device = Device()
    with pytest.raises(BadRequest):
        device.stored_before(number)
    device.refuse(number)
    assert (device.settled, device.refused()) == (0, [])


def test_more_than_a_thousand_below_is_too_old_to_know() -> None:
    device = Device()
    device.refuse(1)
    device.store([REMEMBERED + 1], 7)
    with pytest.raises(BadRequest):
        device.stored_before(1)
    assert device.refused() == []
    assert device.stored_before(2) == (None,)
    assert device.stored_before(REMEMBERED + 1) == (7,)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 700)), max_size=30))
def test_what_is_remembered_is_bounded_and_right(
    steps: list[tuple[bool, int]],
) -> None:
    device, number = Device(), 0
    refused = set()
    for stored, gap in steps:
        number += gap
        if stored:
            device.store([number], number * 10)
        else:
            device.refuse(number)
            refused.add(number)
    assert device.settled == number
    assert device.refused() == sorted(n for n in refused if n > number - REMEMBERED)


def test_a_page_says_whether_more_follow() -> None:
    assert page(range(3), 3) == ([0, 1, 2], False)
    assert page(range(4), 3) == ([0, 1, 2], True)
    assert page([], 3) == ([], False)


def test_a_look_alike_of_the_servers_own_name_is_refused() -> None:
    with pytest.raises(NameTaken):
        People(900).add(Person(1, Name("\u0455erver")))


def test_numbers_of_a_turn_that_was_not_stored_become_refused_ones() -> None:
    device = Device(row=1)
    device.store([5, 6], 100)
    device.store([7, 8], 102)
    device.take_back([7, 8])
    assert (device.settled, device.refused()) == (8, [7, 8])
    assert device.stored_before(6) == (101,)
    with pytest.raises(AlreadySettled):
        device.stored_before(7)


def test_a_device_from_the_store_knows_what_was_settled_but_no_ids() -> None:
    device = Device(row=3, settled=10, refused=[4, 9], received=77)
    assert (device.settled, device.refused(), device.received) == (10, [4, 9], 77)
    assert device.stored_before(10) == (None,)
    with pytest.raises(AlreadySettled):
        device.stored_before(9)
