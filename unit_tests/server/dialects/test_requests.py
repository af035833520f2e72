"""One object to one event: the tables of both vocabularies."""

import re
from typing import Any

import pytest

from common.names import Secret
from server.dialects.reading import Habits
from server.dialects.requests import _READERS, read_request
from server.events import (
    Authenticate,
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
        {"action": "presence", "id": 1, "user": {"account_name": "a"}},
        SignIn("a", request=1),
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
    ({"action": "msg", "to": "b", "message": "", "id": 7}, Said("b", [""], [7])),
    ({"action": "join", "room": "#r", "id": 1}, JoinRoom("#r", 1)),
    ({"action": "leave", "room": "#r", "id": 1}, LeaveRoom("#r", 1)),
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


#: The course text's own words; with a field of ours each is canonical.
OF_THE_TEXT: list[tuple[dict[str, Any], Event]] = [
    (
        {"action": "presence", "type": "status", "user": {"account_name": "a"}},
        SignIn("a"),
    ),
    (
        {
            "action": "authenticate",
            "user": {"account_name": "a", "password": "secret"},
        },
        Authenticate("a", password=Secret("secret")),
    ),
    ({"action": "msg", "to": "b", "message": "hi"}, Said("b", ["hi"])),
    (
        {"action": "msg", "to": "#r", "from": "eve", "message": "x", "message_id": 9},
        Said("#r", ["x"]),
    ),
    ({"action": "join", "room": "#r"}, JoinRoom("#r")),
    ({"action": "leave", "room": "#r"}, LeaveRoom("#r")),
]


@pytest.mark.parametrize(("fields", "event"), OF_THE_TEXT)
def test_what_the_course_text_says_is_canonical_only_with_a_field_of_ours(
    fields: dict[str, Any], event: Event
) -> None:
    reading = read_request(line(fields))
    assert (reading.event, reading.canonical) == (event, False)
    assert read_request(line({**fields, "id": 1})).canonical


@pytest.mark.parametrize(
    ("fields", "word"),
    [({}, "message"), ({"type": "status"}, "msg"), ({"action": "PRESENCE"}, "MESSAGE")],
)
def test_until_a_client_has_spoken_all_keys_are_its_own(
    fields: dict[str, Any], word: str
) -> None:
    user = {"account_name": "a"}
    reading = read_request(line({"action": "presence", "user": user, **fields}))
    assert reading.habits == Habits(word)


ANY_TIME: list[object] = [
    "1700000000.1",
    "Mon Nov  3 2025",
    "",
    None,
    [],
    {},
    True,
    -1,
    1e300,
]


@pytest.mark.parametrize("time", ANY_TIME)
@pytest.mark.parametrize(
    ("fields", "event"), [*CANONICAL, *OF_THE_TEXT, ({"action": "exit"}, Quitting())]
)
def test_any_time_is_taken(fields: dict[str, Any], event: Event, time: object) -> None:
    reading = read_request(line({**fields, "time": time}))
    assert reading == read_request(line(fields))
    assert reading.event == event


@pytest.mark.parametrize("ignored", [5, None, [], {"a": 1}])
@pytest.mark.parametrize("key", ["from", "encoding", "type"])
def test_of_what_is_ignored_nothing_is_asked(key: str, ignored: object) -> None:
    fields = {"action": "msg", "to": "b", "message": "x", "id": 1, key: ignored}
    assert read_request(line(fields)).event == Said("b", ["x"], [1])
    user = {"account_name": "a", "status": None}
    fields = {"action": "presence", "user": user, key: ignored}
    assert read_request(line(fields)).event == SignIn("a")


NAMED = [
    {"user": {"account_name": "a"}},
    {"user": {"client_name": "a"}},
    {"user": {"client_name": "a", "account_name": None}},
    {"account_name": "a"},
    {"client_name": "a"},
    {"account_name": "a", "user": {"status": "Yep, I am here!"}},
    {"account_name": "a", "user": "whatever"},
    {"user": "a"},
]


@pytest.mark.parametrize("named", NAMED)
def test_the_name_stands_under_any_of_the_known_keys(named: dict[str, Any]) -> None:
    event = read_request(line({"action": "presence", **named})).event
    assert isinstance(event, SignIn)
    assert event.name == "a"


@pytest.mark.parametrize("more", [{"device": "d"}, {"id": 1}, {"since": 2}])
def test_a_presence_with_a_field_of_ours_is_canonical(more: dict[str, Any]) -> None:
    fields = {"action": "presence", "time": 1, "user": {"account_name": "a"}}
    assert read_request(line({**fields, **more})).canonical


def test_get_users_of_the_course_decides_nothing() -> None:
    fields = {"action": "get_users", "time": 1.5, "account_name": "a"}
    assert not read_request(line(fields)).canonical
    assert read_request(line({**fields, "id": 1})).canonical


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
        (b'{"action":"msg","to":5,"message":"x"}', "to"),
        (b'{"action":"msg","to":null,"message":"x","id":1}', "to"),
        (b'{"action":"msg","message":"x","id":1}', "one of to"),
        (b'{"action":"message","destination":[],"text":"x"}', "destination"),
        (b'{"action":"msg","to":"b"}', "needs one of"),
        (b'{"action":"message","to":"b","mess_text":5}', "mess_text"),
        (b'{"action":"message","to":"b","mess_text":"x","id":1.5}', "whole number"),
        (b'{"action":"msg","to":"b","message":"x","id":1.5}', "id"),
        (b'{"action":"msg","to":"b","message":"x","id":"1"}', "id"),
        (b'{"action":"msg","to":"b","message":"x","id":true}', "id"),
        (b'{"action":"join"}', "room"),
        (b'{"action":"join","room":5}', "room"),
        (b'{"action":"presence","user":["alice"]}', "user"),
        (b'{"action":"presence","user":{}}', "account_name"),
        (b'{"action":"presence"}', "user.account_name"),
        (b'{"action":"presence","user":{"name":"a"}}', "user.account_name"),
        (b'{"action":"presence","account_name":5}', "user.account_name"),
        (b'{"action":"authenticate","user":{"password":"x"}}', "user.account_name"),
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
