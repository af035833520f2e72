"""The lists: their rows, and where a long one ends and goes on."""

from collections.abc import Sequence
from typing import Any

import pytest

from common.names import Name, RoomName
from server.events import (
    ConversationEntry,
    ConversationList,
    DeviceEntry,
    DeviceList,
    InviteEntry,
    InviteList,
    KeptMessage,
    MessageList,
    Outgoing,
    RoomEntry,
    RoomList,
    SanctionEntry,
    SanctionList,
    TokenEntry,
    TokenList,
    UserEntry,
    UserList,
)
from unit_tests.server.dialects.feeding import WALL, canonical, objects, told

ALICE, BOB, ROOM = Name("alice"), Name("bob"), RoomName("#r")
LIMIT = 48 * 1024


def kept(message_id: int, text: str = "hi", number: int | None = None) -> KeptMessage:
    return KeptMessage(message_id, 1.5, ALICE, BOB, text, number)


def row(message_id: int, text: str = "hi", **more: Any) -> dict[str, Any]:
    """Return the object of the same."""
    said = {"time": 1.5, "from": "alice", "to": "bob", "message": text}
    return {"message_id": message_id, **said, **more}


TABLE: list[tuple[Outgoing, dict[str, Any]]] = [
    (
        MessageList([kept(3), kept(5, "ё", 2)], False, request=1),
        {"id": 1, "data_list": [row(3), row(5, "ё", id=2)]},
    ),
    (MessageList([], False), {"data_list": []}),
    (MessageList([], False, lag=7), {"data_list": [], "lag": 7}),
    (
        MessageList([kept(3), kept(5)], True),
        {"data_list": [row(3), row(5)], "more": True, "before": 3},
    ),
    (
        MessageList([kept(3), kept(5)], True, newest_kept=False, lag=1),
        {"data_list": [row(3), row(5)], "more": True, "after": 5, "lag": 1},
    ),
    (
        ConversationList(
            [
                ConversationEntry(ROOM, kept(9, number=4), 1000, 0),
                ConversationEntry(BOB, kept(8), 0, 8),
            ],
            False,
            2,
        ),
        {
            "id": 2,
            "data_list": [
                {"with": "#r", "unread": 1000, "read": 0, "last": row(9, id=4)},
                {"with": "bob", "unread": 0, "read": 8, "last": row(8)},
            ],
        },
    ),
    (
        ConversationList([ConversationEntry(BOB, kept(8), 0, 8)], True),
        {
            "data_list": [{"with": "bob", "unread": 0, "read": 8, "last": row(8)}],
            "more": True,
            "before": 8,
        },
    ),
    (
        TokenList([TokenEntry(4, 1.5, None, None), TokenEntry(6, 2.5, 3.5, 5)], 3),
        {
            "id": 3,
            "data_list": [
                {"token_id": 4, "created": 1.5},
                {"token_id": 6, "created": 2.5, "used": 3.5, "device_id": 5},
            ],
        },
    ),
    (
        DeviceList([DeviceEntry(5, 1.5, 2.5, True, False)]),
        {
            "data_list": [
                {
                    "device_id": 5,
                    "created": 1.5,
                    "seen": 2.5,
                    "online": True,
                    "here": False,
                }
            ]
        },
    ),
    (
        UserList(
            [
                UserEntry(ALICE, "busy", False, True, "owner", True),
                UserEntry(BOB, "", False, False, "member", seen=1.5),
            ],
            False,
        ),
        {
            "data_list": [
                {
                    "account_name": "alice",
                    "status": "busy",
                    "guest": False,
                    "online": True,
                    "role": "owner",
                    "away": True,
                },
                {
                    "account_name": "bob",
                    "status": "",
                    "guest": False,
                    "online": False,
                    "role": "member",
                    "seen": 1.5,
                },
            ]
        },
    ),
    (
        RoomList([RoomEntry(ROOM, 2, True, "cats", "invited", ALICE)], False),
        {
            "data_list": [
                {
                    "room": "#r",
                    "members": 2,
                    "joined": True,
                    "topic": "cats",
                    "access": "invited",
                    "owner": "alice",
                }
            ]
        },
    ),
    (
        InviteList(
            [
                InviteEntry(3, "member", 1.5, 2.5, 4, 0),
                InviteEntry(5, "owner", 1.5, 2.5, 1, 2, ROOM, ALICE),
            ],
            4,
        ),
        {
            "id": 4,
            "data_list": [
                {
                    "invite_id": 3,
                    "role": "member",
                    "created": 1.5,
                    "expires": 2.5,
                    "uses_left": 4,
                    "used": 0,
                },
                {
                    "invite_id": 5,
                    "role": "owner",
                    "created": 1.5,
                    "expires": 2.5,
                    "uses_left": 1,
                    "used": 2,
                    "room": "#r",
                    "creator": "alice",
                },
            ],
        },
    ),
    (
        SanctionList(
            [
                SanctionEntry("ban", BOB, None, None, None, ""),
                SanctionEntry("mute", BOB, ROOM, 1.5, ALICE, "noise"),
            ]
        ),
        {
            "data_list": [
                {"kind": "ban", "account_name": "bob"},
                {
                    "kind": "mute",
                    "account_name": "bob",
                    "room": "#r",
                    "until": 1.5,
                    "from": "alice",
                    "reason": "noise",
                },
            ]
        },
    ),
]


@pytest.mark.parametrize(("event", "expected"), TABLE)
def test_each_list_has_its_object(event: Outgoing, expected: dict[str, Any]) -> None:
    (found,) = told(canonical(), [event])
    assert found == {"response": 202, "time": WALL, **expected}


# ------------------------------------------------------------ lists that are too long


def sent(event: Outgoing) -> Any:
    """Return the object of a long list, which must have about the size of the limit."""
    data = canonical().send([event], 0.0, WALL)
    assert LIMIT - 2048 < len(data) < LIMIT + 256
    (answer,) = objects(data)
    assert answer["more"] is True
    return answer


def page(first: int = 1, count: int = 1000) -> list[KeptMessage]:
    return [kept(number, "x" * 400) for number in range(first, first + count)]


def ids(answer: Any) -> list[int]:
    return [one["message_id"] for one in answer["data_list"]]


@pytest.mark.parametrize("more", [False, True])
def test_a_long_page_keeps_the_newest_and_goes_on_before_its_first(more: bool) -> None:
    answer = sent(MessageList(page(), more))
    found = ids(answer)
    assert found == list(range(found[0], 1001))
    assert answer["before"] == found[0] > 1
    assert "after" not in answer


@pytest.mark.parametrize("more", [False, True])
def test_a_long_page_upwards_goes_on_after_its_last(more: bool) -> None:
    answer = sent(MessageList(page(), more, newest_kept=False))
    found = ids(answer)
    assert found == list(range(1, found[-1] + 1))
    assert answer["after"] == found[-1] < 1000
    assert "before" not in answer


def test_pages_that_are_followed_give_every_message_once() -> None:
    upwards: list[int] = []
    everything = page()
    while everything:
        (answer,) = told(canonical(), [MessageList(everything, False, False)])
        upwards += ids(answer)
        everything = [one for one in everything if one.message_id > upwards[-1]]
    assert upwards == list(range(1, 1001))
    downwards: list[int] = []
    everything = page()
    while everything:
        (answer,) = told(canonical(), [MessageList(everything, False)])
        downwards = ids(answer) + downwards
        everything = [one for one in everything if one.message_id < downwards[0]]
    assert downwards == list(range(1, 1001))


def test_long_conversations_go_on_before_the_last_message_of_the_last_row() -> None:
    entries = [ConversationEntry(BOB, one, 0, 0) for one in reversed(page())]
    answer = sent(ConversationList(entries, False))
    assert answer["data_list"][0]["last"]["message_id"] == 1000
    assert answer["before"] == answer["data_list"][-1]["last"]["message_id"]


TOO_LONG = "\x01" * 16 * 1024
SINGLE: Sequence[Outgoing] = [
    MessageList([kept(1), kept(2, TOO_LONG)], False),
    MessageList([kept(2, TOO_LONG), kept(3)], False, newest_kept=False),
    ConversationList(
        [ConversationEntry(BOB, kept(number, TOO_LONG), 0, 0) for number in (2, 1)],
        False,
    ),
]


@pytest.mark.parametrize("event", SINGLE)
def test_a_single_entry_goes_whatever_its_length(event: Outgoing) -> None:
    (answer,) = told(canonical(), [event])
    (only,) = answer["data_list"]
    assert only.get("last", only)["message"] == TOO_LONG
    assert answer["more"] is True
    assert 2 in (answer.get("before"), answer.get("after"))


@pytest.mark.parametrize(
    "event",
    [
        TokenList([TokenEntry(n, 1.5, 2.5, n) for n in range(1000)]),
        DeviceList([DeviceEntry(n, 1.5, 2.5, True, True) for n in range(1000)]),
        InviteList([InviteEntry(n, "member", 1.5, 2.5, 1, 0) for n in range(1000)]),
        SanctionList(
            [SanctionEntry("ban", BOB, ROOM, 1.5, ALICE, "x") for _ in range(1000)]
        ),
    ],
)
def test_lists_without_pages_say_that_there_are_more(event: Outgoing) -> None:
    answer = sent(event)
    assert "after" not in answer
    assert "before" not in answer


def test_names_go_on_after_the_last() -> None:
    users = [UserEntry(Name(f"n{n:04}"), "s" * 100, True, True) for n in range(1000)]
    answer = sent(UserList(users, False))
    assert answer["after"] == answer["data_list"][-1]["account_name"]
    rooms = [RoomEntry(RoomName(f"#{n:020}"), 1, True) for n in range(2000)]
    answer = sent(RoomList(rooms, False))
    assert answer["after"] == answer["data_list"][-1]["room"]


def test_a_list_that_fits_does_not_say_more() -> None:
    users = [UserEntry(Name(f"n{n}"), "", True, True) for n in range(10)]
    (answer,) = told(canonical(), [UserList(users, False)])
    assert len(answer["data_list"]) == 10
    assert "more" not in answer
    assert "after" not in answer
