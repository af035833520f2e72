"""What is asked of an account's server, and the events that answer it."""

from typing import Any

import pytest

from client.events import (
    Conversation,
    ConversationsListed,
    DevicesListed,
    HistoryListed,
    KeptMessage,
    Kind,
    KnownDevice,
    ProtocolBroken,
    Registered,
    RequestDone,
    RequestFailed,
    SearchDone,
    SessionEnded,
    TokenMade,
)
from client.session import ClientSession, Credentials
from client.state import State
from common.names import Secret
from unit_tests.client.sessions import NOW, asked, line, new_session, signed_in, welcome

ROW = {"message_id": 7, "time": 5.5, "from": "bob", "to": "alice", "message": "hi"}
MESSAGE = KeptMessage(7, 5.5, "bob", "alice", "hi")
DEVICE = {"device_id": 3, "created": 1, "seen": 2, "online": True, "here": True}

REQUESTS: list[tuple[str, tuple[Any, ...], dict[str, Any], dict[str, Any], Any]] = [
    (
        "request_history",
        ("bob", 9, None, 20),
        {"action": "history", "with": "bob", "before": 9, "limit": 20},
        {"response": 202, "data_list": [ROW], "more": True, "before": 7},
        HistoryListed(1, "bob", [MESSAGE], more=True, before=7),
    ),
    (
        "request_history",
        ("#r", None, 0),
        {"action": "history", "with": "#r", "after": 0},
        {"response": 202, "data_list": [ROW], "more": True, "after": 7},
        HistoryListed(1, "#r", [MESSAGE], more=True),
    ),
    (
        "request_conversations",
        (),
        {"action": "conversations"},
        {
            "response": 202,
            "data_list": [{"with": "bob", "unread": 2, "read": 5, "last": ROW}],
        },
        ConversationsListed(1, [Conversation("bob", 2, 5, MESSAGE)]),
    ),
    (
        "search",
        ("hi there", "bob", 9),
        {"action": "search", "text": "hi there", "with": "bob", "before": 9},
        {"response": 202, "data_list": [ROW], "more": True, "before": 7, "lag": 4},
        SearchDone(1, "hi there", [MESSAGE], True, 7, 4, "bob"),
    ),
    (
        "search",
        ("hi",),
        {"action": "search", "text": "hi"},
        {"response": 202, "data_list": []},
        SearchDone(1, "hi", []),
    ),
    (
        "search",
        ("hi",),
        {"action": "search", "text": "hi"},
        {"response": 429, "error": "slow down", "retry_after": 2.5},
        RequestFailed(1, Kind.SEARCH, "", "slow down", 429, 2.5),
    ),
    (
        "mark_read",
        ("bob", 7),
        {"action": "read", "with": "bob", "message_id": 7},
        {"response": 200},
        RequestDone(1, Kind.READ, "bob"),
    ),
    (
        "register",
        (Secret("pw"),),
        {"action": "register", "user": {"account_name": "alice", "password": "pw"}},
        {"response": 201, "token": "tk", "token_id": 4},
        Registered(1, Secret("tk"), 4),
    ),
    (
        "register",
        (None,),
        {"action": "register", "user": {"account_name": "alice"}},
        {"response": 201},
        Registered(1, Secret(""), 0),
    ),
    (
        "create_token",
        (),
        {"action": "create_token"},
        {"response": 201, "token": "tk", "token_id": 4},
        TokenMade(1, Secret("tk"), 4),
    ),
    (
        "revoke_token",
        (4,),
        {"action": "revoke_token", "token_id": 4},
        {"response": 200},
        RequestDone(1, Kind.REVOKE_TOKEN, ""),
    ),
    (
        "request_devices",
        (),
        {"action": "devices"},
        {"response": 202, "data_list": [DEVICE]},
        DevicesListed(1, [KnownDevice(3, 1, 2, online=True, here=True)]),
    ),
    (
        "forget_device",
        (3,),
        {"action": "forget_device", "device_id": 3},
        {"response": 200},
        RequestDone(1, Kind.FORGET_DEVICE, ""),
    ),
    (
        "change_password",
        (Secret("a"), Secret("b")),
        {"action": "change_password", "password": "a", "new_password": "b"},
        {"response": 402, "error": "wrong"},
        RequestFailed(1, Kind.PASSWORD, "", "wrong", 402),
    ),
]


@pytest.mark.parametrize(("method", "arguments", "said", "answer", "event"), REQUESTS)
def test_a_request_is_said_and_its_answer_told(
    method: str,
    arguments: tuple[Any, ...],
    said: dict[str, Any],
    answer: dict[str, Any],
    event: Any,
) -> None:
    session = signed_in()
    assert getattr(session, method)(*arguments) == 1
    assert asked(session) == [said | {"id": 2, "time": NOW}]
    assert session.receive_data(line(id=2, **answer)) == [event]
    assert session.unanswered == 0


def test_a_private_word_of_reading_says_so() -> None:
    session = signed_in()
    session.mark_read("bob", 7, private=True)
    assert asked(session)[0]["private"] is True


def test_conversations_come_whole_however_many_pages_they_take() -> None:
    session = signed_in()
    session.request_conversations()
    session.data_to_send()
    page = [{"with": "bob", "last": ROW}]
    first = line(response=202, id=2, data_list=page, more=True, before=7)
    assert session.receive_data(first) == []
    (request,) = asked(session)
    assert (request["action"], request["before"]) == ("conversations", 7)
    last = line(response=202, id=3, data_list=[{"with": "#r"}])
    (event,) = session.receive_data(last)
    assert isinstance(event, ConversationsListed)
    assert [one.whom for one in event.rows] == ["bob", "#r"]


def test_a_page_of_history_is_asked_for_again_as_it_was_after_a_break() -> None:
    session = signed_in()
    session.request_history("bob", before=9)
    before = asked(session)
    session.receive_eof()
    session.sign_in()
    session.receive_data(welcome(3))
    assert asked(session)[-1] == before[0]


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("request_devices", {"response": 202, "data_list": [{"device_id": "x"}]}),
        ("request_conversations", {"response": 202, "data_list": [5]}),
        ("create_token", {"response": 201}),
    ],
)
def test_an_answer_of_nonsense_ends_the_session(
    method: str, answer: dict[str, Any]
) -> None:
    session = signed_in()
    getattr(session, method)()
    (event,) = session.receive_data(line(id=2, **answer))
    assert isinstance(event, ProtocolBroken)


def come_back(session: ClientSession) -> dict[str, Any]:
    """Lose the connection; return what the next one begins with."""
    session.data_to_send()
    session.receive_eof()
    session.sign_in()
    return asked(session)[0]


def test_who_registers_signs_in_with_the_token_from_then_on() -> None:
    session = signed_in()
    session.register(Secret("pw"))
    session.receive_data(line(response=201, id=2, token="tk", token_id=4))
    assert not session.guest
    assert come_back(session)["user"] == {"account_name": "alice", "token": "tk"}


def test_who_registers_without_a_password_signs_in_as_before() -> None:
    session = signed_in()
    session.register(None)
    session.receive_data(line(response=201, id=2))
    assert not session.guest
    assert come_back(session)["action"] == "presence"


def test_a_changed_password_is_the_one_to_sign_in_with() -> None:
    session = signed_in(guest=False)
    session.credentials = Credentials(token=Secret("tk"))
    session.change_password(Secret("a"), Secret("b"))
    session.receive_data(line(response=200, id=2))
    assert come_back(session)["user"] == {"account_name": "alice", "password": "b"}


def test_the_end_of_an_account_is_the_end_of_the_session() -> None:
    session = signed_in(guest=False)
    number = session.delete_account(Secret("pw"))
    assert asked(session)[0]["password"] == "pw"
    done, ended = session.receive_data(line(response=200, id=2))
    assert done == RequestDone(number, Kind.DELETE_ACCOUNT, "")
    assert isinstance(ended, SessionEnded)
    assert (ended.final, ended.signed_out, ended.asked) == (True, True, True)
    assert session.state is State.ENDED
    assert session.receive_data(line(response=401, error="bye")) == []


@pytest.mark.parametrize("asked_for", [True, False])
def test_a_device_that_is_signed_out_does_not_come_back(asked_for: bool) -> None:
    session = signed_in(guest=False)
    if asked_for:
        session.forget_device(3)
        session.receive_data(line(response=200, id=2))
    (event,) = session.receive_data(line(response=401, error="signed out"))
    assert event == SessionEnded(
        "signed out", final=True, signed_out=True, asked=asked_for
    )
    assert session.state is State.ENDED
    assert session.receive_eof() == []


def test_a_text_goes_out_with_the_line_ends_that_the_server_keeps() -> None:
    session = signed_in()
    session.send_message("bob", "one\r\ntwo\t\rthree")
    (message,) = asked(session)
    assert message["message"] == "one\ntwo\t\rthree"


def test_what_waited_while_signed_out_is_asked_after_the_welcome() -> None:
    session = new_session()
    session.request_conversations()
    session.sign_in()
    session.receive_data(welcome())
    actions = [one["action"] for one in asked(session)]
    assert actions == ["presence", "conversations"]


def comes_back(session: ClientSession) -> list[str]:
    """Sign in on a new connection; return what is asked there."""
    session.sign_in()
    (presence,) = asked(session)
    session.receive_data(welcome(presence["id"]))
    return [one["action"] for one in asked(session)]


def test_a_request_at_which_each_connection_breaks_is_given_up_and_no_message() -> None:
    session = signed_in()
    number = session.search("tea")
    session.send_message("bob", "hello")
    for _ in range(4):
        assert session.receive_eof() == [SessionEnded("")]
        assert comes_back(session) == ["search", "msg"]
    failed, _ = session.receive_eof()
    assert isinstance(failed, RequestFailed)
    assert (failed.number, failed.kind, failed.code) == (number, Kind.SEARCH, 500)
    for _ in range(6):
        assert comes_back(session) == ["msg"]
        assert session.receive_eof() == [SessionEnded("")]
    assert session.unacknowledged == 1
