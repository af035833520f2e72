"""Ties between people: on both sides, and gone on both."""

from common.names import Name
from server.people import People, Person
from server.ties import NOBODY, hear_again, shut_out, unwatch, watch

ALICE, BOB, CAROL = "alice", "bob", "carol"


def three() -> tuple[People, Person, Person, Person]:
    people = People(900)
    persons = [Person(n, Name(name)) for n, name in enumerate((ALICE, BOB, CAROL), 1)]
    for person in persons:
        people.add(person)
    alice, bob, carol = persons
    return people, alice, bob, carol


def test_both_sides_know_of_a_contact_and_of_its_end() -> None:
    _, alice, bob, carol = three()
    watch(alice, carol)
    watch(alice, bob)
    watch(alice, bob)
    assert list(alice.contacts) == [carol, bob]
    assert (list(bob.watchers), list(carol.watchers)) == ([alice], [alice])
    assert bob.contacts is NOBODY
    unwatch(alice, bob)
    unwatch(alice, bob)
    assert list(alice.contacts) == [carol]
    assert bob.watchers is NOBODY


def test_both_sides_know_of_a_block_and_of_its_end() -> None:
    _, alice, bob, carol = three()
    shut_out(alice, bob)
    shut_out(carol, bob)
    assert (list(alice.blocks), list(bob.blocked_by)) == ([bob], [alice, carol])
    assert alice.blocked_by is NOBODY
    hear_again(alice, bob)
    assert list(bob.blocked_by) == [carol]
    assert alice.blocks is NOBODY


def test_who_is_forgotten_is_tied_to_nobody() -> None:
    people, alice, bob, carol = three()
    for one, other in ((bob, alice), (alice, bob), (bob, carol), (carol, bob)):
        watch(one, other)
        shut_out(one, other)
    watch(alice, carol)
    people.forget(bob)
    for person in (alice, bob, carol):
        assert bob not in {**person.contacts, **person.watchers}
        assert not (person.blocks or person.blocked_by)
    assert list(alice.contacts) == [carol]
