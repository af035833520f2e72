"""A server that speaks TLS, as a process: who gets in how, and who is told what."""

import json
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.fingerprints import shown
from errors import ExitCode
from server.local_socket import connect_to
from unit_tests.helpers import (
    PATIENCE,
    ROOT,
    Peer,
    Server,
    clean_environment,
    run_server,
)
from unit_tests.server.test_tls import old_client
from unit_tests.server.tls_peers import (
    TlsClient,
    fingerprint_of_peer,
    make_pair,
    secure,
)

HELLO = b'{"action":"presence","time":1,"user":{"account_name":"%b"}}'


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as server:
        yield server
        assert "a fault of ours" not in server.log()


def inside(server: Server, name: str = "", **fields: object) -> Peer:
    """Return a peer inside TLS, signed in if it has a name."""
    peer = secure(server.connect())
    if name:
        assert peer.sign_in(name, **fields)["response"] == 200
    return peer


def hello_of(client: TlsClient) -> bytes:
    with pytest.raises(ssl.SSLWantReadError):
        client.object.do_handshake()
    return client.outgoing.read()


# --------------------------------------------------------------- side by side


def test_people_inside_and_outside_tls_talk_with_each_other(server: Server) -> None:
    with inside(server, "ann1") as ann, server.signed_in("ben1") as ben:
        ann.say("ben1", "secret " * 1000)
        assert ben.wait_for_text("secret " * 1000)["from"] == "ann1"
        ben.say("ann1", "щи")
        assert ann.wait_for_text("щи")["from"] == "ben1"
        ann.send({"action": "quit"})
        assert ann.read_to_end() == b""  # a ragged end would have raised


def test_a_client_of_the_course_is_served_inside_tls(server: Server) -> None:
    with inside(server) as course, server.signed_in("ben2") as ben:
        course.send_bytes(HELLO % b"ann2")
        assert json.loads(course.sock.recv(65536))["response"] == 200
        ben.say("ann2", "hello")
        while b'"hello"' not in course.sock.recv(65536):
            pass


def test_bytes_may_come_one_by_one(server: Server) -> None:
    client = TlsClient()
    with server.connect() as peer:

        def one_by_one(data: bytes) -> bytes:
            for byte in data[:-1]:
                peer.send_bytes(bytes([byte]))
            return _answered(peer, client, data[-1:])

        client.shake_hands(one_by_one)
        one_by_one(client.say(HELLO % b"slow"))
        assert b'"response":200' in client.hear(peer.sock.recv(65536))


def test_who_says_goodbye_with_the_last_words_still_gets_the_answer(
    server: Server,
) -> None:
    client = TlsClient()
    with server.connect() as peer:
        client.shake_hands(lambda data: _answered(peer, client, data))
        last = client.say(HELLO % b"brief")
        with pytest.raises(ssl.SSLWantReadError):
            client.object.unwrap()
        peer.send_bytes(last + client.outgoing.read())
        assert b'"response":200' in client.hear(peer.read_to_end())


@pytest.mark.parametrize("how", ["no more", "goodbye", "gone"])
def test_who_speaks_and_closes_right_behind_the_handshake_is_heard(
    server: Server, how: str
) -> None:
    with server.signed_in("ears") as ears, inside(server) as peer:
        assert isinstance(peer.sock, ssl.SSLSocket)
        peer.send_bytes(b"scr1pt\nthe backup is done\n")
        if how == "no more":
            peer.sock.shutdown(socket.SHUT_WR)
        elif how == "goodbye":
            peer.sock.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                peer.sock.unwrap()
        peer.sock.close()
        assert ears.wait_for_text("the backup is done")["from"] == "scr1pt"


def _answered(peer: Peer, client: TlsClient, data: bytes) -> bytes:
    """Send bytes of a handshake; return the answer, if it is not the end."""
    peer.send_bytes(data)
    return b"" if client.object.cipher() else peer.sock.recv(65536)


def test_what_has_no_door_is_refused_inside_as_outside(server: Server) -> None:
    for words, answer in [
        (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 501 "),
        (b"NICK ann\r\n", b"ERROR :"),
        (b"\x16\x03\x01\x00\x05hello", b"\x15\x03\x01\x00\x02\x02"),
    ]:
        with inside(server) as peer:
            peer.send_bytes(words)
            assert peer.read_to_end().startswith(answer)


def test_the_start_line_shows_the_fingerprint_of_what_clients_see(
    server: Server,
) -> None:
    with inside(server) as peer:
        assert shown(fingerprint_of_peer(peer)) in server.start_line
        assert shown(fingerprint_of_peer(peer)) in server.log()


# ------------------------------------------------- broken and half handshakes


def test_a_downgraded_handshake_gets_an_alert_and_harms_nobody(server: Server) -> None:
    with server.signed_in("calm3") as calm:
        for newest in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with server.connect() as peer, pytest.raises(ssl.SSLError, match="ALERT"):
                secure(peer, old_client("ALL", newest))
        calm.say("calm3", "note")
        calm.wait_for_text("note")


def test_a_crowd_that_never_ends_its_handshake_leaves_others_served(
    server: Server,
) -> None:
    crowd = [server.connect() for _ in range(200)]
    with inside(server, "calm4") as calm:
        for number, peer in enumerate(crowd):
            hello = hello_of(TlsClient())
            peer.send_bytes(hello if number % 2 else hello[:-1])
        for number in range(20):
            began = time.monotonic()
            calm.say("calm4", str(number))
            calm.wait_for_text(str(number))
            assert time.monotonic() - began < 1.0
    for peer in crowd:
        peer.sock.close()


def test_time_runs_out_for_a_handshake_and_for_signing_in_behind_it() -> None:
    limits = ("--handshake-seconds", "0.3", "--sign-in-seconds", "0.8")
    with run_server(*limits) as server:
        with server.connect() as half, inside(server) as silent:
            half.send_bytes(hello_of(TlsClient())[:-1])
            assert half.read_to_end() == b""  # plain words would be none of TLS
            assert silent.receive()["response"] == 408
            assert silent.read_to_end() == b""
        assert "the TLS handshake was not over within 0.3 seconds" in server.log()


# ------------------------------------------------------- required, given, read


def test_where_tls_is_required_plain_words_are_refused_in_their_own_way() -> None:
    with run_server("--tls", "required") as server:
        with server.connect() as peer:
            peer.send_bytes(HELLO % b"ann")
            refusal = peer.receive()
            assert refusal["response"] == 403
            assert "TLS" in refusal["error"]
            assert peer.read_to_end() == b""
        with server.connect() as peer:
            peer.send_bytes(b"GET / HTTP/1.1\r\n\r\n")
            assert peer.read_to_end().startswith(b"HTTP/1.1 426 ")
        with server.connect() as peer:
            peer.send_bytes(b"NICK ann\r\n")
            assert peer.read_to_end().startswith(b"ERROR :")
        with inside(server, "ann") as ann:
            server.send_signal(signal.SIGTERM)
            assert ann.receive()["alert"] == "the server is going down"
            assert ann.read_to_end() == b""
        assert server.wait() == 0


def test_where_tls_is_off_a_hello_gets_an_alert_and_no_certificate_is_made() -> None:
    with run_server("--tls", "off") as server:
        with server.connect() as peer, pytest.raises(ssl.SSLError, match="ALERT"):
            secure(peer)
        assert "TLS off" in server.start_line
        assert not (server.folder / "data" / "tls.crt").exists()


def test_a_new_certificate_is_taken_up_and_a_broken_one_is_not(
    tmp_path: Path,
) -> None:
    first = make_pair(tmp_path, "first")
    given = tmp_path / "in-force.crt", tmp_path / "in-force.key"
    files = ("--tls-certificate", str(given[0]), "--tls-key", str(given[1]))
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(PATIENCE)
    told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"}

    def give(name: str) -> None:
        given[0].write_bytes((tmp_path / f"{name}.crt").read_bytes())
        given[1].write_bytes((tmp_path / f"{name}.key").read_bytes())

    def wait_for(sign: bytes) -> bytes:
        while sign not in (heard := manager.recv(4096)):
            pass
        return heard

    give("first")
    with manager, run_server(*files, environment=told) as server:
        assert b"STATUS=listening on 127.0.0.1" in wait_for(b"READY=1")
        wait_for(b"WATCHDOG=1")
        with inside(server, "ann") as ann:
            assert fingerprint_of_peer(ann) == first.fingerprint
            second = make_pair(tmp_path, "second")
            give("second")
            _reload(server, wait_for)
            with inside(server, "ben") as ben:
                assert fingerprint_of_peer(ben) == second.fingerprint
                given[1].write_bytes(first.key.read_bytes())
                _reload(server, wait_for)
                ann.say("ben", "still here")
                ben.wait_for_text("still here")
            assert "the key does not fit the certificate" in server.log()
            with inside(server) as peer:
                assert fingerprint_of_peer(peer) == second.fingerprint
                told_now = peer.sign_in("cid")["session"]["fingerprint"]
                assert told_now == shown(second.fingerprint)
        assert server.stop() == 0
        wait_for(b"STOPPING=1")


def _reload(server: Server, wait_for: Callable[[bytes], bytes]) -> None:
    server.send_signal(signal.SIGHUP)
    assert b"MONOTONIC_USEC=" in wait_for(b"RELOADING=1")
    wait_for(b"READY=1")


def test_a_certificate_that_can_not_be_used_ends_the_start_with_a_sentence(
    tmp_path: Path,
) -> None:
    command = [sys.executable, str(ROOT / "my_server.py"), "-p", "0"]
    command += ["--data-dir", str(tmp_path), "--log-dir", str(tmp_path)]
    command += ["--tls-certificate", str(tmp_path / "none"), "--tls-key", "none"]
    ended = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert ended.returncode == ExitCode.SETTINGS
    assert f"{tmp_path / 'none'} can't be used for TLS: No such file" in ended.stderr
    assert ended.stderr.count("\n") == 1


# --------------------------------------------------------- the owner's shell


def test_the_owners_shell_has_a_door_that_no_limit_shuts() -> None:
    limits = ("--connections", "1", "--sign-in-seconds", "0.5")
    with run_server(*limits) as server:
        path = server.folder / "data" / "admin.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        shells = [connect_to(path, PATIENCE) for _ in range(3)]
        with server.connect() as peer:
            assert peer.receive()["response"] == 408  # a shell's time would be over too
        for number, shell in enumerate(shells):
            with shell, shell.makefile("rw") as lines:
                asked = {"command": "status", "arguments": {}, "id": number}
                lines.write(json.dumps(asked) + "\n")
                lines.flush()
                answer = json.loads(lines.readline())
                assert (answer["response"], answer["id"]) == (200, number), answer
        assert server.stop() == 0
        assert not path.exists()


def test_servers_without_history_may_share_a_folder_and_are_known_again(
    tmp_path: Path,
) -> None:
    flags = ("--no-history", "--data-dir", str(tmp_path))
    with run_server(*flags) as first:
        with inside(first) as peer:
            fingerprint = fingerprint_of_peer(peer)
        with run_server(*flags) as second:
            with inside(second) as peer:
                assert fingerprint_of_peer(peer) == fingerprint
            assert "the owner's shell has no way in" in second.log()
        assert (tmp_path / "admin.sock").exists()
    assert not (tmp_path / "admin.sock").exists()
