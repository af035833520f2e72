"""Bytes through TLS over a real pair of sockets: taken, owed, and cut off whole."""

import contextlib
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server.certificates import Pair
from server.connection import Connection
from server.secure_socket import SecureSocket
from server.tls import Channel, new_context
from unit_tests.helpers import PATIENCE
from unit_tests.server.test_transport import Way
from unit_tests.server.tls_peers import TlsClient, make_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("pair"))


class End:
    """The peer's end: a client's TLS and its socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.client = TlsClient()
        self.ended = False

    def hear(self) -> bytes:
        """Return what has come by now."""
        data = b""
        self.sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while part := self.sock.recv(1 << 20):
                data += part
            self.ended = True
        self.sock.settimeout(PATIENCE)
        return self.client.hear(data)

    def say(self, data: bytes) -> None:
        """Send something."""
        self.sock.sendall(self.client.say(data))


@contextmanager
def ends(pair: Pair) -> Iterator[tuple[SecureSocket, End]]:
    """Give our socket and the peer's end, the handshake done."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.settimeout(PATIENCE)
        secure, end = SecureSocket(ours, Channel(new_context(pair))), End(theirs)

        def exchange(data: bytes) -> bytes:
            theirs.sendall(data)
            return b"" if secure.shake_hands() else theirs.recv(1 << 16)

        end.client.shake_hands(exchange)
        yield secure, end


def test_what_is_said_arrives_both_ways(pair: Pair) -> None:
    with ends(pair) as (secure, end):
        assert secure.send(b"hello") == 5
        assert end.hear() == b"hello"
        end.say(b"you")
        assert secure.recv(1 << 16) == b"you"
        with pytest.raises(BlockingIOError):
            secure.recv(1 << 16)


def test_a_part_of_a_record_is_nothing_yet(pair: Pair) -> None:
    with ends(pair) as (secure, end):
        secret = end.client.say(b"hello")
        end.sock.sendall(secret[:-1])
        with pytest.raises(BlockingIOError):
            secure.recv(1 << 16)
        end.sock.sendall(secret[-1:])
        assert secure.recv(1 << 16) == b"hello"


def test_what_the_kernel_does_not_take_is_given_again_and_arrives_once(
    pair: Pair,
) -> None:
    words = bytes(range(256)) * 20_000
    with ends(pair) as (secure, end):
        left, heard = bytearray(words), b""
        while left:
            try:
                del left[: secure.send(left)]
            except BlockingIOError:
                assert 0 < secure.committed <= len(left)
                heard += end.hear()
        assert heard + end.hear() == words
        assert secure.committed == 0


def test_the_last_words_before_the_goodbye_are_heard_and_then_its_end(
    pair: Pair,
) -> None:
    with ends(pair) as (secure, end):
        last = end.client.say(b"bye")
        with pytest.raises(ssl.SSLWantReadError):
            end.client.object.unwrap()
        end.sock.sendall(last + end.client.outgoing.read())
        assert secure.recv(1 << 16) == b"bye"
        assert secure.recv(1 << 16) == b""


def test_what_came_with_the_handshake_is_heard_although_its_sender_has_gone(
    pair: Pair,
) -> None:
    ours, theirs = socket.socketpair()
    client = TlsClient()

    def exchange(data: bytes) -> bytes:
        if not client.object.cipher():
            assert not secure.shake_hands(data)
            return theirs.recv(1 << 16)
        theirs.sendall(data + client.say(b"bye"))
        theirs.close()
        # The tickets that we send now are for nobody.
        assert secure.shake_hands()
        return b""

    with ours, theirs:
        ours.setblocking(False)
        secure = SecureSocket(ours, Channel(new_context(pair)))
        client.shake_hands(exchange)
        assert secure.recv(1 << 16) == b"bye"
        assert secure.recv(1 << 16) == b""


def test_our_goodbye_comes_before_the_end_and_the_rest_is_drained(pair: Pair) -> None:
    with ends(pair) as (secure, end):
        secure.send(b"bye")
        secure.shutdown(socket.SHUT_WR)
        assert end.hear() == b"bye"
        assert end.ended
        end.say(b"not heard")
        assert secure.recv(1 << 16)
        end.sock.close()
        assert secure.recv(1 << 16) == b""


def test_a_hello_without_end_is_cut_off(pair: Pair) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        secure = SecureSocket(ours, Channel(new_context(pair)))
        # Of 64 KiB, in records of 1,000 bytes.
        record = b"\x16\x03\x01\x03\xe8"
        assert not secure.shake_hands(record + b"\x01\x01\x00\x00" + bytes(996))
        with pytest.raises(ConnectionError, match="endless"):
            for _ in range(64):
                assert not secure.shake_hands(record + bytes(1000))


def test_who_leaves_in_the_handshake_is_gone(pair: Pair) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        secure = SecureSocket(ours, Channel(new_context(pair)))
        theirs.close()
        with pytest.raises(ConnectionError):
            secure.shake_hands()


@contextmanager
def signed_in(way: Way, pair: Pair) -> Iterator[tuple[Connection, End]]:
    """Give a connection inside TLS on which somebody has signed in."""
    with ends(pair) as (secure, end), way.desk.connection() as (connection, _):
        connection.sock = secure
        way.desk.sign_in(connection)
        way.desk.told(connection)
        yield connection, end


def test_a_slow_reader_inside_tls_gets_whole_objects_and_the_goodbye(
    pair: Pair,
) -> None:
    way = Way(owed_bytes=1_000_000)
    lines = [b'{"n":%d,"x":"%b"}\n' % (n, b"y" * 997 * (n % 7)) for n in range(3000)]
    with signed_in(way, pair) as (connection, end):
        while not connection.session.ended:
            way.transport.write([(connection, b"".join(lines[:50]))])
            del lines[:50]
        assert len(connection.owed) < 100_000
        way.transport.write([(connection, way.desk.told(connection))])
        heard = end.hear()
        while connection.owed:
            way.transport.write_owed(connection)
            heard += end.hear()
        *whole, goodbye, nothing = heard.split(b"\n")
        assert nothing == b""
        assert [json.loads(one)["n"] for one in whole] == [*range(len(whole))]
        assert json.loads(goodbye)["response"] == 408


def test_a_goodbye_inside_tls_ends_the_connection_as_in_the_clear(pair: Pair) -> None:
    way = Way()
    with signed_in(way, pair) as (connection, end):
        way.transport.part(connection)
        assert end.hear() == b""
        assert end.ended
        assert way.watched.read
