"""The loop with real sockets: everyday service, and slow readers."""

import json
import socket
import threading
from collections.abc import Iterator

import psutil
import pytest

from unit_tests.helpers import PATIENCE, Peer, Server, run_server

FAST = ("--message-rate", "0")


# ----------------------------------------------------------- everyday service


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as server:
        yield server
        assert "a fault of ours" not in server.log()


def test_a_message_in_pieces_arrives_whole(server: Server) -> None:
    with server.signed_in("ann1") as ann, server.signed_in("ben1") as ben:
        data = json.dumps(
            {"action": "msg", "to": "ben1", "message": "щи"}, ensure_ascii=False
        )
        for byte in data.encode():
            ann.send_bytes(bytes([byte]))
        assert ben.wait_for_text("щи")["from"] == "ann1"


def test_a_room_hears_a_message_once_each(server: Server) -> None:
    with (
        server.signed_in("ann2") as ann,
        server.signed_in("ben2") as ben,
        server.signed_in("cat2") as cat,
    ):
        for peer in (ann, ben):
            peer.send({"action": "join", "room": "#two", "id": 1})
            peer.wait_for(lambda found: found.get("id") == 1)
        ann.say("#two", "one")
        ann.say("cat2", "two")
        assert ben.receive()["message"] == "one"
        assert cat.receive()["message"] == "two"


def test_who_closes_only_its_writing_still_gets_its_answers(server: Server) -> None:
    with server.signed_in("half") as peer:
        peer.say("#all", "x", id=1)
        peer.send({"action": "rooms", "id": 2})
        peer.sock.shutdown(socket.SHUT_WR)
        assert peer.receive()["id"] == 1
        assert peer.receive()["id"] == 2
        assert peer.read_to_end() == b""


def test_quit_is_not_answered_and_closes(server: Server) -> None:
    with server.signed_in("quitter") as peer:
        peer.send({"action": "quit"})
        assert peer.read_to_end() == b""


def test_a_reset_connection_harms_nobody(server: Server) -> None:
    with server.signed_in("calm") as calm:
        for number in range(5):
            with server.signed_in(f"reset{number}") as peer:
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                peer.say("calm", "going")
            calm.wait_for_text("going")


def test_the_same_device_replaces_and_the_old_connection_ends(server: Server) -> None:
    with (
        server.signed_in("twice", device="d1") as old,
        server.signed_in("twice", device="d1") as new,
    ):
        found = old.receive()
        assert (found["response"], found["replaced"]) == (409, True)
        assert old.read_to_end() == b""
        new.say("twice", "note")
        new.wait_for_text("note")


def test_after_a_break_only_what_is_new_is_stored(server: Server) -> None:
    with server.signed_in("stay") as stay:
        with server.signed_in("breaks", device="d2") as peer:
            peer.say("stay", "1", id=1)
            peer.say("nobody", "2", id=2)
            peer.wait_for(lambda found: found.get("id") == 2)
        with server.connect() as peer:
            session = peer.sign_in("breaks", device="d2")["session"]
            assert (session["device_seq"], session["refused"]) == (2, [2])
            for number in (1, 2, 3):
                peer.say("stay", str(number), id=number)
            answers = [
                peer.wait_for(lambda found: "response" in found) for _ in range(3)
            ]
        assert answers[0]["duplicate"] is True
        assert answers[1]["settled"] == "refused"
        assert answers[2]["message_id"] > answers[0]["message_id"]
        assert stay.wait_for_text("1")
        assert stay.receive()["message"] == "3"


# ------------------------------------------------------------------------ debt


def test_a_slow_reader_costs_little_and_gets_whole_objects_and_a_goodbye() -> None:
    flags = (*FAST, "--owed-bytes", "200000", "--owed-seconds", "30")
    total, text = 4000, "x" * 8000
    heard: list[int] = []
    with (
        run_server(*flags) as server,
        Peer(server.port, window=4096) as slow,
        server.signed_in("alice") as alice,
        server.signed_in("bob") as bob,
    ):
        assert slow.sign_in("slow")["response"] == 200
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        reader = threading.Thread(target=_read_ids, args=(bob, total, heard))
        reader.start()
        for first in range(1, total + 1, 50):
            alice.send(
                *(
                    {"action": "msg", "to": "#all", "message": text, "id": number}
                    for number in range(first, first + 50)
                )
            )
            answers = [alice.receive() for _ in range(50)]
            assert {answer["response"] for answer in answers} == {200}
        reader.join(PATIENCE)
        assert heard == [*range(1, total + 1)]
        # 32 MB went by; what was kept for the slow one is far below it.
        assert process.memory_info().rss - before < 16 * 2**20
        alice.say("slow", "there?", id=total + 1)
        assert alice.receive()["response"] == 404
        found = [json.loads(line) for line in slow.read_to_end().splitlines()]
        assert found[-1]["response"] == 408
        ids = [one["message_id"] for one in found[:-1]]
        assert ids == [*range(1, len(ids) + 1)]
        assert len(ids) < total


def _read_ids(peer: Peer, total: int, heard: list[int]) -> None:
    while len(heard) < total:
        heard.append(peer.receive()["message_id"])


def test_a_slow_reader_that_never_reads_is_closed_in_the_end() -> None:
    flags = (*FAST, "--owed-bytes", "100000", "--owed-seconds", "0.5")
    with (
        run_server(*flags) as server,
        server.signed_in("alice") as alice,
        server.signed_in("stuck"),
    ):
        text = "x" * 16000
        code = 200
        while code == 200:
            alice.say("stuck", text)
            code = alice.receive()["response"]
        assert code == 404
        # Only stuck's connection is closed by the server; alice sees it go on.
        while "stuck" in json.dumps(_users(alice)):
            pass
        alice.say("alice", "note")
        alice.wait_for_text("note")


def _users(peer: Peer) -> object:
    peer.send({"action": "get_users"})
    return peer.wait_for(lambda found: found.get("response") == 202)["data_list"]
