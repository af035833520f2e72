"""What leaves at the end of a turn: made final, encoded, written once a socket."""

from collections.abc import Callable

from decorators import log
from server.connection import Connection
from server.hub import Hub
from server.transport import Transport

__all__ = ["Sender"]


class Sender:
    """Gives the transport what sessions are to be told; `contain` gets who fails."""

    @log
    def __init__(
        self,
        hub: Hub,
        transport: Transport,
        contain: Callable[[Connection], None],
    ) -> None:
        self._hub = hub
        self._transport = transport
        self._contain = contain

    @log
    def deliver(self) -> None:
        """Make the turn final; then encode and write what each session gets."""
        now, wall = self._hub.now, self._hub.wall
        # A goodbye may cause further news (somebody left a room): those follow.
        while touched := self._hub.end_turn():
            due: list[tuple[Connection, bytes]] = []
            paced: list[Connection] = []
            for session in touched:
                connection: Connection | None = session.connection
                if connection is None:
                    continue  # closed while its goodbye was on its way
                outbox, session.outbox = session.outbox, []
                try:
                    data = connection.dialect.send(outbox, now, wall)
                except Exception:  # noqa: BLE001 - surprise must stay in this connection
                    self._contain(connection)
                    continue
                if data:
                    due.append((connection, data))
                if connection.dialect.next_send_at is not None:
                    paced.append(connection)
            self._transport.write(due)
            for connection in paced:
                self._transport.write_paced(connection)
            for session in touched:
                # Where a goodbye has just come up, it is written first.
                if session.ended and not session.outbox and session.connection:
                    self._transport.part(session.connection)
        for session in self._hub.feeder.sessions:
            # Its next page is read when it has taken all of the one before.
            connection = session.connection
            session.hungry = not (connection.owed or connection.dialect.backlog)
