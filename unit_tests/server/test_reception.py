"""Taking in a crowd over real sockets: limits told, and a lack of descriptors."""

import time

from unit_tests.helpers import PATIENCE, Server, run_server


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
