"""Writing, owing and closing, over real sockets and with a clock of our own."""

import socket

import pytest

from common.limits import Limits
from common.names import Name
from server.connection import Connection
from server.events import Delivery, Welcome
from server.states import Life
from server.timers import Timers
from server.transport import Transport
from unit_tests.server.connections import Desk


class Watched:
    """Takes down what the selector would be asked for."""

    def __init__(self) -> None:
        self.read = self.write = False

    def __call__(
        self,
        connection: Connection,
        *,
        read: bool | None = None,
        write: bool | None = None,
    ) -> None:
        self.read = self.read if read is None else read
        self.write = self.write if write is None else write


class Way:
    """A transport with what it is connected to."""

    def __init__(self, **limits: float) -> None:
        self.desk = Desk(**limits)
        self.watched = Watched()
        self.closed: list[Connection] = []
        self.timers = Timers()
        self.transport = Transport(
            self.desk.limits,
            self.desk.hub,
            self.timers,
            self.watched,
            self.closed.append,
        )


def read_all(peer: socket.socket, ready: int) -> bytes:
    peer.settimeout(30)
    data = b""
    while len(data) < ready:
        data += peer.recv(ready - len(data))
    return data


def test_what_the_socket_takes_is_written_at_once() -> None:
    way = Way()
    with way.desk.connection() as (connection, peer):
        way.transport.write([(connection, b"hello")])
        assert peer.recv(100) == b"hello"
        assert not connection.owed
        assert not way.watched.write


def test_the_rest_is_kept_in_order_and_written_when_there_is_room() -> None:
    way = Way(owed_bytes=0)
    first, second = b"a" * 5_000_000, b"b" * 10
    with way.desk.connection() as (connection, peer):
        way.transport.write([(connection, first), (connection, second)])
        assert way.watched.write
        got = b""
        while connection.owed:
            got += peer.recv(1 << 20)
            way.transport.write_owed(connection)
        got += read_all(peer, len(first) + len(second) - len(got))
        assert got == first + second
        assert not way.watched.write


def test_past_the_debt_only_the_object_under_way_and_the_goodbye_are_left() -> None:
    way = Way(owed_bytes=10_000)
    one = b'{"x":"' + b"y" * 4_000_000 + b'"}\n'
    with way.desk.connection() as (connection, _):
        way.desk.sign_in(connection)
        way.desk.told(connection)
        way.transport.write([(connection, one + b'{"next":1}\n')])
        assert bytes(connection.owed).endswith(b'y"}\n')
        assert b"read too slowly" in way.desk.told(connection)
        assert connection.session.ended


def test_a_parting_connection_lingers_until_the_peer_or_the_time_closes_it() -> None:
    way = Way()
    with way.desk.connection() as (connection, peer):
        way.transport.part(connection)
        assert connection.life is Life.LINGERING
        assert peer.recv(1) == b""
        way.transport.maybe_close(connection)
        assert way.closed == []
        way.transport.now += 60.0
        way.transport.maybe_close(connection)
        assert way.closed == [connection]


def test_what_comes_behind_the_goodbye_is_read_up_to_a_bound() -> None:
    way = Way()
    with way.desk.connection() as (connection, _):
        way.transport.part(connection)
        piece = 1024 * 1024
        for _ in range(16):
            way.transport.drained(connection, piece)
            assert way.closed == []
        way.transport.drained(connection, 1)
        assert way.closed == [connection]


def test_what_a_parting_connection_still_said_is_not_waited_for() -> None:
    way = Way()
    with way.desk.connection() as (connection, _):
        connection.dialect.receive_data(b"{}" * 1000)
        before = connection.dialect.has_unread
        way.transport.part(connection)
        assert (before, connection.dialect.has_unread) == (True, False)
        assert way.watched.read


@pytest.mark.parametrize("times", [1, 3])
def test_a_connection_is_closed_once(times: int) -> None:
    way = Way()
    with way.desk.connection() as (connection, _):
        for _ in range(times):
            way.transport.close(connection)
        assert way.closed == [connection]


def test_to_a_peer_that_is_gone_nothing_is_written_but_it_is_read_to_its_end() -> None:
    way = Way()
    with way.desk.connection() as (connection, peer):
        way.desk.sign_in(connection)
        peer.sendall(b"last words")
        peer.close()
        way.transport.write([(connection, b"x")])
        way.transport.write([(connection, b"y")])
        assert connection.is_broken
        assert not way.watched.write
        assert connection.written() == 0
        assert not connection.session.ended
        assert connection.sock.recv(100) == b"last words"
        way.transport.part(connection)
        assert connection.life is Life.CLOSED


def test_a_peer_that_breaks_at_its_end_is_lost_and_said_so_to_the_hub() -> None:
    way = Way()
    with way.desk.connection() as (connection, peer):
        way.desk.sign_in(connection)
        peer.close()
        connection.at_eof = True
        way.transport.write([(connection, b"x")])
        assert connection.life is Life.CLOSED
        assert connection.session.ended


def test_what_a_broken_connection_is_owed_is_limited_as_ever() -> None:
    way = Way(owed_bytes=100)
    with way.desk.connection() as (connection, peer):
        way.desk.sign_in(connection)
        peer.close()
        way.transport.write([(connection, b"x" * 60)])
        assert not connection.session.ended
        way.transport.write([(connection, b"x" * 60)])
        assert connection.session.ended


# ------------------------------------------- one object at a time, for simple readers


def _course_reader(connection: Connection, texts: int) -> None:
    """Give a connection a course client that is owed its welcome and `texts`."""
    dialect = connection.dialect
    dialect.receive_data(b'{"action":"presence","user":{"account_name":"al"}}')
    name, limits = Name("al"), Limits()
    welcome = Welcome(name, True, "s", 0, 0, [], limits)
    said = Delivery(Name("bob"), name, [str(n) for n in range(texts)], 1)
    assert dialect.send([welcome, said], 0.0, 0.0) == b""


def test_an_object_waits_until_the_one_before_it_has_arrived() -> None:
    # Of a pair of sockets the kernel knows what was read: that stands for arrival here.
    way = Way()
    with way.desk.connection() as (connection, peer):
        _course_reader(connection, 2)
        way.transport.now = 1.0
        way.transport.write_paced(connection)
        for now in (1.02, 1.5, 9.0, 99.0):
            way.transport.now = now
            way.transport.write_paced(connection)
            assert not connection.owed
        found = peer.recv(4096)
        assert found.count(b"\n") == 1
        assert b'"response":200' in found
        for text in (b'"0"', b'"1"'):
            way.transport.now += 0.03
            way.transport.write_paced(connection)
            found = peer.recv(4096)
            assert found.count(b"\n") == 1
            assert text in found


@pytest.mark.parametrize(
    ("waited", "again"), [(0.0, 0.02), (0.02, 0.02), (0.3, 0.3), (60.0, 1.0)]
)
def test_the_longer_an_object_is_on_its_way_the_more_seldom_it_is_asked_for(
    waited: float, again: float
) -> None:
    way = Way()
    with way.desk.connection() as (connection, _):
        _course_reader(connection, 1)
        way.transport.now = 1.0
        way.transport.write_paced(connection)
        due = connection.dialect.next_send_at
        assert due is not None
        way.transport.now = due + waited
        list(way.timers.due(way.transport.now))
        way.transport.write_paced(connection)
        assert way.timers.next_due() == pytest.approx(due + waited + again)


def test_what_the_socket_has_not_taken_is_on_its_way_too() -> None:
    way = Way(owed_bytes=0)
    with way.desk.connection() as (connection, peer):
        way.transport.write([(connection, b"x" * 5_000_000)])
        _course_reader(connection, 1)
        owed = len(connection.owed)
        way.transport.now = 1.0
        way.transport.write_paced(connection)
        assert len(connection.owed) == owed
        read_all(peer, 5_000_000 - owed)
