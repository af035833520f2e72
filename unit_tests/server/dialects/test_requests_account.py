"""Accounts, tokens, devices: one object to one event, and no secret in a complaint."""

import logging
from typing import Any

import pytest

from common.names import Secret
from log_config.call_log import call_log_of
from server.dialects.requests import read_request
from server.events import (
    Authenticate,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    Event,
    Faulty,
    ForgetDevice,
    ListDevices,
    ListTokens,
    Register,
    Registered,
    RevokeToken,
)
from unit_tests.server.dialects.feeding import canonical, jim, line, told

ALICE = {"account_name": "alice"}
PASSWORD, TOKEN, DEVICE = Secret("pa55"), Secret("t0ken"), Secret("d1")
HIGHEST = 2**53 - 1

CANONICAL: list[tuple[dict[str, Any], Event]] = [
    ({"action": "register", "user": ALICE}, Register("alice")),
    (
        {"action": "register", "id": 3, "user": {**ALICE, "password": PASSWORD}},
        Register("alice", PASSWORD, 3),
    ),
    (
        {"action": "authenticate", "user": {**ALICE, "password": PASSWORD}, "id": 2},
        Authenticate("alice", PASSWORD, request=2),
    ),
    (
        {"action": "authenticate", "user": {**ALICE, "token": TOKEN}},
        Authenticate("alice", None, TOKEN),
    ),
    (
        {
            "action": "authenticate",
            "user": {**ALICE, "token": TOKEN},
            "device": DEVICE,
            "store": "b41e",
            "since": 4711,
            "id": 1,
        },
        Authenticate("alice", None, TOKEN, DEVICE, 1, "b41e", 4711),
    ),
    (
        {
            "action": "authenticate",
            "user": {**ALICE, "token": TOKEN},
            "device": "d" * 64,
            "since": HIGHEST,
        },
        Authenticate("alice", None, TOKEN, Secret("d" * 64), since=HIGHEST),
    ),
    ({"action": "create_token", "id": 5}, CreateToken(5)),
    ({"action": "tokens"}, ListTokens()),
    ({"action": "revoke_token", "token_id": 7, "id": 6}, RevokeToken(7, 6)),
    ({"action": "devices", "id": 7}, ListDevices(7)),
    ({"action": "forget_device", "device_id": 0}, ForgetDevice(0)),
    (
        {"action": "change_password", "password": "a", "new_password": "b", "id": 8},
        ChangePassword(Secret("a"), Secret("b"), 8),
    ),
    ({"action": "delete_account"}, DeleteAccount()),
    (
        {"action": "delete_account", "password": PASSWORD, "id": 9},
        DeleteAccount(PASSWORD, 9),
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
def test_unknown_fields_are_ignored(fields: dict[str, Any], event: Event) -> None:
    assert read_request(line({**fields, "mood": {"deep": [1]}})).event == event


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


MARKED = "MARKED-3c1f"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"action": "authenticate"}, "user"),
    ({"action": "authenticate", "user": MARKED}, "user"),
    ({"action": "authenticate", "user": ALICE}, "either a password or a token"),
    (
        {"action": "authenticate", "user": {**ALICE, "password": "a", "token": MARKED}},
        "either a password or a token",
    ),
    ({"action": "authenticate", "user": {"password": MARKED}}, "account_name"),
    ({"action": "authenticate", "user": {**ALICE, "password": [MARKED]}}, "password"),
    ({"action": "authenticate", "user": {**ALICE, "token": {MARKED: 1}}}, "token"),
    (
        {"action": "authenticate", "user": {**ALICE, "token": MARKED}, "device": ""},
        "1 to 64",
    ),
    (
        {
            "action": "authenticate",
            "user": {**ALICE, "token": MARKED},
            "device": MARKED * 6,
        },
        "1 to 64",
    ),
    (
        {"action": "authenticate", "user": {**ALICE, "token": MARKED}, "since": -1},
        "since",
    ),
    (
        {"action": "authenticate", "user": {**ALICE, "token": MARKED}, "since": 2**53},
        "since",
    ),
    ({"action": "register", "user": {**ALICE, "password": 5}}, "password"),
    ({"action": "register", "user": {**ALICE, "password": MARKED}, "id": "x"}, "id"),
    ({"action": "change_password", "password": MARKED}, "new_password"),
    ({"action": "delete_account", "password": [MARKED]}, "password"),
    ({"action": "revoke_token"}, "token_id"),
    ({"action": "revoke_token", "token_id": MARKED}, "token_id"),
    ({"action": "revoke_token", "token_id": -1}, "token_id"),
    ({"action": "revoke_token", "token_id": 1.5}, "token_id"),
    ({"action": "forget_device", "device_id": 2**53}, "device_id"),
    ({"action": "forget_device", "device_id": None}, "device_id"),
    ({"action": "presence", "user": ALICE, "device": [MARKED]}, "device"),
    ({"action": "presence", "user": ALICE, "device": MARKED * 6}, "1 to 64"),
]


@pytest.mark.parametrize(("fields", "problem"), WRONG)
def test_what_is_wrong_is_said_without_a_secret(
    fields: dict[str, Any], problem: str
) -> None:
    event = read_request(line(fields)).event
    assert isinstance(event, Faulty)
    assert event.error.code == 400
    assert problem in str(event.error)
    assert MARKED not in str(event.error)


def test_an_error_holds_nothing_of_the_request_that_caused_it() -> None:
    fields = {"action": "register", "user": {**ALICE, "password": [MARKED]}}
    for wrong in (fields, {"action": "register", "user": {"password": MARKED}}):
        event = read_request(line(wrong)).event
        assert isinstance(event, Faulty)
        assert event.error.__traceback__ is None
        assert event.error.__context__ is None


def test_an_action_of_accounts_ends_the_course_voice() -> None:
    for fields, _ in CANONICAL:
        dialect = jim()
        presence = {"action": "presence", "time": 1, "user": ALICE}
        dialect.receive_data(line(presence) + line(fields))
        assert dialect.answers_probes


def test_the_call_log_hides_secrets_also_where_it_shows_texts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    call_log = call_log_of("server")
    try:
        with caplog.at_level(logging.DEBUG, "server.calls"):
            call_log.configure(texts=True)
            for user in ({"password": MARKED}, {"token": MARKED}):
                named = {**ALICE, **user}
                asked = {"action": "authenticate", "user": named, "device": MARKED}
                read_request(line({**asked, "store": "the store"}))
            read_request(line({"action": "delete_account", "password": MARKED}))
            (answer,) = told(canonical(), [Registered(Secret(MARKED), 7, 1)])
            call_log.finish()
    finally:
        call_log.configure()
    assert answer["token"] == MARKED
    assert "the store" in caplog.text
    assert MARKED not in caplog.text
