"""What the server says of rules and people without being asked."""

from typing import Any

import pytest

from client.events import (
    CaughtUp,
    Event,
    Notice,
    ProtocolBroken,
    SessionEnded,
    SignInRefused,
)
from client.events_rules import ContactNews, RoomNews, Ruling
from client.kinds import Kind
from client.state import State
from unit_tests.client.sessions import asked, line, new_session, signed_in, welcome

BOB = {"time": 1.0, "user": {"account_name": "bob"}, "from": "alice"}
ALICE = {"time": 1.0, "user": {"account_name": "Alice"}, "from": "bob"}

SAID: list[tuple[dict[str, Any], Event]] = [
    ({"action": "kick"} | BOB, Ruling(Kind.KICK, "bob", None, "alice")),
    (
        {"action": "ban", "room": "#r", "until": 9.5, "reason": "spam"} | BOB,
        Ruling(Kind.BAN, "bob", "#r", "alice", "spam", 9.5),
    ),
    (
        {"action": "mute", "room": "#r"} | BOB,
        Ruling(Kind.MUTE, "bob", "#r", "alice"),
    ),
    ({"action": "unban"} | BOB, Ruling(Kind.UNBAN, "bob", None, "alice")),
    ({"action": "unmute"} | BOB, Ruling(Kind.UNMUTE, "bob", None, "alice")),
    (
        {"action": "invite", "room": "#r"} | BOB,
        Ruling(Kind.LET_IN, "bob", "#r", "alice"),
    ),
    (
        {"action": "role", "role": "owner"} | BOB,
        Ruling(Kind.ROLE, "bob", None, "alice", role="owner"),
    ),
    (
        {"action": "room", "time": 1.0, "room": "#r", "from": "bob", "topic": ""},
        RoomNews("#r", "bob", topic=""),
    ),
    (
        {"action": "room", "room": "#r", "from": "bob", "access": "invited"},
        RoomNews("#r", "bob", access="invited"),
    ),
    (
        {"action": "room", "room": "#r", "from": "bob", "removed": True},
        RoomNews("#r", "bob", removed=True),
    ),
    (
        {
            "action": "presence",
            "user": {"account_name": "bob", "status": "tea"},
            "online": True,
            "away": True,
        },
        ContactNews("bob", True, True, "tea"),
    ),
    (
        {
            "action": "presence",
            "user": {"account_name": "bob"},
            "online": False,
            "seen": 4.5,
        },
        ContactNews("bob", False, seen=4.5),
    ),
]


@pytest.mark.parametrize(("said", "event"), SAID)
def test_what_is_ruled_is_told(said: dict[str, Any], event: Event) -> None:
    assert signed_in().receive_data(line(**said)) == [event]


@pytest.mark.parametrize(
    "said",
    [
        {"action": "presence", "user": {"account_name": "alice"}},
        {"action": "kick", "user": "bob"},
        {"action": "room", "room": "#r"},
    ],
)
def test_an_echo_or_nonsense_is_no_protocol_of_ours(said: dict[str, Any]) -> None:
    (event,) = signed_in().receive_data(line(**said))
    assert isinstance(event, ProtocolBroken)


@pytest.mark.parametrize(
    "said",
    [
        {"action": "kick", "room": "#r"} | ALICE,
        {"action": "ban", "room": "#R"} | ALICE,
        {"action": "room", "room": "#r", "from": "bob", "removed": True},
    ],
)
def test_a_room_that_we_were_put_out_of_is_not_joined_again(
    said: dict[str, Any],
) -> None:
    session = signed_in()
    session.join("#r")
    session.receive_data(line(response=200, id=2))
    session.receive_data(line(**said))
    session.receive_eof()
    session.sign_in()
    session.data_to_send()
    session.receive_data(welcome(3, store="another", device_seq=2))
    assert asked(session) == []


def test_who_is_put_out_of_the_server_does_not_come_back() -> None:
    session = signed_in()
    events = session.receive_data(line(response=403, error="kicked by bob"))
    assert events == [SessionEnded("kicked by bob", final=True, barred=True)]
    assert session.state is State.ENDED


def test_other_last_words_leave_the_way_back_open() -> None:
    session = signed_in()
    assert session.receive_data(line(response=408, error="slow")) == [
        Notice(408, "slow")
    ]
    assert session.receive_eof() == [SessionEnded("slow")]


def test_who_is_banned_is_refused_at_the_sign_in() -> None:
    session = new_session()
    session.sign_in()
    (event,) = session.receive_data(line(response=403, error="banned", id=1))
    assert event == SignInRefused(403, "banned")


def test_what_others_see_of_us_is_said_again_on_the_next_connection() -> None:
    session = signed_in()
    session.data_to_send()
    session.set_profile("lunch", away=True)
    session.receive_data(line(response=200, id=2))
    session.receive_data(b'{"action":"probe"}')
    (_, alive) = asked(session)
    assert alive["user"]["status"] == "lunch"
    session.receive_eof()
    session.sign_in()
    session.data_to_send()
    session.receive_data(welcome(3))
    session.retry()
    (request,) = asked(session)
    assert (request["action"], request["status"]) == ("profile", "lunch")
    assert request["away"] is True


def test_what_we_said_on_another_device_was_not_missed() -> None:
    session = signed_in(keeps_history=True)
    for number, sender in ((1, "bob"), (2, "alice")):
        session.receive_data(
            line(
                action="msg",
                time=1.0,
                to="#all",
                message="hi",
                message_id=number,
                encoding="utf-8",
                **{"from": sender},
            )
        )
    (caught_up,) = session.receive_data(
        line(response=100, alert="caught up", last_id=2)
    )
    assert caught_up == CaughtUp(2, 1)
