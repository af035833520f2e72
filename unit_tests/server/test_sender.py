"""The end of a turn, over real sockets: written once, and faults of ours kept in."""

from collections.abc import Sequence

from common.names import Label
from errors import OutOfService
from server.connection import Connection
from server.dialects.silent import SilentDialect
from server.events import Notice, Outgoing
from server.sender import Sender
from server.states import Life
from server.timers import Timers
from server.transport import Transport
from unit_tests.server.connections import Desk
from unit_tests.server.test_transport import Watched


class Broken(SilentDialect):
    """A dialect that fails at what it has to say, but not at a goodbye."""

    def send(self, events: Sequence[Outgoing], now: float, wall: float) -> bytes:
        if any(isinstance(event, Notice) for event in events):
            raise ZeroDivisionError
        return b"bye\n"


class Turn:
    """A sender with what it is connected to, and whom it had contained."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.contained: list[Connection] = []
        hub, timers = self.desk.hub, Timers()
        transport = Transport(self.desk.limits, hub, timers, Watched(), lambda _: None)
        self.sender = Sender(hub, transport, self.contain)

    def contain(self, connection: Connection) -> None:
        self.contained.append(connection)
        self.desk.hub.dismiss(connection.session, OutOfService(Label("sorry")), 0.0)


def test_nothing_is_written_before_the_end_of_the_turn() -> None:
    turn = Turn()
    with turn.desk.connection() as (connection, peer):
        turn.desk.sign_in(connection)
        turn.sender.deliver()
        peer.recv(4096)
        turn.desk.hub.announce(Notice(101, "one"))
        turn.desk.hub.announce(Notice(101, "two"))
        turn.sender.deliver()
        said = peer.recv(4096)
        assert b'"one"' in said
        assert b'"two"' in said


def test_an_ended_session_is_parted_from_behind_its_goodbye() -> None:
    turn = Turn()
    with turn.desk.connection() as (connection, peer):
        turn.desk.hub.dismiss(connection.session, OutOfService("enough"), 0.0)
        turn.sender.deliver()
        assert connection.life is Life.LINGERING
        assert b"enough" in peer.recv(4096)
        assert peer.recv(4096) == b""


def test_who_can_not_be_told_is_contained_and_the_others_are_told() -> None:
    turn = Turn()
    with turn.desk.connection() as (first, peer), turn.desk.connection() as (second, _):
        turn.desk.sign_in(first)
        turn.sender.deliver()
        peer.recv(4096)
        second.dialect = Broken()
        notice = Notice(101, "hear")
        for connection in (second, first):
            turn.desk.hub.tell(connection.session, notice)
        turn.sender.deliver()
        assert turn.contained == [second]
        assert second.life is Life.LINGERING
        assert b"hear" in peer.recv(4096)
