"""Clients written from the facts of jim.md alone, against the real server."""

import json
from collections.abc import Callable, Iterator

import pytest

from unit_tests.helpers import Server, run_server
from unit_tests.server.course_clients import FAMILIES, CourseClient

CONFIRMED = {"response": 200}
# Nothing in their presence tells what these call a message: only what they said last.
KNOWN_BY_THEIR_LAST_WORD = ("msg with mess_text", "MESSAGE")
# How soon a reader comes back is up to the machine: where it was held up for longer
# than the pause between two objects, it reads two at once and has to try again.
ATTEMPTS = 5


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server("--message-rate", "0") as server:
        yield server


def course(
    server: Server, name: str, family: str = "the commonest", window: int = 0
) -> CourseClient:
    """Return a client that has signed in."""
    client = CourseClient(server.port, FAMILIES[family], name, window)
    answer = client.sign_in()
    assert (answer["response"], type(answer["response"])) == (200, int)
    assert isinstance(answer["alert"], str)  # several ask for it
    return client


def say(client: CourseClient, to: str | None, text: str) -> None:
    """Say something, and take the answer where there is one."""
    client.say(to, text)
    if client.family is FAMILIES["with a key"]:
        assert client.receive() == CONFIRMED


@pytest.mark.parametrize("family", FAMILIES)
def test_the_silent_one_of_each_family_gets_its_first_messages(
    server: Server, family: str
) -> None:
    """Somebody of each family writes to one that has said nothing but its presence."""
    name = f"silent{list(FAMILIES).index(family)}"
    if family in KNOWN_BY_THEIR_LAST_WORD:
        with course(server, name, family) as before:
            say(before, name, "a note to myself")
            assert before.hear() == (name, "a note to myself")
    with course(server, name, family) as silent:
        for number, other in enumerate(FAMILIES):
            with course(server, f"writer{number}", other) as writer:
                say(writer, name, f"привет {number}")
                assert silent.hear() == (f"writer{number}", f"привет {number}")


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_that_has_spoken_is_spoken_to_in_its_own_keys_alone(
    server: Server, family: str
) -> None:
    keys = FAMILIES[family]
    with course(server, "ann", family) as ann, course(server, "ben") as ben:
        say(ann, "ben", "привет")
        assert ben.hear() == ("ann", "привет")
        ben.say("ann", "и тебе")
        found = ann.receive()
        assert ann.shown(found) == ("ben", "и тебе")
        assert found.keys() == {
            "action", "time", keys.sender, keys.recipient, keys.text,
        }  # fmt: skip


def in_time(attempt: Callable[[int], None]) -> None:
    """Have something tried until the reader was never late for its next object."""
    for number in range(ATTEMPTS):
        try:
            return attempt(number)
        except json.JSONDecodeError as error:
            assert error.msg == "Extra data", error  # two objects, and nothing worse
    raise AssertionError("two objects came in one read, each time")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("has_spoken", [False, True])
def test_of_any_text_each_object_fits_into_one_read(
    server: Server, family: str, has_spoken: bool
) -> None:
    in_time(lambda number: _read_long_text(server, family, has_spoken, number))


def _read_long_text(server: Server, family: str, has_spoken: bool, number: int) -> None:
    text = "съешь ещё этих мягких французских булок " * 40
    kind = f"{list(FAMILIES).index(family)}{'_old' if has_spoken else ''}"
    name = f"reader{kind}.{number}"
    with course(server, name, family) as reader, server.signed_in("bob") as bob:
        if has_spoken or family in KNOWN_BY_THEIR_LAST_WORD:
            say(reader, name, "hi")
            assert reader.hear() == (name, "hi")
        bob.say(name, text)
        pieces: list[str] = []
        total = 0
        while not total or len(pieces) < total:
            sender, part = reader.hear()
            piece, _, mark = part.rpartition(" ")
            at, _, last = mark.strip("()").partition("/")
            pieces.append(piece)
            assert (sender, int(at)) == ("bob", len(pieces))
            total = int(last)
        assert total > 1
        assert "".join(pieces) == text


@pytest.mark.parametrize("to", ["#", "all", "ALL", "for_all", "", None])
def test_everybody_hears_what_has_no_recipient_in_particular(
    server: Server, to: str | None
) -> None:
    with course(server, "ann") as ann, server.signed_in("bob") as bob:
        ann.say(to, "hello all")
        found = bob.wait_for_text("hello all")
        assert (found["from"], found["to"]) == ("ann", "#all")


@pytest.mark.parametrize("time", ["1700000000.1", "Mon Nov  3 10:00:00 2025", None, []])
def test_any_time_is_taken(server: Server, time: object) -> None:
    with (
        CourseClient(server.port, FAMILIES["the commonest"], "ann") as ann,
        server.signed_in("bob") as bob,
    ):
        assert ann.sign_in(time)["response"] == 200
        ann.say("bob", "hi", time)
        assert bob.receive()["message"] == "hi"


def test_who_gives_no_name_is_told_which_key_is_read(server: Server) -> None:
    with CourseClient(server.port, FAMILIES["the commonest"], "") as client:
        client.send(action="presence", time=1.5, user={"nickname": "ann"})
        answer = client.receive()
        assert answer["response"] == 400
        assert "user.account_name" in answer["error"]


def test_an_open_accounts_client_is_addressed_as_it_called_itself(
    server: Server,
) -> None:
    with server.connect() as peer, server.signed_in("bob") as bob:
        user = {"account_name": "Anna"}
        peer.send({"action": "register", "user": user, "id": 1})
        assert peer.receive()["response"] == 201
        with course(server, "anna") as anna:
            for to in ("Anna", "ANNA"):
                bob.say(to, "hi")
                assert anna.hear() == ("bob", "hi")


def test_the_course_texts_own_client_signs_in_by_password_and_joins(
    server: Server,
) -> None:
    text_s = FAMILIES["the course text's"]
    with (
        server.connect() as peer,
        server.signed_in("bob") as bob,
        CourseClient(server.port, text_s, "dora") as dora,
    ):
        user = {"account_name": "dora", "password": "correct horse"}
        peer.send({"action": "register", "user": user, "id": 1})
        assert peer.receive()["response"] == 201
        assert dora.sign_in()["response"] == 400  # the name is registered
        dora.send(action="authenticate", time=1.5, user=user)
        answer = dora.receive()
        assert (answer["response"], type(answer["alert"])) == (200, str)
        dora.send(action="join", time=1.5, room="#text")
        assert dora.receive() == CONFIRMED
        bob.send({"action": "join", "room": "#text", "id": 1})
        assert bob.receive()["response"] == 200
        bob.say("#text", "hello room")
        assert dora.hear() == ("bob", "[#text] hello room")
        dora.send(action="leave", time=1.5, room="#text")
        assert dora.receive() == CONFIRMED
        dora.send(action="quit")
        assert dora.sock.recv(1024) == b""


def test_objects_that_came_in_one_piece_are_all_read(server: Server) -> None:
    with course(server, "ann") as ann, server.signed_in("bob") as bob:
        fields = {"action": "message", "to": "bob", "from": "ann"}
        glued = "".join(json.dumps({**fields, "mess_text": str(n)}) for n in range(9))
        ann.sock.send(glued.encode())
        assert [bob.receive()["message"] for _ in range(9)] == [*"012345678"]


def test_it_gets_fifty_messages_of_one_burst_all_of_them(server: Server) -> None:
    texts = [f"сообщение {number}" for number in range(50)]

    def attempt(number: int) -> None:
        with course(server, f"burst{number}") as client:
            said = {"action": "msg", "to": client.name}
            alice.send(*({**said, "message": text} for text in texts))
            assert [client.hear() for _ in texts] == [("alice", t) for t in texts]

    with server.signed_in("alice") as alice:
        in_time(attempt)


def test_a_name_in_use_is_400_with_an_error(server: Server) -> None:
    with (
        server.signed_in("ann"),
        CourseClient(server.port, FAMILIES["the commonest"], "Ann") as client,
    ):
        answer = client.sign_in()
        assert answer["response"] == 400
        assert "in use" in answer["error"]


def test_a_message_to_nobody_is_400_with_an_error(server: Server) -> None:
    with course(server, "ann") as client:
        client.say("nobody", "x")
        answer = client.receive()
        assert answer["response"] == 400
        assert isinstance(answer["error"], str)


def test_it_learns_who_is_here_and_is_then_read_to_once_a_second(
    server: Server,
) -> None:
    with (
        server.signed_in("bob") as bob,
        course(server, "ann") as client,
    ):
        client.send(action="get_users", time=1.5, account_name="ann")
        answer = client.receive()
        assert answer["response"] == 202
        assert {"#all", "ann", "bob"} <= set(answer["data_list"])
        for text in ("one", "two"):
            bob.say("ann", text)
            assert bob.receive()["response"] == 200
        assert client.receive()["mess_text"] == "one"
        # A second to the next: had they come together, this read would show it.
        assert client.receive()["mess_text"] == "two"


def test_it_keeps_contacts_in_both_ways_that_the_course_knows(server: Server) -> None:
    with (
        server.signed_in("bob"),
        server.signed_in("carol"),
        course(server, "ann") as client,
    ):
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


def test_a_room_reaches_it_under_its_own_name(server: Server) -> None:
    with (
        server.signed_in("bob") as bob,
        course(server, "ann") as client,
    ):
        bob.say("#all", "hello all")
        found = client.receive()
        assert (found["to"], found["mess_text"]) == ("ann", "[#all] hello all")


def test_exit_is_not_answered_and_closes(server: Server) -> None:
    with course(server, "ann") as client:
        client.send(action="exit", time=1.5, account_name="ann")
        assert client.sock.recv(1024) == b""
