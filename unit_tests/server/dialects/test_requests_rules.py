"""Invitations, roles, rules of rooms: one object to one event, and the limits."""

import logging
from typing import Any

import pytest

from common.names import Secret
from log_config.call_log import call_log_of
from server.dialects.requests import read_request
from server.events import (
    Event,
    Faulty,
    InviteMade,
    InviteToRoom,
    Kick,
    ListInvites,
    ListSanctions,
    MakeInvite,
    Pardon,
    Redeem,
    Register,
    RemoveRoom,
    RevokeInvite,
    Sanction,
    SetAccess,
    SetRole,
    SetTopic,
)
from unit_tests.server.dialects.feeding import canonical, jim, line, told

BOB = {"account_name": "bob"}
TEN_YEARS = 10 * 365 * 86400

CANONICAL: list[tuple[dict[str, Any], Event]] = [
    ({"action": "create_invite"}, MakeInvite()),
    (
        {
            "action": "create_invite",
            "role": "moderator",
            "uses": 10_000,
            "seconds": TEN_YEARS,
            "room": "#r",
            "id": 1,
        },
        MakeInvite("moderator", 10_000, TEN_YEARS, "#r", 1),
    ),
    ({"action": "invites", "id": 2}, ListInvites(2)),
    ({"action": "revoke_invite", "invite_id": 7}, RevokeInvite(7)),
    ({"action": "redeem", "invite": "inv_x", "id": 3}, Redeem(Secret("inv_x"), 3)),
    (
        {"action": "register", "user": BOB, "invite": "inv_x"},
        Register("bob", invite=Secret("inv_x")),
    ),
    ({"action": "invite", "user": BOB, "room": "#r"}, InviteToRoom("#r", "bob")),
    ({"action": "kick", "user": BOB}, Kick("bob")),
    (
        {"action": "kick", "user": BOB, "room": "#r", "reason": "щ" * 200, "id": 4},
        Kick("bob", "#r", "щ" * 200, 4),
    ),
    ({"action": "ban", "user": BOB}, Sanction("ban", "bob")),
    (
        {"action": "mute", "user": BOB, "room": "#r", "seconds": 0.5, "reason": "x"},
        Sanction("mute", "bob", "#r", 0.5, "x"),
    ),
    (
        {"action": "ban", "user": BOB, "from": "eve", "until": 5, "id": 5},
        Sanction("ban", "bob", request=5),
    ),
    ({"action": "unban", "user": BOB, "room": "#r"}, Pardon("ban", "bob", "#r")),
    ({"action": "unmute", "user": BOB, "id": 6}, Pardon("mute", "bob", None, 6)),
    ({"action": "bans", "room": "#r", "id": 7}, ListSanctions("#r", 7)),
    ({"action": "role", "user": BOB, "role": "owner"}, SetRole("bob", "owner")),
    ({"action": "topic", "room": "#r", "topic": ""}, SetTopic("#r", "")),
    ({"action": "topic", "room": "#r", "topic": "t" * 200}, SetTopic("#r", "t" * 200)),
    ({"action": "access", "room": "#r", "access": "open"}, SetAccess("#r", "open")),
    (
        {"action": "access", "room": "#r", "access": "invited", "id": 8},
        SetAccess("#r", "invited", 8),
    ),
    ({"action": "remove_room", "room": "#r", "id": 9}, RemoveRoom("#r", 9)),
]


@pytest.mark.parametrize(("fields", "event"), CANONICAL)
def test_each_request_is_read_and_is_canonical(
    fields: dict[str, Any], event: Event
) -> None:
    reading = read_request(line({**fields, "mood": {"deep": [1]}}))
    assert reading.event == event
    assert reading.canonical


@pytest.mark.parametrize(("fields", "event"), CANONICAL)
def test_a_request_that_comes_byte_by_byte_is_read_as_well(
    fields: dict[str, Any], event: Event
) -> None:
    dialect, data = canonical(), line(fields)
    events = [
        one
        for at in range(len(data))
        for one in dialect.receive_data(data[at : at + 1])
    ]
    assert events == [event]


def test_each_of_them_ends_the_course_voice() -> None:
    for fields, _ in CANONICAL:
        dialect = jim()
        dialect.receive_data(line({"action": "presence", "time": 1, "user": BOB}))
        dialect.receive_data(line(fields))
        assert dialect.answers_probes


MARKED = "MARKED-3c1f"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"action": "create_invite", "uses": 0}, "1 to 10,000"),
    ({"action": "create_invite", "uses": 10_001}, "1 to 10,000"),
    ({"action": "create_invite", "uses": 1.5}, "uses"),
    ({"action": "create_invite", "seconds": 0}, "seconds"),
    ({"action": "create_invite", "seconds": -1}, "seconds"),
    ({"action": "create_invite", "seconds": TEN_YEARS + 1}, "at most 315,360,000"),
    ({"action": "create_invite", "seconds": MARKED}, "seconds"),
    ({"action": "create_invite", "role": MARKED}, "member, moderator, owner"),
    ({"action": "create_invite", "role": "guest"}, "member, moderator, owner"),
    ({"action": "create_invite", "role": "Member"}, "member, moderator, owner"),
    ({"action": "create_invite", "room": [MARKED]}, "room"),
    ({"action": "revoke_invite"}, "invite_id"),
    ({"action": "revoke_invite", "invite_id": -1}, "invite_id"),
    ({"action": "redeem"}, "invite"),
    ({"action": "redeem", "invite": ""}, "1 to 64"),
    ({"action": "redeem", "invite": MARKED * 6}, "1 to 64"),
    ({"action": "redeem", "invite": {MARKED: 1}}, "invite"),
    ({"action": "register", "user": BOB, "invite": MARKED * 6}, "1 to 64"),
    ({"action": "register", "user": BOB, "invite": [MARKED]}, "invite"),
    ({"action": "register", "user": {}, "invite": MARKED}, "account_name"),
    ({"action": "invite", "user": BOB}, "room"),
    ({"action": "invite", "user": MARKED, "room": "#r"}, "user"),
    ({"action": "kick"}, "user"),
    ({"action": "kick", "user": BOB, "reason": MARKED * 20}, "at most 200"),
    ({"action": "ban", "user": BOB, "reason": "x" * 201}, "at most 200"),
    ({"action": "mute", "user": BOB, "seconds": 0}, "seconds"),
    ({"action": "mute", "user": BOB, "seconds": True}, "seconds"),
    ({"action": "unban", "user": {"account_name": 5}}, "account_name"),
    ({"action": "role", "user": BOB}, "role"),
    ({"action": "role", "user": BOB, "role": "guest"}, "member, moderator, owner"),
    ({"action": "role", "user": BOB, "role": "owner", "room": "#r"}, "room"),
    ({"action": "topic", "room": "#r"}, "topic"),
    ({"action": "topic", "room": "#r", "topic": MARKED * 20}, "at most 200"),
    ({"action": "access", "room": "#r", "access": MARKED}, "open, invited"),
    ({"action": "remove_room"}, "room"),
]


@pytest.mark.parametrize(("fields", "problem"), WRONG)
def test_what_is_wrong_is_said_without_quoting_it(
    fields: dict[str, Any], problem: str
) -> None:
    event = read_request(line({**fields, "id": 4})).event
    assert isinstance(event, Faulty)
    assert (event.error.code, event.request, event.number) == (400, 4, None)
    assert problem in str(event.error)
    assert MARKED not in str(event.error)
    assert event.error.__traceback__ is None
    assert event.error.__context__ is None


def test_the_call_log_hides_invitations_also_where_it_shows_texts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    call_log = call_log_of("server")
    try:
        with caplog.at_level(logging.DEBUG, "server.calls"):
            call_log.configure(texts=True)
            asked = {"action": "register", "user": BOB, "invite": MARKED}
            canonical().receive_data(line(asked))
            canonical().receive_data(line({"action": "redeem", "invite": MARKED}))
            canonical().receive_data(line({"action": "redeem", "invite": MARKED * 9}))
            (answer,) = told(canonical(), [InviteMade(Secret(MARKED), 7, 1.5)])
            call_log.finish()
    finally:
        call_log.configure()
    assert answer["invite"] == MARKED
    assert "invite_of" in caplog.text
    assert MARKED not in caplog.text
