"""Connections for tests that turn the clock themselves."""

import socket
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from common.names import Label
from common.server_settings import ServerSettings
from server.connection import Connection
from server.crew import make_crew
from server.dialects.jim import JimDialect
from server.hub import Hub
from server.states import Move
from server.store.memory import MemoryStore

__all__ = ["Desk"]


class Desk:
    """A hub and connections to it, each over a real pair of sockets."""

    def __init__(self, **limits: float) -> None:
        self.limits = ServerSettings(**limits)  # type: ignore[arg-type]
        store = MemoryStore()
        crew = make_crew(store)
        weakref.finalize(self, crew.close)
        self.hub = Hub(self.limits, store, crew)

    @contextmanager
    def connection(
        self, now: float = 0.0
    ) -> Iterator[tuple[Connection, socket.socket]]:
        """Give a connection that nobody has signed in on, and the peer's end."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            dialect = JimDialect(self.limits)
            label = Label("1 (peer)")
            connection = Connection(ours, Label("peer"), label, dialect, None, now)
            connection.session = self.hub.open(connection, label, Label("peer"))
            yield connection, theirs

    def sign_in(self, connection: Connection, now: float = 0.0) -> None:
        """Sign somebody in, with a presence that is not the course's."""
        hello = b'{"action":"presence","store":"","user":{"account_name":"al"}}'
        events = connection.dialect.receive_data(hello)
        self.hub.handle(connection.session, events, now)
        connection.move(Move.SIGN_IN)

    def told(self, connection: Connection) -> bytes:
        """End the turn and return what is said to the peer."""
        said = b""
        while touched := self.hub.end_turn():
            for session in touched:
                outbox, session.outbox = session.outbox, []
                if session is connection.session:
                    said += connection.dialect.send(outbox, 0.0, 0.0)
        return said
