"""What must never be written: a marked device, a marked text, on every path."""

import shutil
from pathlib import Path

import pytest

from unit_tests.helpers import ROOT, Peer, Server, run_server

DEVICE = "MARKED-device-5f2c"
TEXT = "MARKED-text-77aa"
PUBLIC = "MARKED-public"


def _go_every_way(server: Server) -> None:
    """Let the device and the text go every way, the failing ones included."""
    with server.signed_in("bob") as bob, server.connect() as alice:
        alice.say("bob", TEXT, id=1)  # 401
        assert alice.receive()["response"] == 401
        assert alice.sign_in("alice", device=DEVICE)["response"] == 200
        with server.connect() as other:
            assert other.sign_in("alice", device=DEVICE + "x")["response"] == 409
            assert other.sign_in("a!", device=DEVICE)["response"] == 400
            assert other.sign_in("x", device=DEVICE * 9)["response"] == 400
        with server.connect() as again:
            assert again.sign_in("alice", device=DEVICE)["response"] == 200
            assert alice.receive()["replaced"] is True
            _say_every_way(again)
        bob.wait_for_text(TEXT)
        bob.say("alice", TEXT)  # 202
        bob.wait_for(lambda found: found.get("response") == 202)
    _break_every_way(server)
    _leave_it_half_said(server)


def _say_every_way(peer: Peer) -> None:
    number = 10
    peer.say("bob", TEXT, id=number)
    peer.say("bob", TEXT, id=number)  # duplicate
    peer.say("nobody", TEXT, id=number + 1)  # 404
    peer.say("nobody", TEXT, id=number + 1)  # settled
    peer.say("#none", TEXT)  # 404
    peer.say("#all", TEXT * 2000)  # 413
    peer.say("bob", TEXT, id=-1)  # 400
    peer.say("bob", TEXT, id="x")  # 400
    peer.say("bob", TEXT, time=TEXT)  # 400
    peer.send({"action": "message", "to": "bob", "mess_text": TEXT})
    peer.send({"action": "message", "to": 5, "mess_text": TEXT})
    peer.send({"action": TEXT, "id": 5})
    peer.send({"action": "get_users", "room": 5, "text": TEXT})
    peer.send({"action": "presence", "device": DEVICE, "user": TEXT})
    peer.send({"action": "presence", "user": {"account_name": "alice", "status": TEXT}})
    peer.say("#all", TEXT)
    peer.send_bytes(f'{{"action":"msg","message":"{TEXT}",,}}\n'.encode())
    peer.send_bytes(f'{{"action":"msg","to":"b","to":"c","m":"{TEXT}"}}\n'.encode())
    peer.send_bytes(f"{TEXT} {DEVICE}\n".encode())
    peer.send_bytes(TEXT.encode() + b"\xff\n")
    peer.send({"action": "rooms", "id": 99})
    peer.wait_for(lambda found: found.get("id") == 99)


def _break_every_way(server: Server) -> None:
    for data in (
        f"GET /{TEXT}?{DEVICE} HTTP/1.1\r\n\r\n",
        f"PASS {DEVICE}\r\nNICK {TEXT}\r\n",
        f'{{"action":"msg","message":"{TEXT}' + "x" * 70_000,
        f'{{"device":"{DEVICE}","a":' + "[" * 70_000,
        "{]}\n" + f"{TEXT}\n" * 60,
        "marked\n" + f"{TEXT}\nTELL bob {TEXT}\nTELL\n{TEXT}\n{TEXT}\nQUIT\n",
    ):
        with server.connect() as peer:
            peer.send_bytes(data.encode())
            assert peer.read_to_end()


def _leave_it_half_said(server: Server) -> None:
    with server.connect() as peer:
        peer.send_bytes(f'{{"device":"{DEVICE}","message":"{TEXT}"'.encode())
    with server.connect() as course:
        course.send({"action": "presence", "user": {"account_name": "course"}})
        course.receive()
        course.send({"action": "message", "to": "nobody", "mess_text": TEXT})
        assert course.receive()["response"] == 400
        course.send({"action": "message", "to": "#all", "mess_text": TEXT})


@pytest.mark.parametrize("form", ["text", "json"])
def test_neither_device_nor_text_comes_into_the_log_or_on_stderr(
    tmp_path: Path, form: str
) -> None:
    config = tmp_path / "logging.yaml"
    shutil.copy(ROOT / "log_config" / "server.yaml", config)
    # All that there is to say, of every logger.
    plan = config.read_text().replace("formatter: text", f"formatter: {form}")
    config.write_text(plan.replace("level: INFO", "level: DEBUG"))
    with run_server("--log-config", str(config)) as server:
        # Proof that the log would show it: a room's name is public.
        with server.signed_in("carol") as carol:
            carol.send({"action": "join", "room": f"#{PUBLIC}"})
            assert carol.receive()["response"] == 200
        _go_every_way(server)
        assert server.stop() == 0
        log, errors = server.log(), server.errors()
    assert PUBLIC in log
    assert "server.handlers.messages.say" in log
    for secret in (DEVICE, TEXT):
        assert secret not in log
        assert secret not in errors


def test_with_log_texts_the_text_is_shown_and_the_device_never() -> None:
    with run_server("--log-texts") as server:
        _go_every_way(server)
        assert server.stop() == 0
        log, errors = server.log(), server.errors()
    assert f"characters: {TEXT}" in log
    for place in (log, errors):
        assert DEVICE not in place
