"""What is told of rules and of people: the exact objects, each made once for all."""

from typing import Any

import pytest

from common.names import Name, RoomName, Secret
from server.events import (
    InviteMade,
    Movement,
    Outgoing,
    PresenceTold,
    RoomChanged,
    Ruling,
)
from unit_tests.server.dialects.feeding import WALL, canonical, told

ALICE, BOB, ROOM = Name("alice"), Name("bob"), RoomName("#r")
OF_BOB: dict[str, Any] = {"user": {"account_name": "bob"}, "from": "alice"}

TABLE: list[tuple[Outgoing, dict[str, Any]]] = [
    (Ruling("kick", BOB, None, ALICE), {"action": "kick", **OF_BOB}),
    (
        Ruling("kick", BOB, ROOM, ALICE, "noise"),
        {"action": "kick", **OF_BOB, "room": "#r", "reason": "noise"},
    ),
    (
        Ruling("ban", BOB, ROOM, ALICE, "noise", 1.5),
        {"action": "ban", **OF_BOB, "room": "#r", "reason": "noise", "until": 1.5},
    ),
    (Ruling("unban", BOB, None, ALICE), {"action": "unban", **OF_BOB}),
    (
        Ruling("mute", BOB, ROOM, ALICE, until=1.5),
        {"action": "mute", **OF_BOB, "room": "#r", "until": 1.5},
    ),
    (Ruling("unmute", BOB, ROOM, ALICE), {"action": "unmute", **OF_BOB, "room": "#r"}),
    (Ruling("invite", BOB, ROOM, ALICE), {"action": "invite", **OF_BOB, "room": "#r"}),
    (
        Ruling("role", BOB, None, ALICE, role="owner"),
        {"action": "role", **OF_BOB, "role": "owner"},
    ),
    (
        RoomChanged(ROOM, ALICE, topic=""),
        {"action": "room", "room": "#r", "from": "alice", "topic": ""},
    ),
    (
        RoomChanged(ROOM, ALICE, access="invited"),
        {"action": "room", "room": "#r", "from": "alice", "access": "invited"},
    ),
    (
        RoomChanged(ROOM, ALICE, removed=True),
        {"action": "room", "room": "#r", "from": "alice", "removed": True},
    ),
    (
        PresenceTold(BOB, "here", True, True),
        {
            "action": "presence",
            "user": {"account_name": "bob", "status": "here"},
            "online": True,
            "away": True,
        },
    ),
    (
        PresenceTold(BOB, "", False, False, 1.5),
        {
            "action": "presence",
            "user": {"account_name": "bob", "status": ""},
            "online": False,
            "seen": 1.5,
        },
    ),
    (
        InviteMade(Secret("inv_x"), 7, 1.5, 3),
        {"response": 201, "id": 3, "invite": "inv_x", "invite_id": 7, "expires": 1.5},
    ),
]


@pytest.mark.parametrize(("event", "expected"), TABLE)
def test_each_event_has_its_object(event: Outgoing, expected: dict[str, Any]) -> None:
    (found,) = told(canonical(), [event])
    assert found == {"time": WALL, **expected}


@pytest.mark.parametrize(
    "event", [one for one, _ in TABLE if not isinstance(one, InviteMade)]
)
def test_what_many_are_told_is_encoded_once(
    event: Ruling | RoomChanged | PresenceTold,
) -> None:
    event.forms.clear()
    first = canonical().send([event], 0.0, WALL)
    assert canonical().send([event], 0.0, WALL + 5) == first
    assert event.forms == {"jim": first}


def test_the_order_of_what_is_told_is_kept() -> None:
    events: list[Outgoing] = [one for one, _ in TABLE]
    found = told(canonical(), [Movement(True, ROOM, BOB), *events])
    assert [one.get("action") for one in found] == [
        "join",
        *(expected.get("action") for _, expected in TABLE),
    ]
