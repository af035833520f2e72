from client.events import Kind as RequestKind
from client.events import MessageSent, Movement, RequestDone
from client.known_names import KnownNames


def test_the_latest_met_comes_first_and_stands_once() -> None:
    known = KnownNames()
    for name in ("bob", "anna", "Bob"):
        known.note(Movement("#r", name, joined=True))
    assert known.beginning_with("") == ["Bob", "anna"]


def test_rooms_and_people_are_told_apart() -> None:
    known = KnownNames()
    known.note(RequestDone(1, RequestKind.JOIN, "#r"))
    known.note(MessageSent(1, "bob", "hi"))
    assert known.rooms_beginning_with("#") == ["#r"]
    assert known.people_beginning_with("") == ["bob"]


def test_only_so_many_are_remembered() -> None:
    known = KnownNames()
    for number in range(2_100):
        known.note(Movement("#r", f"name{number}", joined=True))
    assert len(known.beginning_with("name")) == 2_000
    assert known.beginning_with("name2099") == ["name2099"]
    assert known.beginning_with("name99") != []
    assert known.beginning_with("name0") == []
