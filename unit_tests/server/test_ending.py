"""The end of a server, over real sockets."""

import signal
import socket

import pytest

from unit_tests.helpers import run_server

GOING_DOWN = "the server is going down"


def test_all_are_told_and_nobody_more_is_taken() -> None:
    with (
        run_server() as server,
        server.signed_in("alice") as alice,
        server.connect() as nobody,
    ):
        nobody.send({"action": "rooms"})
        assert nobody.receive()["response"] == 401
        server.send_signal(signal.SIGTERM)
        assert alice.receive()["alert"] == GOING_DOWN
        found = nobody.receive()
        assert (found["response"], found["error"]) == (500, GOING_DOWN)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port)).close()
        for peer in (alice, nobody):
            assert peer.read_to_end() == b""
            peer.sock.close()
        assert server.wait() == 0


def test_a_second_signal_does_not_wait_for_anybody() -> None:
    with run_server() as server, server.signed_in("alice") as alice:
        server.send_signal(signal.SIGTERM)
        assert alice.receive()["alert"] == GOING_DOWN
        server.send_signal(signal.SIGINT)
        assert server.wait() == 130


def test_who_never_closes_does_not_keep_a_server_from_ending() -> None:
    with run_server("--owed-seconds", "0.3") as server, server.signed_in("alice"):
        assert server.stop() == 0
