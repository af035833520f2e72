"""What was said before, and who has got and read it: one object to one event."""

from typing import Any

import pytest

from server.dialects.requests import read_request
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    Event,
    Faulty,
    HasRead,
    HasReceived,
)
from unit_tests.server.dialects.feeding import canonical, line

HIGHEST = 2**53 - 1

CANONICAL: list[tuple[dict[str, Any], Event]] = [
    ({"action": "history", "with": "bob"}, AskHistory("bob")),
    (
        {"action": "history", "with": "#r", "before": 9, "limit": 5, "id": 1},
        AskHistory("#r", 9, None, 5, 1),
    ),
    (
        {"action": "history", "with": "ёж", "after": 0, "limit": 0},
        AskHistory("ёж", None, 0, 0),
    ),
    ({"action": "conversations"}, AskConversations()),
    (
        {"action": "conversations", "before": HIGHEST, "limit": HIGHEST, "id": 2},
        AskConversations(HIGHEST, HIGHEST, 2),
    ),
    ({"action": "search", "text": "каша"}, AskSearch("каша")),
    (
        {
            "action": "search",
            "text": "x" * 1000,
            "with": "#r",
            "before": 8,
            "limit": 7,
            "id": 3,
        },
        AskSearch("x" * 1000, "#r", 8, 7, 3),
    ),
    ({"action": "received", "message_id": 4721}, HasReceived(4721)),
    ({"action": "received", "message_id": 0, "id": 4}, HasReceived(0, 4)),
    ({"action": "read", "with": "bob", "message_id": 4}, HasRead("bob", 4)),
    (
        {"action": "read", "with": "#r", "message_id": 4, "private": True, "id": 5},
        HasRead("#r", 4, True, 5),
    ),
    (
        {
            "action": "read",
            "with": "b",
            "from": "eve",
            "message_id": 4,
            "private": False,
        },
        HasRead("b", 4),
    ),
]


@pytest.mark.parametrize(("fields", "event"), CANONICAL)
def test_each_request_is_read_and_is_canonical(
    fields: dict[str, Any], event: Event
) -> None:
    reading = read_request(line(fields))
    assert reading.event == event
    assert reading.canonical


@pytest.mark.parametrize(("fields", "event"), CANONICAL)
def test_a_request_that_comes_byte_by_byte_is_read_as_well(
    fields: dict[str, Any], event: Event
) -> None:
    dialect, data = canonical(), line({**fields, "time": 1.5, "mood": ":{["})
    events = [
        one
        for at in range(len(data))
        for one in dialect.receive_data(data[at : at + 1])
    ]
    assert events == [event]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"action": "history"}, "with"),
        ({"action": "history", "with": 5}, "with"),
        ({"action": "history", "with": "b", "before": 1, "after": 1}, "not both"),
        ({"action": "search"}, "text"),
        ({"action": "search", "text": ""}, "1 to 1,000"),
        ({"action": "search", "text": "щ" * 1001}, "1 to 1,000"),
        ({"action": "search", "text": "x", "with": None}, "with"),
        ({"action": "received"}, "message_id"),
        ({"action": "received", "message_id": True}, "message_id"),
        ({"action": "read", "message_id": 1}, "with"),
        ({"action": "read", "with": "b"}, "message_id"),
        ({"action": "read", "with": "b", "message_id": 1, "private": 1}, "private"),
    ],
)
def test_what_is_wrong_is_said_and_never_raised(
    fields: dict[str, Any], problem: str
) -> None:
    event = read_request(line({**fields, "id": 8})).event
    assert isinstance(event, Faulty)
    assert event.error.code == 400
    assert problem in str(event.error)
    assert (event.request, event.number) == (8, None)


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("history", "before"),
        ("history", "after"),
        ("history", "limit"),
        ("conversations", "before"),
        ("conversations", "limit"),
        ("search", "before"),
        ("search", "limit"),
        ("received", "message_id"),
        ("read", "message_id"),
    ],
)
@pytest.mark.parametrize("value", [-1, 2**53, 2**64, 10**40, 0.5, "1", None, [], True])
def test_a_number_that_is_no_id_or_limit_is_refused(
    action: str, field: str, value: object
) -> None:
    fields = {"action": action, "with": "b", "text": "x", field: value}
    event = read_request(line(fields)).event
    assert isinstance(event, Faulty)
    assert event.error.code == 400
    assert field in str(event.error) or "out of range" in str(event.error)
