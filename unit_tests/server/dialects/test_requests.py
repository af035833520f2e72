"""One object to one event: the tables of both vocabularies."""

import re
from typing import Any

import pytest

from common.names import Secret
from server.dialects.reading import Habits
from server.dialects.requests import _READERS, read_request
from server.events import (
    Event,
    Faulty,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    Quitting,
    Said,
    SignIn,
)
from unit_tests.helpers import ROOT
from unit_tests.server.dialects.feeding import line

CANONICAL: list[tuple[dict[str, Any], Event]] = [
    (
        {"action": "presence", "type": "status", "user": {"account_name": "a"}},
        SignIn("a"),
    ),
    (
        {
            "action": "presence",
            "time": 1.5,
            "user": {"account_name": "a", "status": "busy"},
            "device": "d1",
            "store": "x",
            "since": 4,
            "id": 3,
        },
        SignIn("a", "busy", Secret("d1"), 3, "x", 4),
    ),
    ({"action": "msg", "to": "b", "message": "hi"}, Said("b", ["hi"])),
    ({"action": "msg", "to": "b", "message": "", "id": 7}, Said("b", [""], [7])),
    (
        {"action": "msg", "to": "#r", "from": "eve", "message": "x", "message_id": 9},
        Said("#r", ["x"]),
    ),
    ({"action": "join", "room": "#r", "id": 1}, JoinRoom("#r", 1)),
    ({"action": "leave", "room": "#r"}, LeaveRoom("#r")),
    ({"action": "rooms", "after": "#a", "limit": 5}, ListRooms(None, "#a", 5)),
    ({"action": "rooms", "id": 2}, ListRooms(2)),
    (
        {"action": "get_users", "room": "#r", "id": 4, "after": "b", "limit": 1},
        ListUsers("#r", 4, "b", 1),
    ),
]


@pytest.mark.parametrize(("fields", "event"), CANONICAL)
def test_the_canonical_form_is_read(fields: dict[str, Any], event: Event) -> None:
    reading = read_request(line(fields))
    assert reading.event == event
    assert reading.canonical


@pytest.mark.parametrize(("fields", "event"), CANONICAL)
def test_unknown_fields_are_ignored(fields: dict[str, Any], event: Event) -> None:
    assert read_request(line({**fields, "mood": {"deep": [1]}})).event == event


@pytest.mark.parametrize("action", ["quit", "exit", "EXIT"])
def test_quit_and_exit_end_the_session(action: str) -> None:
    assert read_request(line({"action": action})).event == Quitting()


COURSE_MESSAGES = [
    (action, sender, recipient, text)
    for action, sender, recipient, text in (
        ("message", "from", "to", "mess_text"),
        ("msg", "from", "to", "mess_text"),
        ("MESSAGE", "from", "to", "text"),
        ("message", "sender", "destination", "message_text"),
        ("message", "account_name", "message_receiver", "text"),
        ("message", "user", "recipient", "mess_text"),
        ("message", "from", "to", "message"),
        ("MESSAGE", "sender", "to", "message"),
    )
]


@pytest.mark.parametrize(("action", "sender", "recipient", "text"), COURSE_MESSAGES)
def test_each_course_spelling_of_a_message_is_read_and_remembered(
    action: str, sender: str, recipient: str, text: str
) -> None:
    claimed: object = {"account_name": "alice"} if sender == "user" else "alice"
    fields = {"action": action, "time": 1.5, sender: claimed, recipient: "bob"}
    reading = read_request(line({**fields, text: "привет"}))
    assert reading.event == Said("bob", ["привет"])
    assert not reading.canonical
    assert reading.habits == Habits(action, sender, recipient, text)


@pytest.mark.parametrize(
    "user",
    [
        {"account_name": "a"},
        {"account_name": "a", "status": "Yep, I am here!"},
        {"account_name": "a", "pubkey": "-----BEGIN PUBLIC KEY-----"},
    ],
)
def test_a_presence_of_the_course_is_known_as_one(user: dict[str, str]) -> None:
    reading = read_request(line({"action": "presence", "time": 1.5, "user": user}))
    assert reading.event == SignIn("a", user.get("status", ""))
    assert not reading.canonical
    assert reading.has_pubkey == ("pubkey" in user)


@pytest.mark.parametrize(
    "more", [{"type": "status"}, {"device": "d"}, {"id": 1}, {"since": 2}]
)
def test_a_presence_with_a_field_of_ours_is_canonical(more: dict[str, Any]) -> None:
    fields = {"action": "presence", "time": 1, "user": {"account_name": "a"}}
    assert read_request(line({**fields, **more})).canonical


def test_get_users_of_the_course_decides_nothing() -> None:
    fields = {"action": "get_users", "time": 1.5, "account_name": "a"}
    assert read_request(line(fields)).canonical is None


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b'{"action":"msg","to":"b","to":"c","message":"x"}', "twice"),
        (b'{"action":"msg","to":"b","message":"x","user":{"a":1,"a":2}}', "twice"),
        (b'{"action":"msg","to":"b","message":"x","time":1e999}', "out of range"),
        (b'{"action":"msg","to":"b","message":"x","time":NaN}', "not JSON"),
        (b'{"action":"msg","to":"b","message":"\xff"}', "not UTF-8"),
        (b'{"action":"msg","to":"b","message":"\x00"}', "not JSON"),
        (b'{"action":"msg","to":"b","message":"\\ud800"}', ""),
        (b'{"action":"msg","to":"b","message":"x"', "too early"),
        (b'{"action":"msg","to":"b","message":"x",}', "not JSON"),
        (b'{"action":"msg","to":"b","message":5}', "message"),
        (b'{"action":"msg","to":null,"message":"x"}', "to"),
        (b'{"action":"msg","message":"x"}', "to"),
        (b'{"action":"msg","to":"b"}', "needs one of"),
        (b'{"action":"message","to":"b","mess_text":5}', "strings"),
        (b'{"action":"message","to":"b","mess_text":"x","id":1.5}', "whole number"),
        (b'{"action":"msg","to":"b","message":"x","id":1.5}', "id"),
        (b'{"action":"msg","to":"b","message":"x","id":"1"}', "id"),
        (b'{"action":"msg","to":"b","message":"x","id":true}', "id"),
        (b'{"action":"join"}', "room"),
        (b'{"action":"join","room":5}', "room"),
        (b'{"action":"presence","user":"alice"}', "user"),
        (b'{"action":"presence","user":{}}', "account_name"),
        (b'{"action":"presence"}', "user"),
        (b'{"action":"presence","user":{"account_name":"a"},"device":""}', "device"),
        (b'{"action":"presence","user":{"account_name":"a"},"since":-1}', "since"),
        (b'{"action":"presence","user":{"account_name":"a"},"since":"1"}', "since"),
        (b'{"action":"presence","user":{"account_name":"a"},"store":5}', "store"),
        (b'{"action":"rooms","limit":"all"}', "limit"),
        (b'{"action":"rooms","limit":-1}', "limit"),
        (b'{"action":"get_users","limit":9007199254740992}', "limit"),
        (b'{"action":"delivered","with":"a","message_id":1}', "unknown action"),
        (b'{"action":"dance"}', "unknown action"),
        ('{"action":"prоbe"}'.encode(), "unknown action"),
        (b'{"action":"probe"}', "only the server"),
        (b'{"action":5}', "action"),
        (b'{"time":1}', "action"),
        (b"{}", "action"),
    ],
)
def test_what_is_wrong_is_said_and_never_raised(raw: bytes, problem: str) -> None:
    event = read_request(raw).event
    assert isinstance(event, Faulty)
    assert event.error.code == 400
    assert problem in str(event.error)
    assert not event.fatal


@pytest.mark.parametrize("length", [65, 10_000])
def test_a_device_id_that_is_too_long_is_refused(length: int) -> None:
    fields = {"action": "presence", "user": {"account_name": "a"}}
    event = read_request(line({**fields, "device": "d" * length})).event
    assert isinstance(event, Faulty)
    assert "64" in str(event.error)


def test_a_fault_keeps_the_number_of_the_request() -> None:
    event = read_request(line({"action": "join", "room": 5, "id": 8})).event
    assert isinstance(event, Faulty)
    assert (event.request, event.number) == (8, None)


def test_a_faulty_message_is_a_number_that_will_be_settled() -> None:
    event = read_request(
        line({"action": "msg", "to": 5, "message": "x", "id": 8})
    ).event
    assert isinstance(event, Faulty)
    assert (event.request, event.number) == (8, 8)


def test_every_action_that_is_read_stands_in_the_protocols_page() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    named = set(re.findall(r"[a-z_]+", page))
    assert set(_READERS) - named == set()
