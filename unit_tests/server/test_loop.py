"""The loop with real sockets: limits, time, slow readers, crowds, our own faults."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from unit_tests.helpers import PATIENCE, Peer, Server, run_server

FAST = ("--message-rate", "0")
COURSE_PRESENCE = {"action": "presence", "time": 1.5}


def course_peer(server: Server, name: str, **user: str) -> Peer:
    """Return a peer that has signed in as a course client does."""
    peer = server.connect()
    peer.send({**COURSE_PRESENCE, "user": {"account_name": name, **user}})
    answer = peer.receive()
    assert answer["response"] == 200
    assert "session" not in answer
    return peer


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


# -------------------------------------------------------------------- time


def test_who_does_not_sign_in_is_sent_away_and_who_did_stays() -> None:
    with (
        run_server("--sign-in-seconds", "1.5") as server,
        server.signed_in("alice") as alice,
        server.connect() as silent,
        server.connect() as slow,
    ):
        slow.send_bytes(b'{"action":')
        for peer in (silent, slow):
            assert peer.receive()["response"] == 408
            assert peer.read_to_end() == b""
        alice.say("alice", "note")
        alice.wait_for_text("note")


def test_a_byte_now_and_then_does_not_hold_a_place() -> None:
    with run_server("--sign-in-seconds", "1") as server, server.connect() as peer:
        peer.sock.settimeout(0.05)
        line = b""
        while not line:
            peer.send_bytes(b" ")
            with contextlib.suppress(TimeoutError):
                line = peer.receive_line()
        assert json.loads(line)["response"] == 408


def test_who_signs_in_slowly_because_it_is_read_slowly_is_signed_in() -> None:
    flags = ("--message-burst", "1", "--message-rate", "5", "--sign-in-seconds", "1.5")
    with run_server(*flags) as server, server.connect() as alice:
        alice.send_bytes(b"{oops}\n")
        assert alice.sign_in("alice")["response"] == 400
        assert alice.receive()["response"] == 200
        # Another one's time begins after alice's, so hers has passed as well.
        with server.connect() as silent:
            assert silent.receive()["response"] == 408
        alice.say("alice", "note")
        alice.wait_for_text("note")


def test_silence_is_probed_and_three_unanswered_probes_end_it() -> None:
    with (
        run_server("--silence-seconds", "0.4") as server,
        course_peer(server, "course") as course,
        server.signed_in("lively") as lively,
        server.signed_in("dead") as dead,
    ):
        probes = 0
        while (found := dead.receive()).get("action") == "probe":
            probes += 1
            # The plain presence is the answer that jim.md names.
            lively.wait_for(lambda found: found.get("action") == "probe")
            user = {"account_name": "lively"}
            lively.send({**COURSE_PRESENCE, "user": user})
        assert probes == 3
        assert found["response"] == 408
        assert dead.read_to_end() == b""
        # No probes for the course, and the lively one is still a full session.
        assert course.is_silent()
        lively.say("course", "hi", id=1)
        lively.wait_for(lambda found: found.get("id") == 1)
        assert course.receive()["mess_text"] == "hi"


def test_tcp_looks_after_a_course_session() -> None:
    with (
        run_server() as server,
        course_peer(server, "course") as course,
        server.signed_in("alice") as alice,
    ):
        assert _timer(server, course) == "02"  # keepalive (proc(5), tcp)
        assert _timer(server, alice) != "02"


def _timer(server: Server, peer: Peer) -> str:
    """Return which timer the kernel runs on the server's side of a connection."""
    ends = [f"0100007F:{port:04X}" for port in (server.port, _own_port(peer))]
    rows = map(str.split, Path("/proc/net/tcp").read_text().splitlines())
    # An older connection of the same two ports may still be there, and waiting.
    (timer,) = (row[5] for row in rows if row[1:4] == [*ends, "01"])
    return timer.partition(":")[0]


def _own_port(peer: Peer) -> int:
    return int(peer.sock.getsockname()[1])


def test_who_is_read_slowly_is_not_taken_for_silent() -> None:
    flags = ("--message-burst", "1", "--message-rate", "4", "--silence-seconds", "0.3")
    with run_server(*flags) as server, server.signed_in("alice") as alice:
        # Two seconds to handle; silence of 1.2 would end it.
        alice.send(*({"action": "rooms", "id": number} for number in range(8)))
        assert alice.wait_for(lambda found: found.get("id") == 7)["response"] == 202


# ------------------------------------------------------------------- crowds


def test_above_all_connections_newcomers_are_told_and_one_leaving_makes_room() -> None:
    with (
        run_server("--connections", "2") as server,
        server.signed_in("alice") as alice,
    ):
        with server.signed_in("bob"), server.connect() as third:
            assert third.receive()["response"] == 429
            assert third.read_to_end() == b""
        _wait_for_room(server)
        alice.say("alice", "note")
        alice.wait_for_text("note")


def _wait_for_room(server: Server) -> None:
    """Come back until one is let in."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with server.connect() as peer:
            try:
                if peer.sign_in("again")["response"] == 200:
                    return
            except ConnectionError:
                pass
    raise AssertionError("nobody was let in again")


def test_without_a_free_descriptor_newcomers_are_told_and_the_others_go_on() -> None:
    few = ("sh", "-c", 'ulimit -n 40; exec "$@"', "sh")
    with run_server(before=few) as server:
        peers = [server.signed_in("alice"), server.signed_in("bob")]
        alice, bob = peers
        try:
            while True:
                peer = server.connect()
                peers.append(peer)
                peer.send({"action": "rooms"})
                found = peer.receive()
                if found["response"] != 401:
                    break
                assert len(peers) < 45
            assert found["response"] == 500
            assert "descriptor" in found["error"]
            assert peer.read_to_end() == b""
            alice.say("bob", "still here")
            bob.wait_for_text("still here")
            for peer in peers[2:]:
                peer.sock.close()
            with server.signed_in("carol") as carol:
                carol.say("alice", "in again")
                alice.wait_for_text("in again")
        finally:
            for peer in peers:
                peer.sock.close()
        assert "no connection can be taken" in server.log()


# ------------------------------------------------------------- speed, and debt


def test_a_burst_above_the_rate_is_read_slowly_whole_and_in_order() -> None:
    with (
        run_server() as server,
        server.signed_in("alice") as alice,
        server.signed_in("bob") as bob,
    ):
        started = time.monotonic()
        texts = [f"text {number}" for number in range(260)]
        objects = [
            {"action": "msg", "time": 0, "to": "bob", "message": text, "id": number}
            for number, text in enumerate(texts, 1)
        ]
        alice.send(*objects, {"action": "quit"})
        assert [bob.receive()["message"] for _ in texts] == texts
        # 200 at once; the presence before took one of them.
        assert time.monotonic() - started > 0.9
        assert [alice.receive()["id"] for _ in texts] == [*range(1, 261)]
        assert alice.read_to_end() == b""


def test_a_fast_writer_does_not_slow_its_neighbours() -> None:
    with (
        run_server() as server,
        server.signed_in("fast") as fast,
        server.signed_in("calm") as calm,
    ):
        # Each is refused with its id, and counts as one message.
        nowhere = {"action": "msg", "to": "#nowhere", "message": "x"}
        fast.send(*({**nowhere, "id": n} for n in range(1, 400)))
        fast.wait_for(lambda found: found.get("id") == 150)
        calm.say("calm", "note")
        calm.wait_for_text("note")
        # The fast one still waits for its turn, so nothing of it was hurried.
        fast.send({**nowhere, "id": 1000})
        assert fast.wait_for(lambda found: found["id"] > 198)["id"] == 199


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
