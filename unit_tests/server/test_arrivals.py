"""Who has not signed in yet, or is silent, over real sockets: time, and keepalive."""

import contextlib
import json
from pathlib import Path

from unit_tests.helpers import Peer, Server, run_server

COURSE_PRESENCE = {"action": "presence", "time": 1.5}


def course_peer(server: Server, name: str, **user: str) -> Peer:
    """Return a peer that has signed in as a course client does."""
    peer = server.connect()
    peer.send({**COURSE_PRESENCE, "user": {"account_name": name, **user}})
    answer = peer.receive()
    assert answer["response"] == 200
    assert "session" not in answer
    return peer


def test_who_does_not_sign_in_is_sent_away_and_who_did_stays() -> None:
    with (
        run_server("--sign-in-seconds", "1.5") as server,
        server.signed_in("alice") as alice,
        server.connect() as silent,
        server.connect() as slow,
        server.connect() as typing,
    ):
        slow.send_bytes(b'{"action":')
        typing.send_bytes(b"ali")  # the text door is not open before its first line
        for peer in (silent, slow, typing):
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
