"""A client written from the facts of jim.md alone, against the real server.

It sends without delimiters and takes one `recv(1024)` for one object.
"""

import json
import socket
from typing import Any

from unit_tests.helpers import PATIENCE, Peer, Server, run_server

# How soon a reader comes back is up to the machine: where it was held up for longer
# than the pause between two objects, it reads two at once and has to try again.
ATTEMPTS = 5


class CourseClient:
    """What the code of the course does, and nothing more."""

    def __init__(self, server: Server, name: str) -> None:
        self.name = name
        self.sock = socket.create_connection(("127.0.0.1", server.port), PATIENCE)

    def __enter__(self) -> "CourseClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, **fields: Any) -> None:
        self.sock.send(json.dumps(fields).encode("utf-8"))

    def receive(self) -> Any:
        return json.loads(self.sock.recv(1024).decode("utf-8"))

    def presence(self, **user: str) -> Any:
        self.send(action="presence", time=1.5, user={"account_name": self.name, **user})
        return self.receive()

    def message(self, to: str, text: str) -> None:
        fields = {"from": self.name, "to": to, "mess_text": text}
        self.send(action="message", time=1.5, **fields)


def _burst(server: Server, alice: Peer, name: str) -> list[str]:
    """Return what a course client reads of 50 messages sent in one go."""
    with CourseClient(server, name) as client:
        assert client.presence()["response"] == 200
        texts = [f"сообщение {number}" for number in range(50)]
        alice.send(*({"action": "msg", "to": name, "message": t} for t in texts))
        found: list[str] = []
        try:
            while len(found) < len(texts):
                message = client.receive()
                assert message["action"] == "message"
                assert message["to"] == name
                assert message["from"] == "alice"
                found.append(message["mess_text"])
        except json.JSONDecodeError:
            return []
        assert found == texts
        return found


def test_it_gets_fifty_messages_of_one_burst_all_of_them() -> None:
    with (
        run_server("--message-rate", "0") as server,
        server.signed_in("alice") as alice,
    ):
        for attempt in range(ATTEMPTS):
            if _burst(server, alice, f"course{attempt}"):
                return
    raise AssertionError("two objects came in one read, each time")


def test_two_of_them_talk() -> None:
    with (
        run_server() as server,
        CourseClient(server, "ann") as ann,
        CourseClient(server, "ben") as ben,
    ):
        assert ann.presence(status="Yep, I am here!")["response"] == 200
        assert ben.presence()["response"] == 200
        ann.message("ben", "привет")
        found = ben.receive()
        assert (found["from"], found["to"], found["mess_text"]) == (
            "ann",
            "ben",
            "привет",
        )
        # No answer came to ann: the next thing she reads is ben's.
        ben.message("ann", "и тебе")
        assert ann.receive()["mess_text"] == "и тебе"


def test_a_name_in_use_is_400_with_an_error() -> None:
    with (
        run_server() as server,
        server.signed_in("ann"),
        CourseClient(server, "Ann") as client,
    ):
        answer = client.presence()
        assert answer["response"] == 400
        assert "in use" in answer["error"]


def test_a_message_to_nobody_is_400_with_an_error() -> None:
    with run_server() as server, CourseClient(server, "ann") as client:
        client.presence()
        client.message("nobody", "x")
        answer = client.receive()
        assert answer["response"] == 400
        assert isinstance(answer["error"], str)


def test_with_a_pubkey_its_messages_are_confirmed() -> None:
    with run_server() as server, CourseClient(server, "ann") as client:
        client.presence(pubkey="-----BEGIN PUBLIC KEY-----")
        client.message("#all", "x")
        assert client.receive() == {"response": 200}


def test_it_learns_who_is_here_and_is_then_read_to_once_a_second() -> None:
    with (
        run_server() as server,
        server.signed_in("bob") as bob,
        CourseClient(server, "ann") as client,
    ):
        client.presence()
        client.send(action="get_users", time=1.5, account_name="ann")
        answer = client.receive()
        assert answer["response"] == 202
        assert sorted(answer["data_list"]) == ["#all", "ann", "bob"]
        for text in ("one", "two"):
            bob.say("ann", text)
            assert bob.receive()["response"] == 200
        assert client.receive()["mess_text"] == "one"
        # A second to the next: had they come together, this read would show it.
        assert client.receive()["mess_text"] == "two"


def test_it_keeps_contacts_in_both_ways_that_the_course_knows() -> None:
    with (
        run_server() as server,
        server.signed_in("bob"),
        server.signed_in("carol"),
        CourseClient(server, "ann") as client,
    ):
        client.presence()
        client.send(action="add", time=1.5, user="ann", account_name="bob")
        assert client.receive() == {"response": 200}
        client.send(action="add_contact", time=1.5, user_id="carol")
        assert client.receive() == {"response": 200}
        client.send(action="get_contacts", time=1.5, user="ann")
        assert client.receive() == {"response": 202, "data_list": ["bob", "carol"]}
        client.send(action="remove", time=1.5, user="ann", account_name="bob")
        assert client.receive() == {"response": 200}
        client.send(action="del_contact", time=1.5, user_id="nobody")
        answer = client.receive()
        assert answer["response"] == 400
        assert "nobody" in answer["error"]


def test_a_room_reaches_it_under_its_own_name() -> None:
    with (
        run_server() as server,
        server.signed_in("bob") as bob,
        CourseClient(server, "ann") as client,
    ):
        client.presence()
        bob.say("#all", "hello all")
        found = client.receive()
        assert (found["to"], found["mess_text"]) == ("ann", "[#all] hello all")


def test_exit_is_not_answered_and_closes() -> None:
    with run_server() as server, CourseClient(server, "ann") as client:
        client.presence()
        client.send(action="exit", time=1.5, account_name="ann")
        assert client.sock.recv(1024) == b""
