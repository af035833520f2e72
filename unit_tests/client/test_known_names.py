from client.events import (
    Conversation,
    ConversationsListed,
    HistoryListed,
    KeptMessage,
    MessageSent,
    Movement,
    Person,
    RequestDone,
)
from client.events import Kind as RequestKind
from client.events_rules import ContactNews, PeopleListed, RoomNews, Ruling
from client.known_names import KnownNames


def test_the_latest_met_comes_first_and_stands_once() -> None:
    known = KnownNames()
    for name in ("bob", "anna", "Bob"):
        known.note(Movement("#r", name, joined=True))
    assert known.beginning_with("") == ["Bob", "anna"]


def test_lists_of_conversations_bring_the_latest_first() -> None:
    known = KnownNames()
    known.note(HistoryListed(1, "gone", []))
    rows = [Conversation("bob"), Conversation("#r")]
    known.note(ConversationsListed(1, rows))
    known.note(HistoryListed(1, "anna", [KeptMessage(1, 0, "anna", "alice", "hi")]))
    assert known.beginning_with("") == ["anna", "bob", "#r"]


def test_names_of_rulings_and_contacts_are_remembered() -> None:
    known = KnownNames()
    known.note(Ruling(RequestKind.KICK, "bob", "#r", "alice"))
    known.note(ContactNews("anna", True))
    known.note(PeopleListed(1, RequestKind.CONTACTS, [Person("eve")]))
    known.note(RoomNews("#x", "alice", topic="tea"))
    assert known.people_beginning_with("") == ["eve", "anna", "bob"]
    assert known.rooms_beginning_with("") == ["#x", "#r"]
    assert known.knows("EVE")
    assert not known.knows("carol")


def test_names_may_be_added_without_an_event() -> None:
    known = KnownNames()
    known.add(["bob", "anna"])
    assert known.people_beginning_with("") == ["anna", "bob"]


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
