"""What was missed: from which message on it is asked for, and how it is told."""

from typing import Any

import pytest

from client.events import CaughtUp, Event, MessageReceived, MessageSent, Notice
from client.session import ClientSession
from unit_tests.client.sessions import NOW, asked, line, new_session, signed_in, welcome

KEEPING: dict[str, Any] = {"keeps_history": True, "last_id": 10}


def message(message_id: int, text: str = "hi", **more: Any) -> bytes:
    fields = {"from": "bob", "to": "alice", "encoding": "utf-8"} | more
    return line(action="msg", time=5.5, message=text, message_id=message_id, **fields)


def caught_up(last_id: int) -> bytes:
    return line(response=100, time=NOW, alert="caught up", last_id=last_id)


def keeping(**told: Any) -> ClientSession:
    """Return a session at a server that keeps history, caught up to message 10."""
    session = signed_in(**(KEEPING | told))
    assert session.receive_data(caught_up(10)) == [CaughtUp(10, 0)]
    session.data_to_send()
    return session


def sign_in_again(session: ClientSession) -> dict[str, Any]:
    """Lose the connection; return what the next one begins with."""
    session.data_to_send()
    session.receive_eof()
    session.sign_in()
    (said,) = asked(session)
    return said


def come_back(session: ClientSession, **told: Any) -> list[Event]:
    presence = sign_in_again(session)
    return session.receive_data(welcome(presence["id"], **(KEEPING | told)))


def test_the_first_sign_in_asks_for_nothing_that_was_missed() -> None:
    session = new_session()
    session.sign_in()
    (said,) = asked(session)
    assert "since" not in said
    assert "store" not in said


def test_the_last_message_and_its_store_are_named_when_coming_back() -> None:
    session = keeping()
    session.receive_data(message(14))
    said = sign_in_again(session)
    assert (said["store"], said["since"]) == ("store-1", 14)


def test_what_is_said_between_the_welcome_and_the_end_of_the_replay_is_not_lost() -> (
    None
):
    session = signed_in(**KEEPING)
    assert sign_in_again(session)["since"] == 10


def test_caught_up_counts_as_a_message() -> None:
    session = keeping()
    session.receive_data(caught_up(20))
    assert sign_in_again(session)["since"] == 20


def test_the_answer_to_a_message_counts_once_all_has_come() -> None:
    session = keeping()
    session.send_message("bob", "hi")
    session.receive_data(line(response=200, id=2, message_id=12))
    assert sign_in_again(session)["since"] == 12


def test_before_all_has_come_the_answer_to_a_message_says_nothing() -> None:
    session = keeping()
    come_back(session)
    session.send_message("bob", "hi")
    session.receive_data(message(11))
    session.receive_data(line(response=200, id=3, message_id=19))
    assert sign_in_again(session)["since"] == 11


def test_ids_of_another_store_mean_nothing() -> None:
    session = keeping()
    session.receive_data(message(14))
    come_back(session, store="store-2", last_id=3)
    events = session.receive_data(message(4))
    assert [type(event) for event in events] == [MessageReceived]
    said = sign_in_again(session)
    assert (said["store"], said["since"]) == ("store-2", 4)


def test_a_restart_with_the_same_store_is_no_new_beginning() -> None:
    session = keeping()
    (welcomed,) = come_back(session)
    assert not getattr(welcomed, "restarted", True)
    assert getattr(welcomed, "keeps_history", False)


def test_what_is_replayed_is_told_as_missed_and_counted() -> None:
    session = keeping()
    come_back(session)
    events = session.receive_data(message(11) + message(13) + caught_up(15))
    events += session.receive_data(message(16))
    assert events == [
        MessageReceived("bob", "alice", "hi", 5.5, 11, missed=True),
        MessageReceived("bob", "alice", "hi", 5.5, 13, missed=True),
        CaughtUp(15, 2),
        MessageReceived("bob", "alice", "hi", 5.5, 16),
    ]


def test_a_message_twice_in_a_replay_is_told_once() -> None:
    session = keeping()
    come_back(session)
    events = session.receive_data(message(11) + message(11) + message(9))
    assert len(events) == 1


def test_at_a_server_that_keeps_nothing_nothing_is_missed() -> None:
    session = signed_in()
    (event,) = session.receive_data(message(1))
    assert event == MessageReceived("bob", "alice", "hi", 5.5, 1)


def test_what_another_device_of_ours_said_is_told() -> None:
    session = keeping()
    (event,) = session.receive_data(message(11, **{"from": "alice", "to": "bob"}))
    assert event == MessageReceived("alice", "bob", "hi", 5.5, 11)


def test_what_this_device_said_is_no_news() -> None:
    session = keeping()
    come_back(session)
    own: dict[str, Any] = {"from": "Alice", "to": "bob", "id": 1}
    events = session.receive_data(message(11, **own) + caught_up(11))
    assert events == [CaughtUp(11, 0)]


def test_a_replayed_message_of_ours_settles_the_one_without_an_answer() -> None:
    session = keeping()
    come_back(session)
    number = session.send_message("bob", "hi")
    own: dict[str, Any] = {"from": "alice", "to": "bob", "id": 3}
    events = session.receive_data(message(11, **own))
    assert events == [MessageSent(number, "bob", "hi", 11)]
    assert session.unacknowledged == 0
    assert session.receive_data(line(response=200, id=3, message_id=11)) == []


def test_another_notice_is_no_end_of_the_replay() -> None:
    session = signed_in(**KEEPING)
    assert session.receive_data(line(response=100, alert="hello")) == [
        Notice(100, "hello")
    ]
    (event,) = session.receive_data(message(11))
    assert isinstance(event, MessageReceived)
    assert event.missed


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def with_clock() -> tuple[ClientSession, Clock]:
    clock = Clock()
    session = ClientSession("alice", "device-1", clock=clock)
    session.sign_in()
    session.receive_data(welcome(**KEEPING) + caught_up(10))
    session.data_to_send()
    return session, clock


def tick(session: ClientSession) -> list[int]:
    """Let a second's work be done; return which messages were said to have come."""
    session.retry()
    said = asked(session)
    assert all(one["action"] == "received" and "id" not in one for one in said)
    return [one["message_id"] for one in said]


def test_that_messages_came_is_said_at_most_once_a_second() -> None:
    session, clock = with_clock()
    session.receive_data(message(11) + message(12))
    assert tick(session) == [12]
    session.receive_data(message(13))
    assert tick(session) == []
    clock.now += 1
    assert tick(session) == [13]
    clock.now += 1
    assert tick(session) == []


def test_nothing_that_came_is_nothing_to_say() -> None:
    session, _ = with_clock()
    assert tick(session) == []


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    session, clock = with_clock()
    session.receive_data(message(11))
    assert tick(session) == [11]
    session.receive_data(message(12))
    clock.now -= 3600
    assert tick(session) == [12]


def test_after_a_break_it_is_said_again_that_messages_came() -> None:
    """Nobody knows whether the word of it had arrived."""
    session, clock = with_clock()
    session.receive_data(message(11))
    assert tick(session) == [11]
    come_back(session)
    clock.now += 1
    session.data_to_send()
    assert tick(session) == [11]


def test_who_leaves_says_what_has_come() -> None:
    session, _ = with_clock()
    session.receive_data(message(11))
    session.quit()
    assert [one["action"] for one in asked(session)] == ["received", "quit"]


@pytest.mark.parametrize("state", ["signed out", "keeps nothing"])
def test_where_nobody_listens_nothing_is_said(state: str) -> None:
    session = signed_in() if state == "keeps nothing" else keeping()
    session.receive_data(message(11))
    session.data_to_send()
    if state == "signed out":
        session.receive_eof()
    session.retry()
    assert session.data_to_send() == b""
