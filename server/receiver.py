"""The way in: reads connections, and has what they said handled."""

import logging
from collections.abc import Callable, Sequence

from common.names import Label
from decorators import log
from errors import OutOfService, StoreFailed
from server.connection import Connection
from server.dialects.web import Doorkeeper
from server.events import Event
from server.flow import Throttle
from server.hub import OUR_MISTAKE, Hub
from server.states import OPEN, Life
from server.timers import Timers
from server.transport import Transport, Watch

__all__ = ["Receiver"]

# One read a turn and connection: enough for a busy peer, bounded for its neighbours.
_READ_BYTES = 64 * 1024
# Shared by all that are ready in a turn, so that a crowd makes turns no longer.
_TURN_BYTES = 1024 * 1024
_SMALLEST_READ_BYTES = 4 * 1024

_logger = logging.getLogger("server.receiver")


class Receiver:
    """Reads for the loop, and keeps in mind who is not to be read for a while.

    `unfinished` are those whose dialect has some left of its last read: they are to be
    read in the next turn. `follow_arrival` is called after each read of who has not
    signed in yet.
    """

    @log
    def __init__(
        self,
        hub: Hub,
        timers: Timers,
        transport: Transport,
        watch: Watch,
        follow_arrival: Callable[[Connection], None],
    ) -> None:
        self.unfinished: list[Connection] = []
        self._hub = hub
        self._timers = timers
        self._transport = transport
        self._watch = watch
        self._follow_arrival = follow_arrival

    @log
    def read(self, connections: list[Connection]) -> None:
        """Read each once, and have what it said handled."""
        now, handle = self._hub.now, self._hub.handle
        share = max(_SMALLEST_READ_BYTES, _TURN_BYTES // len(connections))
        most = min(share, _READ_BYTES)
        for connection in connections:
            if connection.dialect.has_unread:
                if not self._may_go_on(connection):
                    continue
                data = b""  # the dialect has some left of the last read
            else:
                try:
                    data = connection.sock.recv(most)
                except (BlockingIOError, InterruptedError):
                    continue
                except OSError as error:
                    self._take_last_words(connection)
                    self._transport.lose(connection, error)
                    continue
                if not data:
                    self._take_eof(connection)
                    continue
                connection.heard = now
                if connection.life not in OPEN:
                    # Read only to be gone from the kernel.
                    self._transport.drained(connection, len(data))
                    continue
                keeper = connection.doorkeeper
                if keeper is not None and self._is_sent_away(connection, keeper, data):
                    continue
            try:
                events = connection.dialect.receive_data(data)
                if connection.throttle is not None:
                    events = self._admit(connection, connection.throttle, events)
                if events:
                    handle(connection.session, events, now)
            except StoreFailed:
                raise
            except Exception:  # noqa: BLE001 - surprise must stay in this connection
                self.contain(connection)
            self._follow(connection)

    @log
    def _is_sent_away(
        self, connection: Connection, keeper: Doorkeeper, data: bytes
    ) -> bool:
        """Tell whether what comes at a door is not to be heard, and end it then."""
        error = keeper.receive_data(data)
        if error is not None:
            self._hub.dismiss(connection.session, error, self._hub.now)
            return True
        if keeper.is_over:
            connection.doorkeeper = None
        return False

    @log
    def _follow(self, connection: Connection) -> None:
        """See to it that what was not handled now is handled later."""
        if connection.life is Life.SIGNING_IN:
            self._follow_arrival(connection)
        dialect = connection.dialect
        if connection.session.busy:
            self._watch(connection, read=False)
        elif dialect.has_unread:
            self.unfinished.append(connection)
        elif dialect.silence_ends is not None:
            self._timers.look_again(connection, connection.heard + dialect.silence_ends)

    @log
    def hear(
        self,
        connection: Connection,
        receive: Callable[[], Sequence[Event]],
        throttle: Throttle | None,
    ) -> None:
        """Have handled what a dialect has to say although nothing was read."""
        try:
            events = receive()
            if throttle is not None:
                events = self._admit(connection, throttle, events)
            if events:
                self._hub.handle(connection.session, events, self._hub.now)
        except StoreFailed:
            raise
        except Exception:  # noqa: BLE001 - surprise must stay in this connection
            self.contain(connection)

    @log
    def _may_go_on(self, connection: Connection) -> bool:
        """Tell whether the rest of the last read is to be handled now."""
        if connection.life not in OPEN or connection.session.ended:
            connection.dialect.has_unread = False
            return False
        # Who is throttled goes on when `resume` says so, who waits for a worker when
        # that is done.
        throttle = connection.throttle
        if connection.session.busy:
            return False
        return throttle is None or throttle.resumes_at() is None

    @log
    def _admit(
        self, connection: Connection, throttle: Throttle, events: Sequence[Event]
    ) -> Sequence[Event]:
        """Return what may be handled now; a too fast sender is not read for a while."""
        admitted = throttle.admit(events, self._hub.now)
        resumes_at = throttle.resumes_at()
        if resumes_at is not None:
            self._watch(connection, read=False)
            self._timers.look_again(connection, resumes_at)
        return admitted

    @log
    def _take_eof(self, connection: Connection) -> None:
        """The peer will say no more; what it is owed is still written."""
        connection.at_eof = True
        self._watch(connection, read=False)
        if connection.life not in OPEN:
            if not connection.owed:
                self._transport.close(connection)
            return
        self._take_last_words(connection)
        self._hub.lost(
            connection.session, Label("closed the connection"), self._hub.now
        )

    @log
    def _take_last_words(self, connection: Connection) -> None:
        """Take what was not ended, from who will say nothing more."""
        if connection.life in OPEN:
            self.hear(connection, connection.dialect.receive_eof, None)

    @log
    def contain(self, connection: Connection) -> None:
        """Keep a fault of ours to the connection that met it."""
        _logger.exception("a fault of ours, connection %s", connection.log_label)
        error = OutOfService(OUR_MISTAKE)
        self._hub.dismiss(connection.session, error, self._hub.now)

    # ------------------------------------------------- who was held up

    @log
    def hear_silence(self, connection: Connection) -> None:
        """Take for a whole line what a simple client sent, when no more has come."""
        dialect, throttle = connection.dialect, connection.throttle
        if (
            dialect.silence_ends is None
            or dialect.has_unread
            or connection.at_eof
            or connection.life not in OPEN
            or connection.session.busy
            or (throttle is not None and throttle.resumes_at() is not None)
        ):
            return  # it is looked at again when it is read again
        due = connection.heard + dialect.silence_ends
        if self._hub.now < due:
            self._timers.look_again(connection, due)
            return
        self.hear(connection, dialect.receive_silence, throttle)
        self._follow(connection)

    @log
    def resume(self, connection: Connection, throttle: Throttle) -> None:
        """Go on with who was read too fast."""
        resumes_at = throttle.resumes_at()
        if resumes_at is None or connection.session.busy:
            return
        if resumes_at <= self._hub.now:
            # Said before and heard only now: who is read slowly is not silent.
            connection.heard = self._hub.now
            events = throttle.admit((), self._hub.now)
            try:
                self._hub.handle(connection.session, events, self._hub.now)
            except StoreFailed:
                raise
            except Exception:  # noqa: BLE001 - surprise must stay in this connection
                self.contain(connection)
            if connection.life is Life.SIGNING_IN:
                self._follow_arrival(connection)
            resumes_at = throttle.resumes_at()
        if resumes_at is not None:
            self._timers.look_again(connection, resumes_at)
        elif not connection.session.busy:
            self._read_again(connection)

    @log
    def _read_again(self, connection: Connection) -> None:
        """Go on reading who was held up."""
        if connection.at_eof:
            return
        self._watch(connection, read=True)
        self._follow(connection)

    @log
    def free(self) -> None:
        """Go on with those whose request a worker has done."""
        freed, self._hub.freed = self._hub.freed, []
        for session in freed:
            connection: Connection | None = session.connection
            if connection is None or connection.life not in OPEN:
                continue
            # What it has to say it could not say before.
            connection.heard = self._hub.now
            if connection.life is Life.SIGNING_IN:
                self._follow_arrival(connection)
            if session.busy:
                continue  # with its next request, which had waited
            if connection.throttle is not None and connection.throttle.resumes_at():
                self.resume(connection, connection.throttle)
            else:
                self._read_again(connection)
