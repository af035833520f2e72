"""The owner's shell as bytes: lines in, lines out."""

import json
import random
from typing import Any

import pytest

from common.limits import Limits
from common.names import Name
from errors import BadRequest, NoSuchName, OutOfService, TooLong
from server.dialects.admin import AdminDialect
from server.events import (
    Administer,
    Administered,
    Event,
    Faulty,
    Goodbye,
    Notice,
    Outgoing,
    Probing,
    Refused,
)
from unit_tests.server.dialects.feeding import NOW, WALL, cut

WHO = b'{"command":"who","arguments":{"limit":3},"id":7}\n'
SAY = '{"command":"say","arguments":{"text":"привет"}}\n'.encode()
EVENTS = [
    Administer("who", {"limit": 3}, 7),
    Administer("say", {"text": "привет"}, None),
]


def admin(**limits: Any) -> AdminDialect:
    return AdminDialect(Limits(**limits))


def told(*events: Outgoing) -> list[Any]:
    data = admin().send(events, NOW, WALL)
    assert data.endswith(b"\n") or not data
    return [json.loads(line) for line in data.splitlines()]


def fault(events: list[Event]) -> Faulty:
    assert len(events) == 1
    assert isinstance(events[0], Faulty)
    return events[0]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_commands_are_read_however_they_are_cut(size: int) -> None:
    dialect = admin()
    pieces = cut(WHO + b"\n" + SAY, range(size, len(WHO + SAY) + 1, size))
    assert [one for piece in pieces for one in dialect.receive_data(piece)] == EVENTS
    assert dialect.receive_eof() == ()


@pytest.mark.parametrize(
    "line",
    [
        b"who\n",
        b"{}\n",
        b"[]\n",
        b'{"command":7}\n',
        b'{"command":"who","arguments":[]}\n',
        b'{"command":"who","id":"one"}\n',
        b'{"command":"\xff"}\n',
        b"[" * 60_000 + b"\n",
    ],
)
def test_what_is_no_command_is_a_fault_and_the_next_one_is_read(line: bytes) -> None:
    events = admin().receive_data(line + WHO)
    assert fault(list(events[:1])).error.code == 400
    assert events[1:] == EVENTS[:1]


def test_a_fault_does_not_quote_what_came() -> None:
    events = admin().receive_data(b'{"command":"user.passwd","password":"SECRET\n')
    error = fault(list(events)).error
    assert isinstance(error, BadRequest)
    assert "SECRET" not in str(error)


def test_a_line_without_an_end_has_a_limit() -> None:
    dialect = admin(object_bytes=100)
    assert list(dialect.receive_data(b"x" * 100)) == []
    found = fault(list(dialect.receive_data(b"x")))
    assert isinstance(found.error, TooLong)
    assert found.fatal


def test_answers_are_a_line_each_with_the_id_of_the_command() -> None:
    assert told(
        Administered({"rows": []}, 7),
        Refused(NoSuchName("bob"), 8),
        Refused(BadRequest("no"), None),
        Goodbye(OutOfService("the server is going down")),
    ) == [
        {"response": 200, "id": 7, "result": {"rows": []}},
        {"response": 404, "id": 8, "error": "there is nobody called 'bob' here"},
        {"response": 400, "id": None, "error": "bad request: no"},
        {"response": 500, "error": "the server is going down"},
    ]


def test_what_is_for_everybody_is_not_for_a_shell() -> None:
    assert told(Notice(101, "hello"), Probing()) == []


def test_an_object_ends_with_its_line() -> None:
    assert admin().end_of_object(b'1}\n{"response"') == 3
    assert admin().data_to_send(NOW) == b""


def test_no_bytes_raise() -> None:
    chance = random.Random(7)
    words = [WHO, SAY, b"\n", b"{", b'"', b"\\", b"\x00\xff", Name("é").encode()]
    for _ in range(300):
        dialect = admin(object_bytes=200)
        for _ in range(20):
            events = dialect.receive_data(chance.choice(words) * chance.randint(1, 3))
            assert all(isinstance(one, Administer | Faulty) for one in events)
