"""Delivery over sockets: servers that are killed, connections that are cut."""

import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from unit_tests.helpers import Peer, Server, run_server

FAST = ("--message-rate", "0")
PASSWORD = "correct horse"


@contextmanager
def serving(folder: Path, *flags: str) -> Iterator[Server]:
    """Run a server on the database in `folder`."""
    with run_server(*FAST, "--data-dir", str(folder), *flags) as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("delivery")) as server:
        yield server
        assert "a fault of ours" not in server.log()


def register(server: Server, name: str, **user: str) -> Any:
    """Return the answer to a registration."""
    with server.connect() as peer:
        peer.send({"action": "register", "user": {"account_name": name, **user}})
        return peer.receive()


def authenticated(server: Server, name: str, device: str, **fields: Any) -> Peer:
    """Return a peer that is signed in to an account."""
    peer = server.connect()
    user = {"account_name": name, "password": PASSWORD}
    peer.send({"action": "authenticate", "user": user, "device": device, **fields})
    assert peer.receive_welcome()["response"] == 200
    return peer


def store_of(server: Server) -> str:
    """Return the name of the id space."""
    with server.connect() as peer:
        store: str = peer.sign_in("stranger")["session"]["store"]
        return store


def missed(peer: Peer) -> list[str]:
    return [found["message"] for found in peer.missed]


class Client:
    """A device that numbers what it says, and resends by the rule of jim.md."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = self.since = 0
        self.unanswered: dict[int, str] = {}
        self.acknowledged: list[str] = []
        self.heard: list[tuple[int, str]] = []
        self.store: str | None = None

    def connect(self, server: Server) -> Peer:
        """Sign in, take what was missed, and send what was not settled."""
        peer = server.connect()
        fields = (
            {} if self.store is None else {"store": self.store, "since": self.since}
        )
        session = peer.sign_in(self.name, device=self.name, **fields)["session"]
        self.store = session["store"]
        for found in peer.missed:
            self.take(found)
        for number in list(self.unanswered):
            if number <= session["device_seq"]:
                assert number not in session["refused"]
                self.acknowledged.append(self.unanswered.pop(number))
        for number, text in self.unanswered.items():
            peer.say("#all", text, id=number)
        return peer

    def say(self, peer: Peer, text: str) -> None:
        self.number += 1
        self.unanswered[self.number] = text
        peer.say("#all", text, id=self.number)

    def take(self, found: Any) -> None:
        """Take what the server said."""
        if found.get("action") == "msg":
            self.since = found["message_id"]
            if found["from"] != self.name:
                self.heard.append((found["message_id"], found["message"]))
        elif "message_id" in found and "id" in found:
            assert found["response"] == 200
            self.acknowledged.append(self.unanswered.pop(found["id"]))


# -------------------------------------------------------------- on the wire


def test_at_sign_in_comes_the_answer_then_what_was_missed_then_caught_up(
    server: Server,
) -> None:
    with server.signed_in("bob1", device="d1") as bob:
        bob.say("#all", "the last that bob has seen")
        last = bob.receive()["message_id"]
    with server.signed_in("alice1", device="d1") as alice, server.connect() as bob:
        alice.say("bob1", "one", id=1)
        answer = alice.receive()
        assert (answer["response"], answer["id"]) == (202, 1)
        alice.say("#all", "two")
        last_id = alice.receive()["message_id"]
        bob.send(
            {
                "action": "presence",
                "user": {"account_name": "bob1"},
                "device": "d1",
                "store": store_of(server),
                "since": last,
                "id": 7,
            }
        )
        welcome, one, two, caught_up = (bob.receive() for _ in range(4))
        assert (welcome["response"], welcome["id"]) == (200, 7)
        assert welcome["session"]["keeps_history"] is True
        assert one.keys() == {
            "action", "time", "to", "from", "encoding", "message", "message_id",
        }  # fmt: skip
        assert (one["action"], one["from"], one["to"]) == ("msg", "alice1", "bob1")
        assert (one["message"], one["message_id"]) == ("one", answer["message_id"])
        assert (two["to"], two["message"]) == ("#all", "two")
        assert (caught_up["response"], caught_up["alert"]) == (100, "caught up")
        assert caught_up["last_id"] == last_id
        alice.say("bob1", "live")
        assert alice.wait_for(lambda found: "message_id" in found)["response"] == 200
        assert bob.receive()["message"] == "live"


def test_the_sending_device_sees_its_number_in_a_replay_and_no_other(
    server: Server,
) -> None:
    register(server, "alice2", password=PASSWORD)
    with authenticated(server, "alice2", "phone") as phone:
        phone.say("#all", "numbered", id=5)
        number = phone.receive()["message_id"]
    since = {"store": store_of(server), "since": number - 1}
    with (
        authenticated(server, "alice2", "phone", **since) as phone,
        authenticated(server, "alice2", "desk", **since) as desk,
    ):
        assert [found["id"] for found in phone.missed] == [5]
        assert [found["message_id"] for found in desk.missed] == [number]
        assert "id" not in desk.missed[0]


def test_devices_of_one_account_hear_each_other_live(server: Server) -> None:
    register(server, "alice3", password=PASSWORD)
    with (
        authenticated(server, "alice3", "phone") as phone,
        authenticated(server, "alice3", "desk") as desk,
        server.signed_in("bob3") as bob,
    ):
        phone.say("bob3", "from the phone", id=1)
        heard = desk.receive()
        assert (heard["from"], heard["to"]) == ("alice3", "bob3")
        assert "id" not in heard
        assert bob.receive()["message_id"] == heard["message_id"]
        bob.say("alice3", "to both")
        assert desk.receive()["message"] == "to both"
        phone.wait_for_text("to both")


def test_delivered_and_read_are_told_to_who_wrote(server: Server) -> None:
    with server.signed_in("alice4") as alice, server.signed_in("bob4") as bob:
        alice.say("bob4", "hi")
        number = alice.receive()["message_id"]
        bob.receive()
        bob.send({"action": "received", "message_id": number})
        bob.send({"action": "read", "with": "alice4", "message_id": number, "id": 2})
        assert bob.receive()["id"] == 2
        for action in ("delivered", "read"):
            told = alice.receive()
            assert told.pop("time") > 0
            assert told == {
                "action": action,
                "from": "bob4",
                "with": "alice4",
                "message_id": number,
            }


def test_history_conversations_and_search_are_lists(server: Server) -> None:
    with server.signed_in("alice5") as alice, server.signed_in("bob5") as bob:
        for text in ("first word", "second word", "third"):
            alice.say("bob5", text)
        bob.wait_for_text("third")
        bob.send(
            {"action": "history", "with": "alice5", "limit": 2, "id": 1},
            {"action": "conversations", "limit": 1, "id": 2},
            {"action": "search", "text": "WORD", "with": "alice5", "id": 3},
        )
        history, conversations, search = (bob.receive() for _ in range(3))
    assert [one["response"] for one in (history, conversations, search)] == [202] * 3
    assert [one["id"] for one in (history, conversations, search)] == [1, 2, 3]
    listed = history["data_list"]
    assert [one["message"] for one in listed] == ["second word", "third"]
    assert (history["more"], history["before"]) == (True, listed[0]["message_id"])
    (entry,) = conversations["data_list"]
    assert (entry["with"], entry["unread"], entry["read"]) == ("alice5", 3, 0)
    assert entry["last"]["message"] == "third"
    found = [one["message"] for one in search["data_list"]]
    assert found == ["first word", "second word"]


def test_requests_behind_a_password_are_answered_in_order(server: Server) -> None:
    register(server, "alice6", password=PASSWORD)
    user = {"account_name": "alice6", "password": PASSWORD}
    with server.connect() as alice, server.signed_in("bob6") as bob:
        alice.send(
            {"action": "authenticate", "user": user, "id": 1},
            {"action": "msg", "to": "bob6", "message": "at once", "id": 2},
            {"action": "rooms", "id": 3},
        )
        # Meanwhile the others are served.
        bob.say("bob6", "note")
        bob.wait_for_text("note")
        answers = [found for _ in range(4) if "id" in (found := alice.receive())]
        assert [one["id"] for one in answers] == [1, 2, 3]
        bob.wait_for_text("at once")


def test_a_wrong_password_is_402_and_too_many_are_429_with_a_time(
    server: Server,
) -> None:
    register(server, "alice7", password=PASSWORD)
    with server.connect() as peer:
        errors = []
        for number in range(6):
            user = {"account_name": "alice7", "password": f"wrong {number}"}
            peer.send({"action": "authenticate", "user": user, "id": number})
            errors.append(peer.receive())
        assert [one["response"] for one in errors] == [402] * 5 + [429]
        assert errors[5]["retry_after"] >= 1
        assert PASSWORD not in json.dumps(errors)


def test_a_deleted_account_says_goodbye_to_all_its_devices(server: Server) -> None:
    register(server, "alice8", password=PASSWORD)
    with (
        authenticated(server, "alice8", "phone") as phone,
        authenticated(server, "alice8", "desk") as desk,
    ):
        phone.send({"action": "delete_account", "password": PASSWORD, "id": 3})
        answer, goodbye = phone.receive(), phone.receive()
        assert (answer["response"], answer["id"]) == (200, 3)
        for told in (goodbye, desk.receive()):
            assert told["response"] == 401
            assert "id" not in told
        assert phone.read_to_end() == desk.read_to_end() == b""
    with server.connect() as heir:
        assert heir.sign_in("alice8")["session"]["guest"] is True


def test_what_a_course_client_did_not_take_comes_again(server: Server) -> None:
    register(server, "course9")
    presence = {"action": "presence", "time": 1, "user": {"account_name": "course9"}}
    with server.signed_in("alice9") as alice:
        alice.say("course9", "while away")
        assert alice.receive()["response"] == 202
        with server.connect() as course:
            course.send(presence)
            assert course.receive()["response"] == 200
            assert course.receive()["mess_text"] == "while away"
            course.send({"action": "exit", "account_name": "course9"})
            assert course.read_to_end() == b""
        alice.say("course9", "after that")
        assert alice.receive()["response"] == 202
        with server.connect() as course:
            course.send(presence)
            assert course.receive()["response"] == 200
            assert course.receive()["mess_text"] == "after that"


def test_a_slow_reader_is_sent_away_and_comes_back_to_everything(
    tmp_path: Path,
) -> None:
    flags = ("--owed-bytes", "100000", "--owed-seconds", "1")
    with (
        serving(tmp_path / "data", *flags) as server,
        server.signed_in("alice") as alice,
    ):
        number = 0

        def say() -> int:
            nonlocal number
            number += 1
            alice.say("slow", f"{number} " + "x" * 16_000, id=number)
            code: int = alice.receive()["response"]
            return code

        with Peer(server.port, window=4096) as slow:
            session = slow.sign_in("slow", device="d1")["session"]
            while say() == 200:  # and then it is away
                pass
            *told, goodbye = slow.read_to_end().splitlines()
            assert json.loads(goodbye)["response"] == 408
            heard = [json.loads(line)["message_id"] for line in told]
        for _ in range(20):
            assert say() == 202
        since = {"store": session["store"], "since": heard[-1]}
        with server.signed_in("slow", device="d1", **since) as back:
            heard += [found["message_id"] for found in back.missed]
    assert heard == list(range(1, number + 1))


# ------------------------------------------------------------ the end of a server


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_acknowledged_is_there_after_any_end(
    tmp_path: Path, end: signal.Signals
) -> None:
    folder = tmp_path / "data"
    with (
        serving(folder) as server,
        server.signed_in("bob", device="d1") as bob,
        server.signed_in("alice", device="d1") as alice,
    ):
        store = store_of(server)
        for peer in (alice, bob):
            peer.send({"action": "join", "room": "#r", "id": 0})
            peer.wait_for(lambda found: found.get("id") == 0)
        for number in range(1, 101):
            alice.say("#r" if number % 2 else "bob", str(number), id=number)
        alice.wait_for(lambda found: found.get("id") == 100)
        server.stop(end)
    with serving(folder) as server:
        with server.signed_in("bob", device="d1", store=store, since=0) as bob:
            assert missed(bob) == [str(number) for number in range(1, 101)]
            assert [found["message_id"] for found in bob.missed] == [*range(1, 101)]
        with server.connect() as alice:
            session = alice.sign_in("alice", device="d1")["session"]
            assert (session["device_seq"], session["refused"]) == (100, [])
            alice.say("#r", "100", id=100)
            answer = alice.receive()
            assert (answer["response"], answer["duplicate"]) == (200, True)
            alice.say("#r", "101", id=101)
            assert alice.receive()["message_id"] == 101


def test_over_kills_at_any_moment_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    alice, bob = Client("alice"), Client("bob")
    texts: list[str] = []
    for round_ in range(4):
        with (
            serving(folder) as server,
            bob.connect(server) as hears,
            alice.connect(server) as says,
        ):
            for number in range(200):
                texts.append(f"{round_}.{number}")
                alice.say(says, texts[-1])
                # The kill comes in the midst of answers and deliveries.
                if number == 50 + round_ * 30:
                    server.send_signal(signal.SIGKILL)
                    break
            for client, peer in ((alice, says), (bob, hears)):
                for line in peer.read_to_end().splitlines(keepends=True):
                    if line.endswith(b"\n"):
                        client.take(json.loads(line))
            server.wait()
    with serving(folder) as server:
        with alice.connect(server) as says:
            while alice.unanswered:
                alice.take(says.receive())
        with bob.connect(server):
            pass
    assert alice.acknowledged == texts
    assert [text for _, text in bob.heard] == texts
    numbers = [number for number, _ in bob.heard]
    assert numbers == sorted(set(numbers))


def test_cut_after_any_byte_a_message_is_stored_once(server: Server) -> None:
    alice, bob = Client("alice10"), Client("bob10")
    expected = []
    with bob.connect(server) as hears:
        for cut in range(1, 83, 9):
            with alice.connect(server) as says:
                alice.number += 1
                expected.append(f"cut after {cut:2} bytes")
                alice.unanswered[alice.number] = expected[-1]
                said = {"action": "msg", "to": "#all", "message": expected[-1]}
                line = json.dumps({**said, "id": alice.number}).encode() + b"\n"
                # The last one is whole: there it is the answer that is lost.
                says.send_bytes(line[:cut])
            with alice.connect(server) as says:
                while alice.unanswered:
                    alice.take(says.receive())
        with alice.connect(server) as says:
            expected.append("the end")
            alice.say(says, expected[-1])
        while bob.heard[-1:] == [] or bob.heard[-1][1] != "the end":
            bob.take(hears.receive())
    assert [text for _, text in bob.heard] == expected


@pytest.mark.parametrize("file", ["messenger.db", "messenger.db-wal"])
def test_where_the_file_is_gone_nothing_is_acknowledged_and_the_server_ends(
    tmp_path: Path, file: str
) -> None:
    folder = tmp_path / "data"
    with serving(folder) as server:
        with server.signed_in("alice") as alice, server.signed_in("bob") as bob:
            alice.say("bob", "stored", id=1)
            assert alice.receive()["response"] == 200
            bob.wait_for_text("stored")
            (folder / file).unlink()
            alice.say("bob", "lost", id=2)
            assert alice.read_to_end() == bob.read_to_end() == b""
        assert server.wait() == 74
        *first_words, sentence = server.errors().splitlines()
        assert any(one.startswith("this server has no owner") for one in first_words)
        assert sentence.startswith("my_server.py: ")
        assert "was removed or replaced while the server ran" in sentence


def test_while_another_program_holds_the_database_senders_are_told(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    with (
        serving(folder) as server,
        server.signed_in("alice", device="d1") as alice,
        server.signed_in("bob") as bob,
    ):
        with closing(sqlite3.connect(folder / "messenger.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            alice.say("bob", "lost", id=1)
            answer = alice.receive()
            assert (answer["response"], answer["id"]) == (500, 1)
            assert "another program holds the server's database" in answer["error"]
        alice.say("bob", "lost", id=1)
        answer = alice.receive()
        assert (answer["response"], answer["settled"]) == (409, "refused")
        alice.say("bob", "stored", id=2)
        assert alice.receive()["response"] == 200
        assert bob.receive()["message"] == "stored"


def test_a_server_that_keeps_nothing_says_so() -> None:
    stores = set()
    for _ in range(2):
        with run_server("--no-history") as server:
            assert "nothing is kept" in server.start_line
            with server.signed_in("bob", device="d1"):
                pass
            with server.connect() as alice:
                session = alice.sign_in("alice")["session"]
                assert session["keeps_history"] is False
                stores.add(session["store"])
                alice.say("bob", "hi")
                assert alice.receive()["response"] == 410
                user = {"account_name": "carol", "password": PASSWORD}
                for request in (
                    {"action": "register", "user": user},
                    {"action": "history", "with": "#all"},
                    {"action": "conversations"},
                    {"action": "search", "text": "x"},
                ):
                    alice.send(request)
                    assert alice.receive()["response"] == 403
            kept = {file.name for file in (server.folder / "data").iterdir()}
            # Who it is, and what goes on: nothing of what anybody says.
            assert kept == {"tls.crt", "tls.key", "admin.sock"}
    assert len(stores) == 2
