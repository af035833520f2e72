"""Contacts in all their forms, blocking, profiles: one object to one event."""

from typing import Any

import pytest

from server.dialects.requests import read_request
from server.events import (
    AddContact,
    AskPerson,
    Block,
    Event,
    Faulty,
    ListBlocked,
    ListContacts,
    RemoveContact,
    SetProfile,
    Unblock,
)
from unit_tests.server.dialects.feeding import canonical, jim, line

BOB = {"account_name": "bob"}

CANONICAL: list[tuple[dict[str, Any], Event]] = [
    ({"action": "block", "user": BOB, "id": 1}, Block("bob", 1)),
    ({"action": "unblock", "user": BOB}, Unblock("bob")),
    ({"action": "blocked", "id": 2, "after": "bob"}, ListBlocked(2, "bob")),
    ({"action": "add", "user": BOB}, AddContact("bob")),
    ({"action": "add", "user": BOB, "id": 3}, AddContact("bob", 3)),
    ({"action": "remove", "user": BOB, "id": 4}, RemoveContact("bob", 4)),
    ({"action": "add", "account_name": "bob", "id": 5}, AddContact("bob", 5)),
    ({"action": "get_contacts", "id": 6}, ListContacts(6)),
    ({"action": "get_contacts", "after": "bob"}, ListContacts(None, "bob")),
    ({"action": "profile", "id": 7}, SetProfile(request=7)),
    (
        {"action": "profile", "status": "", "away": True, "show_seen": False},
        SetProfile("", True, False),
    ),
    ({"action": "profile", "status": "s" * 100}, SetProfile("s" * 100)),
    ({"action": "whois", "user": BOB, "id": 8}, AskPerson("bob", 8)),
]  # fmt: skip


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


COURSE: list[tuple[dict[str, Any], Event]] = [
    ({"action": "add", "user": "ann", "account_name": "bob"}, AddContact("bob")),
    ({"action": "add", "user": "bob"}, AddContact("bob")),
    ({"action": "add", "account_name": "bob"}, AddContact("bob")),
    ({"action": "add_contact", "user_id": "bob"}, AddContact("bob")),
    ({"action": "add_contact", "user": "ann", "user_id": "bob"}, AddContact("bob")),
    ({"action": "remove", "user": "ann", "account_name": "bob"}, RemoveContact("bob")),
    ({"action": "del_contact", "user_id": "bob"}, RemoveContact("bob")),
    ({"action": "get_contacts", "user": "ann"}, ListContacts()),
    ({"action": "get_contacts", "account_name": "ann"}, ListContacts()),
    ({"action": "get_contacts"}, ListContacts()),
]


@pytest.mark.parametrize(("fields", "event"), COURSE)
def test_the_forms_of_the_course_are_read_and_leave_its_voice(
    fields: dict[str, Any], event: Event
) -> None:
    assert read_request(line({**fields, "time": 1.5})).event == event
    dialect = jim()
    user = {"account_name": "ann"}
    dialect.receive_data(line({"action": "presence", "time": 1, "user": user}))
    assert dialect.receive_data(line({**fields, "time": 1.5})) == [event]
    assert not dialect.answers_probes
    assert dialect.receive_data(line({**fields, "id": 1}))
    assert dialect.answers_probes


MARKED = "MARKED-3c1f"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"action": "block"}, "user"),
    ({"action": "block", "user": MARKED}, "user"),
    ({"action": "unblock", "user": {"name": MARKED}}, "account_name"),
    ({"action": "add"}, "who is meant"),
    ({"action": "add", "user": [MARKED]}, "user"),
    ({"action": "add", "user": {"account_name": [MARKED]}}, "account_name"),
    ({"action": "add", "account_name": 5}, "account_name"),
    ({"action": "add_contact", "user_id": None}, "user_id"),
    ({"action": "del_contact"}, "who is meant"),
    ({"action": "get_contacts", "after": 5}, "after"),
    ({"action": "profile", "status": MARKED * 10}, "at most 100"),
    ({"action": "profile", "away": "yes"}, "away"),
    ({"action": "profile", "show_seen": 1}, "show_seen"),
    ({"action": "whois"}, "user"),
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
