"""One name, one owner, however it is spelled, and nothing that looks like it."""

import pytest

from common.names import Name, RoomName
from errors import NameTaken
from server.register import Register


def test_any_spelling_finds_the_owner() -> None:
    register: Register[int] = Register()
    register.add(Name("Alice"), 1)
    for spelling in ("Alice", "alice", "ALICE", "\uff21lice"):
        assert register.find(spelling) == 1
    assert register.find("bob") is None
    assert len(register) == 1


@pytest.mark.parametrize("other", ["alice", "ALICE", "аlice", "aIice", "aliϲe"])
def test_the_same_name_and_what_looks_like_it_are_taken(other: str) -> None:
    register: Register[int] = Register()
    register.add(Name("alice"), 1)
    with pytest.raises(NameTaken):
        register.add(Name(other), 2)
    assert register.find("alice") == 1
    assert len(register) == 1


def test_the_refusal_of_a_look_alike_names_what_it_looks_like() -> None:
    register: Register[int] = Register()
    register.add(Name("ChanServ"), 1)
    with pytest.raises(NameTaken) as caught:
        register.add(Name("ChɑnServ"), 2)
    assert "ChanServ" in str(caught.value)


def test_a_removed_name_and_its_looks_are_free_again() -> None:
    register: Register[int] = Register()
    register.add(Name("Alice"), 1)
    register.remove(Name("Alice"))
    assert register.find("alice") is None
    register.add(Name("аlice"), 2)
    register.remove(Name("аlice"))
    register.add(Name("alice"), 3)
    assert register.find("ALICE") == 3


def test_a_refused_name_leaves_nothing_behind() -> None:
    register: Register[int] = Register()
    register.add(Name("alice"), 1)
    with pytest.raises(NameTaken):
        register.add(Name("аlice"), 2)
    register.remove(Name("alice"))
    register.add(Name("аlice"), 2)
    assert [*register.after(None)] == [2]


def test_owners_come_in_the_order_of_their_names_from_behind_one() -> None:
    register: Register[str] = Register()
    for name in ("#delta", "#Beta", "#alpha", "#gamma"):
        register.add(RoomName(name), name)
    assert [*register.after(None)] == ["#alpha", "#Beta", "#delta", "#gamma"]
    assert [*register.after("#BETA")] == ["#delta", "#gamma"]
    assert [*register.after("#c")] == ["#delta", "#gamma"]
    assert [*register.after("#zeta")] == []


def test_what_is_too_long_for_a_name_is_not_found_and_not_folded() -> None:
    register: Register[str] = Register()
    register.add(Name("alice"), "alice")
    assert register.find("a" + "\u0315\u0316" * 14_000) is None
    assert list(register.after("a" + "\u0315\u0316" * 14_000)) == []


def test_the_order_holds_while_names_come_and_go() -> None:
    register: Register[str] = Register()
    for name in ("dora", "Bob", "alice", "carl"):
        register.add(Name(name), name)
    register.remove(Name("Bob"))
    assert list(register.after(None)) == ["alice", "carl", "dora"]
    assert list(register.after("ALICE")) == ["carl", "dora"]


def test_a_name_of_before_the_start_is_put_back_whatever_it_looks_like() -> None:
    register: Register[int] = Register()
    register.add(Name("alice"), 1)
    register.put_back(Name("aliϲe"), 2)  # given before its look was known
    assert register.find("alice") == 1
    assert register.find("aliϲe") == 2
    register.remove(Name("alice"))
    with pytest.raises(NameTaken, match="aliϲe"):
        register.add(Name("alice"), 3)
    register.remove(Name("aliϲe"))
    register.add(Name("alice"), 3)
    with pytest.raises(NameTaken):
        register.put_back(Name("Alice"), 4)
