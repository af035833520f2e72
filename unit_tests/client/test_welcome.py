"""What is sent again after a broken connection, and what never is."""

from typing import Any

import pytest

from client.events import (
    Event,
    MessageFailed,
    MessageSent,
    SessionEnded,
    Welcomed,
)
from client.session import ClientSession
from unit_tests.client.sessions import (
    NOW,
    asked,
    line,
    new_session,
    signed_in,
    welcome,
)


def broken(*texts: str) -> ClientSession:
    """Return a session that has sent `texts` as 2, 3... and lost its connection."""
    return lose(signed_in(), *texts)


def lose(session: ClientSession, *texts: str) -> ClientSession:
    for text in texts:
        session.send_message("bob", text)
    session.data_to_send()
    assert session.receive_eof() == [SessionEnded("")]
    return session


def come_back(session: ClientSession, **told: Any) -> list[Event]:
    """Sign in again; return what follows Welcomed. The request stays to be taken."""
    session.sign_in()
    presence = asked(session)[-1]
    welcomed, *events = session.receive_data(welcome(presence["id"], **told))
    assert isinstance(welcomed, Welcomed)
    return events


def sent(number: int, text: str) -> MessageSent:
    return MessageSent(number, "bob", text)


def refused(number: int, text: str) -> MessageFailed:
    reason = "it was refused before the connection broke"
    return MessageFailed(number, "bob", text, reason, 409)


@pytest.mark.parametrize(
    ("device_seq", "refused_numbers", "events", "again"),
    [
        (0, [], [], [2, 3, 4]),
        (2, [], [sent(1, "a")], [3, 4]),
        (3, [2], [refused(1, "a"), sent(2, "b")], [4]),
        (4, [4], [sent(1, "a"), sent(2, "b"), refused(3, "c")], []),
        (900, [], [sent(1, "a"), sent(2, "b"), sent(3, "c")], []),
    ],
)
def test_only_what_the_server_has_not_settled_is_sent_again(
    device_seq: int, refused_numbers: list[int], events: list[Event], again: list[int]
) -> None:
    session = broken("a", "b", "c")
    assert session.unacknowledged == 3
    told = come_back(session, device_seq=device_seq, refused=refused_numbers)
    assert told == events
    assert [one["id"] for one in asked(session)] == again
    assert session.unacknowledged == len(again)


def test_what_waited_comes_after_what_is_sent_again_with_new_numbers() -> None:
    session = broken("a")
    session.send_message("bob", "typed while away")
    come_back(session)
    again = [(one["id"], one["message"]) for one in asked(session)]
    assert again == [(2, "a"), (4, "typed while away")]


def test_what_was_never_on_the_wire_is_not_taken_for_stored() -> None:
    """A device that was used before has numbers which this process knows not of."""
    session = new_session()
    session.send_message("bob", "typed before the first welcome")
    assert come_back(session, device_seq=17) == []
    assert [one["id"] for one in asked(session)] == [18]


def test_a_device_goes_on_above_its_own_number() -> None:
    session = new_session(last_number=40)
    session.send_message("bob", "hi")
    come_back(session, device_seq=17)
    assert [one["id"] for one in asked(session)] == [42]


def test_the_known_store_is_named_when_coming_back() -> None:
    session = broken()
    session.sign_in()
    assert asked(session)[-1]["store"] == "store-1"


def test_a_server_that_has_begun_anew_gets_rooms_and_messages_again() -> None:
    session = signed_in()
    session.join("#r")
    session.join("#left")
    session.leave("#left")
    session.data_to_send()
    session.receive_data(b"".join(line(response=200, id=one) for one in (2, 3, 4)))
    session.send_message("#r", "hi")
    session.data_to_send()
    session.receive_eof()
    session.sign_in()
    presence = asked(session)[-1]
    events = session.receive_data(welcome(presence["id"], store="store-2"))
    assert events == [Welcomed("alice", guest=True, restarted=True, waiting=1)]
    again = [(one["action"], one.get("room", one.get("to"))) for one in asked(session)]
    assert again == [("join", "#r"), ("msg", "#r")]


def test_a_server_that_has_forgotten_the_device_gets_its_rooms_again() -> None:
    session = signed_in()
    session.join("#r")
    session.send_message("#r", "hi")
    session.data_to_send()
    session.receive_data(line(response=200, id=2) + line(response=200, id=3))
    session.receive_eof()
    come_back(session, device_seq=0)
    assert [one["action"] for one in asked(session)] == ["join"]


def test_a_server_that_knows_the_device_gets_no_room_again() -> None:
    session = signed_in()
    session.join("#r")
    session.data_to_send()
    session.receive_data(line(response=200, id=2))
    session.receive_eof()
    come_back(session, device_seq=0)
    assert asked(session) == []


def test_a_list_that_was_cut_off_is_asked_for_from_the_beginning() -> None:
    session = signed_in()
    session.request_users()
    session.data_to_send()
    page = [{"account_name": "a"}]
    session.receive_data(line(response=202, id=2, data_list=page, more=True, after="a"))
    session.receive_eof()
    come_back(session)
    (request,) = asked(session)
    assert request["action"] == "get_users"
    assert "after" not in request


def test_what_waits_and_is_too_long_fails_when_the_limit_is_known() -> None:
    session = new_session()
    session.send_message("bob", "x" * 101)
    session.send_message("bob", "short")
    (event,) = come_back(session)
    assert isinstance(event, MessageFailed)
    assert (event.number, event.code) == (1, 413)
    assert [one["message"] for one in asked(session)] == ["short"]
    assert session.unacknowledged == 1


def test_a_second_break_changes_nothing_of_the_order() -> None:
    session = broken("a", "b")
    come_back(session)
    session.data_to_send()
    session.receive_eof()
    session.send_message("bob", "c")
    come_back(session, device_seq=2)
    assert [(one["id"], one["message"]) for one in asked(session)] == [
        (3, "b"),
        (6, "c"),
    ]


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def at_restarted_server(clock: Clock, *texts: str) -> ClientSession:
    """Return a session whose `texts` are on their way to a server begun anew."""
    session = ClientSession("alice", "device-1", clock=clock)
    come_back(session)
    lose(session, *texts)
    assert come_back(session, store="store-2") == []
    return session


def answer(session: ClientSession, code: int) -> list[Event]:
    """Give all that the session says one answer."""
    numbers = [one["id"] for one in asked(session)]
    return session.receive_data(
        b"".join(line(response=code, id=number, error="no") for number in numbers)
    )


@pytest.mark.parametrize("code", [404, 410])
def test_whom_a_restarted_server_does_not_know_yet_is_tried_again(code: int) -> None:
    session = at_restarted_server(Clock(), "a", "b")
    assert answer(session, code) == []
    assert asked(session) == []
    assert (session.unacknowledged, session.unanswered) == (2, 2)
    session.retry()
    again = asked(session)
    assert [(one["id"], one["message"]) for one in again] == [(5, "a"), (6, "b")]
    events = session.receive_data(line(response=200, id=5) + line(response=200, id=6))
    assert events == [sent(1, "a"), sent(2, "b")]
    assert session.unanswered == 0


def test_whom_a_restarted_server_does_not_know_for_ten_seconds_is_not_there() -> None:
    clock = Clock()
    session = at_restarted_server(clock, "a")
    for _ in range(10):
        assert answer(session, 404) == []
        clock.now += 1
        session.retry()
    assert answer(session, 404) == [MessageFailed(1, "bob", "a", "no", 404)]
    assert session.unanswered == 0


def test_a_clock_that_is_set_back_prolongs_nothing() -> None:
    clock = Clock()
    session = at_restarted_server(clock, "a")
    clock.now -= 3600
    assert answer(session, 404) == [MessageFailed(1, "bob", "a", "no", 404)]


@pytest.mark.parametrize("code", [400, 403, 413])
def test_what_time_does_not_cure_is_not_tried_again(code: int) -> None:
    session = at_restarted_server(Clock(), "a")
    assert answer(session, code) == [MessageFailed(1, "bob", "a", "no", code)]


def test_what_did_not_wait_is_not_tried_again() -> None:
    session = at_restarted_server(Clock())
    session.send_message("bob", "new")
    assert answer(session, 404) == [MessageFailed(1, "bob", "new", "no", 404)]


def test_a_server_that_was_not_restarted_is_believed() -> None:
    session = broken("a")
    assert come_back(session) == []
    assert answer(session, 404) == [MessageFailed(1, "bob", "a", "no", 404)]


def test_what_is_tried_again_goes_behind_what_has_its_number() -> None:
    session = at_restarted_server(Clock(), "a", "b")
    asked(session)
    assert session.receive_data(line(response=404, id=2)) == []
    assert session.receive_eof() == [SessionEnded("")]
    session.send_message("bob", "c")
    assert come_back(session, store="store-2") == []
    again = [(one["id"], one["message"]) for one in asked(session)]
    assert again == [(3, "b"), (6, "a"), (7, "c")]
