import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.events import (
    Kind,
    MessageFailed,
    MessageReceived,
    MessageSent,
    Movement,
    Notice,
    Person,
    ProtocolBroken,
    ReceiptReceived,
    RequestDone,
    RequestFailed,
    Room,
    RoomsListed,
    SessionEnded,
    SignInRefused,
    UsersListed,
    Welcomed,
)
from client.outbox import MOST_UNANSWERED, MOST_WAITING
from client.session import ClientSession, Credentials
from client.state import State
from common.names import Secret
from errors import BadRequest, IllegalTransition, TooLong, TooMany
from unit_tests.client.sessions import NOW, asked, line, new_session, signed_in, welcome
from unit_tests.helpers import PATIENCE, run_server

DELIVERED = {
    "action": "msg",
    "time": 5.5,
    "to": "alice",
    "from": "bob",
    "encoding": "utf-8",
    "message": "hi «é»",
}


def test_a_presence_says_who_and_on_which_device() -> None:
    session = new_session()
    session.sign_in()
    assert asked(session) == [
        {
            "action": "presence",
            "time": NOW,
            "type": "status",
            "user": {"account_name": "alice", "status": "here"},
            "device": "device-1",
            "id": 1,
        }
    ]


@pytest.mark.parametrize(
    ("credentials", "user"),
    [
        (Credentials(password=Secret("pw")), {"password": "pw"}),
        (Credentials(token=Secret("tk")), {"token": "tk"}),
        (Credentials(Secret("pw"), Secret("tk")), {"token": "tk"}),
    ],
)
def test_with_credentials_a_session_authenticates(
    credentials: Credentials, user: dict[str, str]
) -> None:
    session = new_session(credentials=credentials)
    session.sign_in()
    assert asked(session) == [
        {
            "action": "authenticate",
            "time": NOW,
            "user": {"account_name": "alice"} | user,
            "device": "device-1",
            "id": 1,
        }
    ]


def test_credentials_are_not_shown() -> None:
    shown = repr(Credentials(Secret("secret"), Secret("secret")))
    assert "secret" not in shown


def test_credentials_may_come_later() -> None:
    session = new_session()
    session.sign_in()
    session.receive_data(line(response=401, id=1, error="registered"))
    session.credentials = Credentials(password=Secret("pw"))
    session.data_to_send()
    session.sign_in()
    assert asked(session)[0]["action"] == "authenticate"


def test_a_session_without_a_device_makes_one_that_no_other_has() -> None:
    devices = set()
    for _ in range(2):
        session = ClientSession("alice")
        session.sign_in()
        devices.add(asked(session)[0]["device"])
    assert len(devices) == 2


def test_the_server_says_how_the_name_is_spelled() -> None:
    session = signed_in(name="Alice")
    assert session.name == "Alice"
    session.send_message("bob", "hi")
    assert asked(session)[0]["from"] == "Alice"


def test_a_welcome_is_told() -> None:
    session = new_session()
    session.sign_in()
    events = session.receive_data(welcome())
    assert events == [Welcomed("alice", guest=True, restarted=False, waiting=0)]
    assert session.state is State.SIGNED_IN


def test_a_refused_presence_leaves_the_session_signed_out() -> None:
    session = new_session()
    session.sign_in()
    answer = line(response=429, id=1, error="slow down", retry_after=3)
    assert session.receive_data(answer) == [SignInRefused(429, "slow down", 3)]
    assert session.state is State.SIGNED_OUT
    assert session.receive_eof() == []


def test_a_message_is_sent_and_acknowledged() -> None:
    session = signed_in()
    number = session.send_message("bob", "привет")
    assert asked(session) == [
        {
            "action": "msg",
            "time": NOW,
            "to": "bob",
            "from": "alice",
            "encoding": "utf-8",
            "message": "привет",
            "id": 2,
        }
    ]
    assert session.unacknowledged == 1
    events = session.receive_data(line(response=202, id=2, message_id=7))
    assert events == [MessageSent(number, "bob", "привет", 7, 202)]
    assert session.unacknowledged == 0


ANSWERS: list[tuple[str, tuple[str, ...], dict[str, Any], Any]] = [
    (
        "send_message",
        ("bob", "hi"),
        {"response": 404, "error": "nobody"},
        MessageFailed(1, "bob", "hi", "nobody", 404),
    ),
    (
        "send_message",
        ("bob", "hi"),
        {"response": 500},
        MessageFailed(1, "bob", "hi", "the server answered 500", 500),
    ),
    (
        "send_message",
        ("bob", "hi"),
        {"response": 200, "duplicate": True},
        MessageSent(1, "bob", "hi", None, 200),
    ),
    (
        "send_message",
        ("bob", "hi"),
        {"response": 409, "settled": "refused", "error": "before"},
        MessageFailed(1, "bob", "hi", "before", 409),
    ),
    (
        "join",
        ("#r",),
        {"response": 200, "created": True},
        RequestDone(1, Kind.JOIN, "#r", created=True),
    ),
    ("leave", ("#r",), {"response": 200}, RequestDone(1, Kind.LEAVE, "#r")),
    (
        "join",
        ("#r",),
        {"response": 403, "error": "no"},
        RequestFailed(1, Kind.JOIN, "#r", "no", 403),
    ),
    (
        "request_users",
        ("#r",),
        {
            "response": 202,
            "data_list": [{"account_name": "b", "online": False, "guest": True}],
        },
        UsersListed(1, "#r", [Person("b", guest=True, online=False)]),
    ),
    ("request_users", (), {"response": 202, "data_list": []}, UsersListed(1, "", [])),
    (
        "request_rooms",
        (),
        {
            "response": 202,
            "data_list": [{"room": "#all", "members": 2, "joined": True, "new": 1}],
        },
        RoomsListed(1, [Room("#all", 2, joined=True)]),
    ),
]


@pytest.mark.parametrize(("method", "arguments", "answer", "event"), ANSWERS)
def test_an_answer_becomes_the_event_of_its_request(
    method: str, arguments: tuple[str, ...], answer: dict[str, Any], event: Any
) -> None:
    session = signed_in()
    number = getattr(session, method)(*arguments)
    (request,) = asked(session)
    assert number == 1
    assert session.unanswered == 1
    assert session.receive_data(line(id=request["id"], **answer)) == [event]
    assert session.unanswered == 0


def test_a_list_in_pages_becomes_one() -> None:
    session = signed_in()
    number = session.request_users()
    asked(session)
    page = [{"account_name": "a"}]
    assert (
        session.receive_data(
            line(response=202, id=2, data_list=page, more=True, after="a")
        )
        == []
    )
    (request,) = asked(session)
    assert (request["action"], request["after"], request["id"]) == ("get_users", "a", 3)
    events = session.receive_data(
        line(response=202, id=3, data_list=[{"account_name": "b"}])
    )
    assert events == [UsersListed(number, "", [Person("a"), Person("b")])]


def test_a_list_that_turns_in_a_circle_ends() -> None:
    session = signed_in()
    session.request_rooms()
    page = {"response": 202, "data_list": [{"room": "#a", "members": 1}]}
    session.receive_data(line(id=2, more=True, after="#a", **page))
    events = session.receive_data(line(id=3, more=True, after="#a", **page))
    assert len(events) == 1
    assert isinstance(events[0], RoomsListed)


FROM_THE_SERVER: list[tuple[bytes, list[Any]]] = [
    (
        line(**DELIVERED, message_id=9),
        [MessageReceived("bob", "alice", "hi «é»", 5.5, 9)],
    ),
    (line(**DELIVERED), [MessageReceived("bob", "alice", "hi «é»", 5.5)]),
    (
        line(action="join", time=1, room="#r", user={"account_name": "bob"}),
        [Movement("#r", "bob", joined=True)],
    ),
    (
        line(action="leave", time=1, room="#r", user={"account_name": "bob"}),
        [Movement("#r", "bob", joined=False)],
    ),
    (line(response=101, alert="down soon"), [Notice(101, "down soon")]),
    (line(response=429, error="too much"), [Notice(429, "too much")]),
    (line(response=200), []),
    (line(response=200, id=77), []),
    (
        line(**{"action": "delivered", "from": "bob", "with": "alice"}, message_id=3),
        [ReceiptReceived(False, "bob", "alice", 3)],
    ),
    (
        line(**{"action": "read", "from": "bob", "with": "#all"}, message_id=3),
        [ReceiptReceived(True, "bob", "#all", 3)],
    ),
    (line(action="read", **{"with": "#all"}, message_id=3), []),
    (line(action="typing", time=1), []),
    (b"\n \n", []),
]


@pytest.mark.parametrize(("data", "events"), FROM_THE_SERVER)
def test_what_the_server_says_becomes_events(data: bytes, events: list[Any]) -> None:
    assert signed_in().receive_data(data) == events


@given(st.data())
def test_how_bytes_are_cut_changes_nothing(data: st.DataObject) -> None:
    stream = welcome() + b"".join(piece for piece, _ in FROM_THE_SERVER)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
    session, whole = new_session(), new_session()
    for one in (session, whole):
        one.sign_in()
    events = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        events += session.receive_data(stream[start:end])
    assert events == whole.receive_data(stream)


@given(st.binary())
def test_no_input_raises(data: bytes) -> None:
    for session in (new_session(), signed_in()):
        if session.state is State.SIGNED_OUT:
            session.sign_in()
        session.receive_data(data)
        session.data_to_send()


NOT_JIM = [
    b"HTTP/1.1 400 Bad Request\r\n",
    b"220 mail.example.com ESMTP\r\n",
    b"-ERR unknown command\r\n",
    b'{"foo": 1}',
    b'{"response": "yes"}',
    b'{"response": 200, "session": {"name": 5}}',
    b'{"action": "msg", "to": 1}',
    b'{"action": "presence", "user": {"account_name": "alice"}}',
    b'{"a":"\xff"}',
    b'{"a":' * 40,
]


@pytest.mark.parametrize("data", NOT_JIM)
def test_a_peer_that_does_not_speak_jim_ends_the_session(data: bytes) -> None:
    session = new_session()
    session.sign_in()
    (event,) = session.receive_data(data)
    assert isinstance(event, ProtocolBroken)
    assert session.state is State.ENDED
    assert session.receive_data(data) == []


def test_a_welcome_without_a_session_is_too_little() -> None:
    session = new_session()
    session.sign_in()
    (event,) = session.receive_data(line(response=200))
    assert isinstance(event, ProtocolBroken)


def test_a_list_of_nonsense_ends_the_session() -> None:
    session = signed_in()
    session.request_users()
    (event,) = session.receive_data(line(response=202, id=2, data_list=[5]))
    assert isinstance(event, ProtocolBroken)


@pytest.mark.parametrize("spelling", ["probe", "prоbe"])
def test_a_probe_is_answered_with_a_presence(spelling: str) -> None:
    session = signed_in()
    session.data_to_send()
    assert session.receive_data(line(action=spelling, time=1)) == []
    (answer,) = asked(session)
    assert answer["action"] == "presence"
    assert "id" not in answer


def test_a_message_that_came_before_is_dropped() -> None:
    session = signed_in()
    assert len(session.receive_data(line(**DELIVERED, message_id=9))) == 1
    assert session.receive_data(line(**DELIVERED, message_id=9)) == []
    session.receive_eof()
    session.sign_in()
    session.receive_data(welcome(2))
    assert session.receive_data(line(**DELIVERED, message_id=9)) == []


def test_another_store_counts_messages_anew() -> None:
    session = signed_in()
    session.receive_data(line(**DELIVERED, message_id=9))
    session.receive_eof()
    session.sign_in()
    session.receive_data(welcome(2, store="store-2"))
    assert len(session.receive_data(line(**DELIVERED, message_id=1))) == 1


def test_quit_says_goodbye_and_ends() -> None:
    session = signed_in()
    session.data_to_send()
    session.quit()
    assert asked(session) == [{"action": "quit", "time": NOW}]
    assert session.receive_eof() == []


def test_quit_without_a_connection_says_nothing() -> None:
    session = new_session()
    session.quit()
    assert session.data_to_send() == b""


def test_a_session_that_has_ended_refuses_everything_and_changes_nothing() -> None:
    session = new_session()
    session.quit()
    for attempt in (
        session.sign_in,
        session.quit,
        session.request_rooms,
        lambda: session.send_message("bob", "hi"),
    ):
        with pytest.raises(IllegalTransition):
            attempt()
    assert (session.unanswered, session.data_to_send()) == (0, b"")


def test_who_is_replaced_does_not_come_back() -> None:
    session = signed_in()
    (event,) = session.receive_data(line(response=409, replaced=True, error="gone"))
    assert event == SessionEnded("gone", final=True, replaced=True)
    assert session.state is State.ENDED


def test_the_last_word_of_a_server_is_the_reason_of_the_end() -> None:
    session = signed_in()
    session.receive_data(line(response=408, error="too silent"))
    assert session.receive_eof() == [SessionEnded("too silent")]


def test_at_most_a_thousand_requests_are_on_the_wire() -> None:
    session = signed_in()
    session.data_to_send()
    for _ in range(MOST_UNANSWERED + 5):
        session.send_message("bob", "hi")
    assert len(asked(session)) == MOST_UNANSWERED
    session.receive_data(line(response=200, id=2) + line(response=200, id=3))
    assert [one["id"] for one in asked(session)] == [1002, 1003]
    assert session.unacknowledged == MOST_UNANSWERED + 3


def test_only_so_many_messages_may_wait() -> None:
    session = new_session()
    for _ in range(MOST_WAITING):
        session.send_message("bob", "hi")
    with pytest.raises(TooMany):
        session.send_message("bob", "hi")
    assert session.unacknowledged == MOST_WAITING


@pytest.mark.parametrize("text", ["x" * 101, "я" * 51, "\n" * 100 + "y"])
def test_a_text_past_the_limit_is_refused_at_once(text: str) -> None:
    session = signed_in()
    session.data_to_send()
    with pytest.raises(TooLong):
        session.send_message("bob", text)
    assert session.data_to_send() == b""


def test_a_request_past_the_limit_of_objects_is_refused_at_once() -> None:
    session = signed_in(limits={"object": 200})
    with pytest.raises(TooLong):
        session.send_message("bob", "\x01" * 40)
    with pytest.raises(TooLong):
        session.join("#" + "x" * 200)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(BadRequest):
        new_session().send_message("bob", "half \ud800")


def test_a_session_and_a_socket_make_a_bot() -> None:
    with run_server() as server, server.signed_in("ann") as ann:
        bot = ClientSession("echo")
        answered = False
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, PATIENCE) as sock:
            bot.sign_in()
            while not answered:
                sock.sendall(bot.data_to_send())
                for event in bot.receive_data(sock.recv(65536)):
                    if isinstance(event, Welcomed):
                        ann.say("echo", "anybody?")
                    elif isinstance(event, MessageReceived):
                        bot.send_message(event.sender, f"you said {event.text}")
                    answered = answered or isinstance(event, MessageSent)
        assert ann.wait_for_text("you said anybody?")["from"] == "echo"
