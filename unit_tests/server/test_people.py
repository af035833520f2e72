"""Guests whose name is kept, and what a device's numbers mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.names import Name
from errors import AlreadySettled, BadRequest, NameTaken
from server.events import Secret
from server.people import HIGHEST_NUMBER, REMEMBERED, Device, People, page

ALICE = Name("alice")
MINE, OTHER = Secret("mine"), Secret("other")


def test_a_name_belongs_to_the_device_that_took_it() -> None:
    people = People(900.0)
    person = people.claim(ALICE, MINE)
    assert people.claim(Name("ALICE"), MINE) is person
    for device in (OTHER, None):
        with pytest.raises(NameTaken):
            people.claim(ALICE, device)


def test_a_name_without_a_device_belongs_to_its_connection() -> None:
    people = People(900.0)
    person = people.claim(ALICE, None)
    for device in (MINE, None):
        with pytest.raises(NameTaken):
            people.claim(ALICE, device)
    assert not people.keep(person, 0.0)


def test_a_kept_guest_is_due_after_its_time_and_not_before() -> None:
    people = People(900.0)
    person = people.claim(ALICE, MINE)
    assert people.keep(person, 100.0)
    assert people.overdue(999.9) == []
    assert people.overdue(1000.0) == [person]


def test_who_comes_back_is_kept_no_longer() -> None:
    people = People(900.0)
    person = people.claim(ALICE, MINE)
    people.keep(person, 0.0)
    people.claim(ALICE, MINE)
    assert people.overdue(5000.0) == []


def test_guests_are_due_in_the_order_in_which_they_left() -> None:
    people = People(10.0)
    persons = [people.claim(Name(name), MINE) for name in ("a", "b", "c")]
    for second, person in enumerate(persons):
        people.keep(person, float(second))
    people.claim(Name("a"), MINE)
    people.keep(persons[0], 5.0)
    assert people.overdue(12.0) == [persons[1], persons[2]]
    assert people.overdue(15.0) == [persons[1], persons[2], persons[0]]


def test_a_forgotten_name_is_a_new_identity_for_who_takes_it() -> None:
    people = People(900.0)
    first = people.claim(ALICE, MINE)
    people.keep(first, 0.0)
    people.forget(first)
    assert people.find("alice") is None
    assert people.overdue(5000.0) == []
    second = people.claim(ALICE, MINE)
    assert second.number != first.number


def test_a_time_of_zero_keeps_nobody() -> None:
    people = People(0.0)
    assert not people.keep(people.claim(ALICE, MINE), 0.0)


def test_a_new_number_is_not_stored() -> None:
    assert Device(MINE).stored_before(1) is None


def test_a_stored_number_is_known_with_its_id() -> None:
    device = Device(MINE)
    device.store([5, 6], 100)
    assert device.settled == 6
    assert device.stored_before(5) == (100,)
    assert device.stored_before(6) == (101,)


def test_a_number_that_was_skipped_counts_as_stored_without_an_id() -> None:
    device = Device(MINE)
    device.store([5], 100)
    assert device.stored_before(4) == (None,)


def test_a_refused_number_stays_refused() -> None:
    device = Device(MINE)
    device.refuse(3)
    assert (device.settled, device.refused()) == (3, [3])
    with pytest.raises(AlreadySettled):
        device.stored_before(3)


def test_refusing_again_what_is_stored_changes_nothing() -> None:
    device = Device(MINE)
    device.store([5], 100)
    device.refuse(5)
    device.refuse(4)
    assert device.refused() == []
    assert device.stored_before(5) == (100,)


@pytest.mark.parametrize("number", [0, -1, HIGHEST_NUMBER + 1, 10**30])
def test_a_number_that_can_not_be_one_is_refused_and_settles_nothing(
    number: int,
) -> None:
    device = Device(MINE)
    with pytest.raises(BadRequest):
        device.stored_before(number)
    device.refuse(number)
    assert (device.settled, device.refused()) == (0, [])


def test_more_than_a_thousand_below_is_too_old_to_know() -> None:
    device = Device(MINE)
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
    device, number = Device(MINE), 0
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
        People(900).claim(Name("\u0455erver"), None)
