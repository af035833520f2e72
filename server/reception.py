"""Takes in who comes: listeners, doors, the owner's shell, and pauses when it must."""

import logging
import math
import socket
from collections.abc import Callable
from functools import partial
from itertools import count

from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from server.acceptor import Acceptor, Newcomer, Tally
from server.arrivals import Arrivals, keep_alive
from server.connection import Connection
from server.dialects.admin import AdminDialect
from server.dialects.base import Dialect
from server.dialects.web import Doorkeeper
from server.doors import Door
from server.flow import Throttle
from server.hub import Hub
from server.receiver import Receiver
from server.transport import Transport, Watch

__all__ = ["Reception", "count_out"]

_ACCEPT_PAUSE_SECONDS = 1.0
# The owner's shell comes from this machine, as guesses and lists of who is here see it.
_ADMIN_ADDRESS = Label("127.0.0.1")

_logger = logging.getLogger("server.reception")


class Reception:
    """The listening sockets, and the way of a newcomer from there to its first read.

    `attend` has a handler called when a listener is ready, `ignore` ends that. When
    `resumes_at` (monotonic seconds) has come, `resume` must be called.
    """

    @log
    def __init__(
        self,
        settings: ServerSettings,
        hub: Hub,
        transport: Transport,
        receiver: Receiver,
        arrivals: Arrivals,
        *,
        watch: Watch,
        attend: Callable[[socket.socket, Callable[[], None]], None],
        ignore: Callable[[socket.socket], object],
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._transport = transport
        self._receiver = receiver
        self._arrivals = arrivals
        self._watch = watch
        self._attend = attend
        self._ignore = ignore
        self._tally = Tally(settings)
        self._acceptors: list[Acceptor] = []
        self._listeners: dict[socket.socket, Callable[[], None]] = {}
        self._paused: list[socket.socket] = []
        self._numbers = count(1)  # of connections, for the log
        self._is_closed = False
        self.resumes_at = math.inf

    @log
    def add_door(self, door: Door) -> None:
        """Take in who comes there, from `open` on."""
        acceptor = Acceptor(
            door.listener, self._settings, self._tally, by_address=door.by_address
        )
        self._acceptors.append(acceptor)
        self._listeners[door.listener] = partial(self._accept, door, acceptor)

    @log
    def add_admin(self, listener: socket.socket) -> None:
        """Take in the owner's shell as well."""
        self._listeners[listener] = partial(self._accept_admin, listener)

    @log
    def open(self) -> None:
        """Begin to take in who comes."""
        for listener, accept in self._listeners.items():
            self._attend(listener, accept)

    @log
    def close(self) -> None:
        """Take nobody more."""
        self._is_closed = True
        for listener in self._listeners:
            if listener not in self._paused:
                self._ignore(listener)
            listener.close()
        self._paused.clear()
        self.resumes_at = math.inf
        for acceptor in self._acceptors:
            acceptor.close()

    @log
    def resume(self) -> None:
        """Go on where accepting had to pause."""
        self.resumes_at = math.inf
        for listener in self._paused:
            self._attend(listener, self._listeners[listener])
        self._paused.clear()

    @log
    def _accept(self, door: Door, acceptor: Acceptor) -> None:
        if self._is_closed:
            return  # the signal came in the same turn and closed the listener
        newcomers, pause = acceptor.accept()
        for newcomer in newcomers:
            self._welcome(newcomer, door, acceptor)
        if pause:
            self._pause(door.listener)

    @log
    def _accept_admin(self, listener: socket.socket) -> None:
        """Let in a shell of the owner's, whom no limit keeps out."""
        if self._is_closed:
            return
        try:
            sock, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:
            _logger.warning("no shell can be taken: %s", error.strerror)
            self._pause(listener)
            return
        sock.setblocking(False)
        dialect = AdminDialect(self._settings)
        connection = self._take_in(sock, _ADMIN_ADDRESS, dialect, "admin.sock")
        connection.session.is_admin = connection.session.is_private = True

    @log
    def _pause(self, listener: socket.socket) -> None:
        """Take nobody more from a listener for a moment."""
        self._ignore(listener)
        self._paused.append(listener)
        self.resumes_at = self._hub.now + _ACCEPT_PAUSE_SECONDS

    @log
    def _welcome(self, newcomer: Newcomer, door: Door, acceptor: Acceptor) -> None:
        settings, address = self._settings, newcomer.address
        dialect = door.make_dialect()
        connection = self._take_in(newcomer.sock, address, dialect, address)
        connection.acceptor = acceptor
        if settings.message_rate:
            connection.throttle = Throttle(
                settings.message_burst, settings.message_rate, self._hub.now
            )
        if newcomer.refusal is not None:
            self._hub.dismiss(connection.session, newcomer.refusal, self._hub.now)
            return
        if door.speaks_first:
            connection.doorkeeper = Doorkeeper()
            self._greet(connection)
        self._arrivals.check_patience(connection)

    @log
    def _greet(self, connection: Connection) -> None:
        """Speak first; some dialects have also something to ask of the hub at once."""
        dialect = connection.dialect
        keep_alive(connection)
        greeting = dialect.greeting(self._hub.now, self._hub.wall)
        if greeting:
            self._transport.write([(connection, greeting)])
        self._receiver.hear(
            connection, lambda: dialect.receive_data(b""), connection.throttle
        )

    @log
    def _take_in(
        self, sock: socket.socket, address: Label, dialect: Dialect, origin: str
    ) -> Connection:
        label = Label(f"{next(self._numbers)} ({origin})")
        connection = Connection(sock, address, label, dialect, None, self._hub.now)
        connection.session = self._hub.open(connection, label, address)
        self._transport.connections.add(connection)
        self._watch(connection, read=True)
        return connection


@log
def count_out(connection: Connection) -> None:
    """Forget a connection that was closed, where it was counted in."""
    if connection.acceptor is not None:
        connection.acceptor.forget(connection.address)
