"""A crowd that wants TLS at once waits in line; who ends meanwhile is let go."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from common.names import Label
from server.certificates import Pair
from server.connection import Connection
from server.dialects.silent import SilentDialect
from server.handshakes import Handshakes
from server.secure_socket import SecureSocket
from server.tls import Channel, new_context
from unit_tests.server.connections import Desk
from unit_tests.server.test_secure_socket import End
from unit_tests.server.tls_peers import make_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("pair"))


class Door:
    """Handshakes, and what became of them."""

    def __init__(self, pair: Pair) -> None:
        self.desk = Desk()
        self.context = new_context(pair)
        self.done: list[Connection] = []
        self.given_up: list[tuple[Connection, Label | None]] = []
        self.handshakes = Handshakes(
            self.done.append, lambda *what: self.given_up.append(what)
        )
        self._stack = ExitStack()

    def close(self) -> None:
        self._stack.close()

    def newcomer(self) -> tuple[Connection, End]:
        """Return a connection, and a peer that has sent nothing yet."""
        connection, theirs = self._stack.enter_context(self.desk.connection())
        return connection, End(theirs)

    def begin(self, hello: bytes | None = None) -> tuple[Connection, End]:
        """Return a connection that is in line with its hello, and its peer."""
        connection, end = self.newcomer()
        with pytest.raises(OSError, match="did not complete"):
            end.client.object.do_handshake()
        sent = end.client.outgoing.read() if hello is None else hello
        channel = Channel(self.context)
        self.readable = self.handshakes.begin(connection, channel, sent, 10.0)
        return connection, end


@pytest.fixture
def door(pair: Pair) -> Iterator[Door]:
    door = Door(pair)
    yield door
    door.close()


def test_a_handshake_goes_on_when_the_socket_is_readable(door: Door) -> None:
    connection, end = door.begin()
    assert isinstance(connection.sock, SecureSocket)
    assert isinstance(connection.dialect, SilentDialect)
    assert connection.secured_by == 10.0
    while not door.done:
        door.handshakes.go_on()
        assert not door.handshakes.steps
        assert door.done or not door.given_up
        try:
            end.client.incoming.write(_come(end))
            end.client.object.do_handshake()
        except OSError:
            pass
        end.sock.sendall(end.client.outgoing.read())
        door.readable()
    assert door.done == [connection]
    assert connection.secured_by is None


def _come(end: End) -> bytes:
    end.sock.setblocking(False)
    try:
        return end.sock.recv(1 << 16)
    except BlockingIOError:
        return b""
    finally:
        end.sock.setblocking(True)


def test_of_a_crowd_only_a_few_have_a_step_in_each_turn(door: Door) -> None:
    crowd = [door.begin()[1] for _ in range(40)]
    served = []
    while door.handshakes.steps:
        door.handshakes.go_on()
        served.append(sum(bool(_come(end)) for end in crowd))
    assert served == [16, 16, 8]


def test_who_comes_behind_a_crowd_has_a_step_in_the_next_turn(door: Door) -> None:
    crowd = [door.begin()[1] for _ in range(40)]
    door.handshakes.go_on()
    _, newcomer = door.begin()
    door.handshakes.go_on()
    assert _come(newcomer)
    assert sum(bool(_come(end)) for end in crowd) == 31


def test_who_is_readable_more_than_once_stands_in_line_once(door: Door) -> None:
    door.begin()
    for _ in range(5):
        door.readable()
    door.handshakes.go_on()
    assert not door.handshakes.steps


def test_nothing_to_read_is_no_failure(door: Door) -> None:
    door.begin()
    for _ in range(3):
        door.handshakes.go_on()
        door.readable()
    assert (door.done, door.given_up) == ([], [])


def test_what_is_no_handshake_is_given_up_with_a_reason_and_an_alert(
    door: Door,
) -> None:
    connection, end = door.begin(b"\x16\x03\x01\x00\x04nope")
    door.handshakes.go_on()
    ((failed, reason),) = door.given_up
    assert failed is connection
    assert reason is not None
    assert reason.startswith("TLS: ")
    assert _come(end)[0] == 21  # an alert record


def test_who_was_sent_away_meanwhile_is_given_up_without_a_word(door: Door) -> None:
    connection, end = door.begin()
    door.desk.hub.lost(connection.session, Label("late"), 0.0)
    door.handshakes.go_on()
    assert door.given_up == [(connection, None)]
    assert _come(end) == b""


def test_a_fault_of_ours_stays_in_the_handshake_that_met_it(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(Channel):
        def shake_hands(self, data: bytes) -> bool:
            raise ZeroDivisionError

    connection, _ = door.newcomer()
    door.handshakes.begin(connection, Faulty(door.context), b"hello", None)
    door.begin()
    door.handshakes.go_on()
    assert door.given_up == [(connection, Label("a fault of ours"))]
    assert "a fault of ours" in caplog.text
    assert not door.handshakes.steps
