"""Broken input of every kind against a live server, whose neighbours talk on."""

import json
import random
from collections.abc import Iterator
from itertools import count

import pytest

from unit_tests.helpers import Peer, Server, run_server

_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as server:
        yield server
        assert "a fault of ours" not in server.log()


@pytest.fixture(scope="module")
def neighbours(server: Server) -> Iterator[tuple[Peer, Peer]]:
    with server.signed_in("ann") as ann, server.signed_in("ben") as ben:
        yield ann, ben


@pytest.fixture(autouse=True)
def undisturbed(neighbours: tuple[Peer, Peer]) -> Iterator[None]:
    """After each test the neighbours talk, and have heard nothing else."""
    ann, ben = neighbours
    yield
    number = next(_numbers)
    ann.say("ben", f"talk {number}", id=number)
    assert ann.receive()["id"] == number
    assert ben.receive()["message"] == f"talk {number}"


KEPT: dict[str, bytes] = {
    "bad JSON": b'{"action":"msg",,}\n',
    "half an object": b'{"action":"msg"\n',
    "no JSON at all": b"hello, is anybody there?\n",
    "a list": b"[1,2,3]\n",
    "bad UTF-8": b'{"action":"msg","to":"ann","message":"\xff\xfe"}\n',
    "half a letter": b'{"action":"msg","to":"ann","message":"\xd1"}\n',
    "a NUL byte inside": b'{"action":"msg","to":"ann","message":"\x00"}\n',
    "NUL bytes outside": b"\x00\x00\x00\n",
    "a number past all limits": b'{"action":"presence","time":1e999}\n',
    "not a number": b'{"action":"presence","time":NaN}\n',
    "a key twice": b'{"action":"quit","action":"presence"}\n',
    "a wrong type": b'{"action":"presence","user":["ann"]}\n',
    "an action that is a number": b'{"action":1}\n',
    "an unknown action": b'{"action":"format"}\n',
    "probe in Cyrillic": '{"action":"prоbe"}\n'.encode(),
    "a lone surrogate": b'{"action":"msg","to":"ann","message":"\\ud800"}\n',
    "a depth of 1,000": b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}\n",
    "a string without end": b'{"action":"msg\n',
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_wrong_is_said_and_the_connection_kept(
    server: Server, name: str
) -> None:
    with server.connect() as peer:
        # A presence first, so that the first bytes are no question here.
        peer.sign_in(f"kept{next(_numbers)}")
        peer.send_bytes(KEPT[name])
        # A newline ends what had no end.
        peer.send_bytes(b"\n")
        peer.send({"action": "rooms", "id": 77})
        answer = peer.receive()
        assert answer["response"] == 400
        assert answer["error"].startswith("bad request: ")
        assert peer.wait_for(lambda found: found.get("id") == 77)["response"] == 202


@pytest.mark.parametrize("name", [one for one in KEPT if KEPT[one][:1] == b"{"])
def test_it_is_the_same_as_the_first_thing_said(server: Server, name: str) -> None:
    with server.connect() as peer:
        peer.send_bytes(KEPT[name])
        answer = peer.sign_in(f"first{next(_numbers)}")
        assert answer["response"] == 400
        assert peer.wait_for(lambda found: found["response"] != 400)["response"] == 200


def goodbye(peer: Peer) -> dict[str, object]:
    """Return the last object before the connection was closed."""
    lines = peer.read_to_end().splitlines()
    found: dict[str, object] = json.loads(lines[-1])
    return found


def test_a_depth_of_100_000_is_refused(server: Server) -> None:
    with server.connect() as peer:
        peer.send_bytes(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")
        answer = peer.receive()
        assert answer["response"] == 400
        assert "nested too deeply" in answer["error"]
        assert goodbye(peer)["response"] == 413


def test_a_line_without_end_gets_413_and_is_closed(server: Server) -> None:
    with server.signed_in(f"endless{next(_numbers)}") as peer:
        peer.send_bytes(b'{"action":"msg","message":"' + b"x" * 70_000)
        found = goodbye(peer)
        assert found["response"] == 413
        assert found["limit"] == 65536


def test_broken_objects_without_end_get_429_and_are_closed(server: Server) -> None:
    with server.signed_in(f"stubborn{next(_numbers)}") as peer:
        peer.send_bytes(b"{]}\n" * 60)
        assert goodbye(peer)["response"] == 429


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_end_in_answers_or_a_goodbye(server: Server, seed: int) -> None:
    chance = random.Random(seed)
    with server.connect() as peer:
        peer.send_bytes(b"{" + chance.randbytes(20_000) + b"\n")
        peer.sock.shutdown(1)
        for line in peer.read_to_end().splitlines():
            assert json.loads(line)["response"] in (400, 413, 429)


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_end_at_the_text_door_in_sentences(
    server: Server, seed: int
) -> None:
    chance = random.Random(seed)
    with server.connect() as peer:
        # Not a TLS hello by accident: that one has an answer of its own.
        peer.send_bytes(b"x" + chance.randbytes(20_000) + b"\n")
        peer.sock.shutdown(1)
        greeting, *lines = peer.read_to_end().decode().split("\n")[:-1]
        assert greeting == "Wellcome! Please enter your nickname"
        assert all(line.isprintable() and "Sorry! " in line for line in lines)
        assert "too many broken objects in a row" in lines[-1]


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "9" * 30, "-" + "9" * 30, '"1"'])
def test_odd_numbers_get_answers(server: Server, number: str) -> None:
    name = f"odd{next(_numbers)}"
    with server.signed_in(name) as peer:
        for action in ('"msg","to":"ann","message":"x"', '"join","room":"#odd"'):
            peer.send_bytes(f'{{"action":{action},"id":{number}}}\n'.encode())
            assert peer.receive()["response"] in (200, 400)
        peer.send({"action": "rooms", "id": 5})
        assert peer.receive()["id"] == 5


def test_a_sender_that_is_claimed_is_not_believed(
    server: Server, neighbours: tuple[Peer, Peer]
) -> None:
    name = f"mallory{next(_numbers)}"
    with server.signed_in(name) as mallory:
        for claim in ({"from": "ben"}, {"sender": "ben"}, {"message_id": 1}):
            mallory.say("ann", "trust me", **claim)
            found = neighbours[0].receive()
            assert found["from"] == name
            assert found["message_id"] > 1


# ----------------------------------------------------------- foreign protocols


def test_an_http_request_is_refused_in_http(server: Server) -> None:
    with server.connect() as peer:
        peer.send_bytes(b"GET /chat HTTP/1.1\r\nHost: x\r\n\r\n")
        data = peer.read_to_end()
        assert data.startswith(b"HTTP/1.1 501 ")
        assert b"JIM" in data.partition(b"\r\n\r\n")[2]


def test_a_broken_tls_hello_is_refused_in_tls(server: Server) -> None:
    with server.connect() as peer:
        peer.send_bytes(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x00" * 160)
        kind, *_, level, _ = peer.read_to_end()
        assert (kind, level) == (21, 2)  # an alert, and a fatal one


@pytest.mark.parametrize("verb", [b"NICK bob", b"CAP LS", b"PASS x", b"USER a b c :d"])
def test_an_irc_client_is_refused_in_irc(server: Server, verb: bytes) -> None:
    with server.connect() as peer:
        peer.send_bytes(verb + b"\r\n")
        data = peer.read_to_end()
        assert data.startswith(b"ERROR :")
        assert data.endswith(b"\r\n")


def test_a_verb_that_comes_in_pieces_is_the_same_verb(server: Server) -> None:
    with server.connect() as peer:
        for byte in b"GET / HTTP/1.0\r\n\r\n":
            peer.send_bytes(bytes([byte]))
            if byte == ord("/"):
                break
        assert peer.read_to_end().startswith(b"HTTP/1.1 501 ")
