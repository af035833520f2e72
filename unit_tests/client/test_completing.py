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
        ("E", ["exit", "edit"]),
        ("@a", ["@anna", "@Alice"]),
        ("@д", ["@Даша"]),
        ("#a", ["#attic", "#alpine"]),
        ("to a", ["anna", "Alice"]),
        ("to #", ["#attic", "#alpine"]),
        ("message Al", ["Alice"]),
        ("/to Al", ["Alice"]),
        ("join ", ["#attic", "#alpine"]),
        ("help a", ["account", "add", "away"]),
        ("help ru", ["rules"]),
        ("kick a", ["anna", "Alice"]),
        ("kick @a", ["@anna", "@Alice"]),
        ("kick anna #a", ["#attic", "#alpine"]),
        ("kick anna ev", ["everywhere"]),
        ("ban anna for ", ["10m", "1h", "1d", "7d"]),
        ("ban anna #attic f", ["for"]),
        ("ban anna #attic for 7", ["7d"]),
        ("kick anna because f", []),
        ("role a", ["anna", "Alice"]),
        ("role anna mo", ["moderator"]),
        ("invite an", ["anna"]),
        ("invite a", ["anna", "Alice", "as"]),
        ("invite as ", ["member", "moderator", "owner"]),
        ("invite for 1", ["10m", "1h", "1d"]),
        ("invite as member to #a", ["#attic", "#alpine"]),
        ("topic #a", ["#attic", "#alpine"]),
        ("open #at", ["#attic"]),
        ("bans e", ["everywhere"]),
        ("whois Al", ["Alice"]),
        ("bell m", ["mention"]),
        ("seen ", ["on", "off"]),
        ("edit #a", ["#attic", "#alpine"]),
        ("unb", ["unblock", "unban"]),
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
        ("/jo", ["/join"]),
        ("/n", ["/names", "/nick"]),
        ("/w a", ["anna", "Alice"]),
        ("/query #", ["#attic", "#alpine"]),
    ],
)
def test_the_last_word_is_completed(before: str, completed: list[str]) -> None:
    assert complete(before, KNOWN) == completed


@pytest.mark.parametrize(
    ("before", "completed"),
    [
        ("us", []),
        ("", []),
        ("A", ["anna", "Alice"]),
        ("ask Al", ["Alice"]),
        ("ask @d", []),
        ("ask @Al", ["@Alice"]),
        ("kick #a", ["#attic", "#alpine"]),
        ("/jo", ["/join"]),
        ("/join #al", ["#alpine"]),
    ],
)
def test_a_text_to_somebody_is_completed_with_names(
    before: str, completed: list[str]
) -> None:
    assert complete(before, KNOWN, addressed=True) == completed
