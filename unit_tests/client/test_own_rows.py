import pytest

from client.events import Event, MessageFailed, MessageSent, ReceiptReceived
from client.line import Line, Tone
from client.own_rows import OwnRows


def read(reader: str, message_id: int) -> ReceiptReceived:
    return ReceiptReceived(True, reader, "alice", message_id)


def delivered(reader: str, message_id: int) -> ReceiptReceived:
    return ReceiptReceived(False, reader, "alice", message_id)


@pytest.fixture
def rows() -> OwnRows:
    """Return three stored messages: two to bob, and between them one to a room."""
    rows = OwnRows()
    for number, to in enumerate(("bob", "#r", "Bob"), 1):
        rows.say(number, to, f"text {number}", 0.0, away=False)
        rows.take_event(MessageSent(number, to, f"text {number}", 10 + number))
    return rows


def marks(lines: list[Line]) -> list[tuple[int, str, str]]:
    return [(line.key, line.mark, line.later) for line in lines]


def test_a_row_is_new_once_and_keeps_its_text() -> None:
    rows = OwnRows()
    first = rows.say(1, "bob", "a\n\x1b[31mb", 0.0, away=False)
    assert (first.tone, first.new, first.text) == (Tone.OWN, True, "a\n\\x1b[31mb")
    assert (first.mark, first.later) == ("", "")
    (again,) = rows.take_event(MessageSent(1, "bob", "", 7))
    assert again == first._replace(new=False, mark="✓", later=again.later)
    assert again.later == "✓ sent to bob: a\\n\\x1b[31mb"


@pytest.mark.parametrize(
    ("event", "marked"),
    [
        (read("bob", 10), []),
        (read("carol", 20), []),
        (read("bob", 11), [(1, "✓✓ read", "✓✓ read by bob: text 1")]),
        (delivered("bob", 12), [(1, "✓✓", "✓✓ delivered to bob: text 1")]),
        (
            read("BOB", 99),
            [(1, "✓✓ read", ""), (3, "✓✓ read", "✓✓ read by BOB: text 3")],
        ),
        (MessageSent(9, "bob", "of an earlier start", 9), []),
        (MessageFailed(3, "bob", "text 3", "no", 404), [(3, "✗", "")]),
        (
            MessageSent(3, "bob", "text 3", 13, 202),
            [(3, "✓ away", "✓ kept for Bob, who is away: text 3")],
        ),
    ],
)
def test_what_becomes_of_it_is_marked_and_said_of_the_last_one(
    rows: OwnRows, event: Event, marked: list[tuple[int, str, str]]
) -> None:
    assert marks(rows.take_event(event)) == marked


def test_no_mark_goes_back(rows: OwnRows) -> None:
    assert len(rows.take_event(read("bob", 11))) == 1
    assert rows.take_event(read("bob", 11)) == []
    assert marks(rows.take_event(delivered("bob", 13))) == [
        (3, "✓✓", "✓✓ delivered to bob: text 3")
    ]
    assert rows.take_event(delivered("bob", 13)) == []


def test_of_very_many_the_oldest_are_marked_no_more() -> None:
    rows = OwnRows()
    for number in range(1, 502):
        rows.say(number, "bob", "hi", 0.0, away=False)
    assert rows.take_event(MessageSent(1, "bob", "hi", 1)) == []
    assert rows.take_event(MessageSent(2, "bob", "hi", 2))
