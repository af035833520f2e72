import pytest

from client.completing import complete
from client.events import MessageReceived, Person, Room, RoomsListed, UsersListed
from client.known_names import KnownNames

KNOWN = KnownNames()
KNOWN.note(UsersListed(0, "", [Person("Alice"), Person("Даша")]))
KNOWN.note(RoomsListed(0, [Room("#alpine", 1)]))
KNOWN.note(MessageReceived("anna", "#attic", "hi", 0))


@pytest.mark.parametrize(
    ("before", "completed"),
    [
        ("us", ["users"]),
        ("E", ["exit"]),
        ("@a", ["@anna", "@Alice"]),
        ("@д", ["@Даша"]),
        ("#a", ["#attic", "#alpine"]),
        ("to a", ["anna", "Alice"]),
        ("to #", ["#attic", "#alpine"]),
        ("message Al", ["Alice"]),
        ("/to Al", ["Alice"]),
        ("join ", ["#attic", "#alpine"]),
        ("help a", []),
        ("history a", ["anna", "Alice"]),
        ("history anna 1", []),
        ("search ", []),
        ("search @a", ["@anna", "@Alice"]),
        ("search #a", ["#attic", "#alpine"]),
        ("login Al", ["Alice"]),
        ("login #", []),
        ("delete ", ["account"]),
        ("log", ["login", "logout"]),
        ("@anna hi a", []),
        ("zzz", []),
    ],
)
def test_the_last_word_is_completed(before: str, completed: list[str]) -> None:
    assert complete(before, KNOWN) == completed
