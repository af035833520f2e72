"""The way out: writes to connections, holds what they are owed, and closes them."""

import contextlib
import fcntl
import socket
import termios
from collections.abc import Callable, Iterable
from typing import Protocol

from common.limits import Limits
from common.names import Label
from decorators import log
from errors import SlowReader
from server.connection import Connection
from server.hub import Hub
from server.states import OPEN, Life, Move
from server.timers import Timers

__all__ = ["Transport", "Watch"]

# How long a closing connection is read on, so that a goodbye under way is not lost to
# the reset that closing with unread bytes causes.
_LINGER_SECONDS = 2.0
# What may be on its way from a peer that has not read the goodbye yet: the most that
# Linux keeps at both ends (net.ipv4.tcp_wmem, tcp_rmem), and room. More is no accident.
_DRAINED_BYTES = 16 * 1024 * 1024
# Where a peer takes one read for one object: how soon, and how seldom at last, it is
# asked again whether the object before has arrived.
_SOONEST_SECONDS = 0.02
_LATEST_SECONDS = 1.0


class Watch(Protocol):
    """Asks the selector to look for readiness; None leaves a direction as it is."""

    def __call__(
        self,
        connection: Connection,
        *,
        read: bool | None = None,
        write: bool | None = None,
    ) -> None:
        """Look for what is True from now on, and no more for what is False."""


class Transport:
    """All open connections. The loop sets `now` (monotonic seconds) in each turn.

    `forget` is told of each connection that is closed.
    """

    @log
    def __init__(
        self,
        limits: Limits,
        hub: Hub,
        timers: Timers,
        watch: Watch,
        forget: Callable[[Connection], None],
    ) -> None:
        self.connections: set[Connection] = set()
        self.now = 0.0
        self._limits = limits
        self._hub = hub
        self._timers = timers
        self._watch = watch
        self._forget = forget

    @log
    def write(self, due: Iterable[tuple[Connection, bytes]]) -> None:
        """Write at once what each socket takes, and keep the rest."""
        for connection, data in due:
            if connection.owed:
                connection.owed += data
                self._limit_debt(connection)
                continue
            try:
                sent = connection.sock.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                self._break(connection, data, error)
                continue
            if sent < len(data):
                connection.owed = bytearray(data[sent:])
                self._watch(connection, write=True)
                self._limit_debt(connection)

    @log
    def _limit_debt(self, connection: Connection) -> None:
        """Past the limit drop all behind the object under way, and say goodbye."""
        limit = self._limits.owed_bytes
        session = connection.session
        if not limit or len(connection.owed) <= limit or session.ended:
            return
        start = connection.committed()
        owed = bytes(connection.owed)
        end = start + connection.dialect.end_of_object(owed[start:])
        connection.owed = bytearray(owed[:end])
        self._hub.dismiss(session, SlowReader(limit), self.now)

    @log
    def write_owed(self, connection: Connection) -> None:
        """Write more of what the socket did not take before."""
        if not isinstance(connection.owed, bytearray):
            return
        try:
            sent = connection.sock.send(connection.owed)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._break(connection, b"", error)
            return
        del connection.owed[:sent]
        if not connection.owed:
            connection.owed = b""
            self._watch(connection, write=False)
            self.maybe_linger(connection)

    @log
    def _break(self, connection: Connection, data: bytes, error: OSError) -> None:
        """Write no more to a peer that has gone; what it said before is still read.

        A client may say something and close at once, with our words unread: then the
        kernel refuses ours, and still has all of its words, and their end.
        """
        is_gone = isinstance(error, BrokenPipeError | ConnectionResetError)
        if not is_gone or connection.at_eof or connection.life not in OPEN:
            self.lose(connection, error)
            return
        connection.is_broken = True
        # It stays owed, so that nothing counts as written.
        connection.owed = connection.owed or bytearray(data)
        self._watch(connection, write=False)

    @log
    def write_paced(self, connection: Connection) -> None:
        """Write what a dialect that leaves pauses has for this moment.

        Not while the object before is still on its way: on a slow net they would arrive
        together, and the peer takes what it reads at once for one.
        """
        dialect, due = connection.dialect, connection.dialect.next_send_at
        if due is not None and due <= self.now:
            if connection.owed or _is_on_its_way(connection):
                wait = min(max(self.now - due, _SOONEST_SECONDS), _LATEST_SECONDS)
                self._timers.look_again(connection, self.now + wait)
                return
            data = dialect.data_to_send(self.now)
            if data:
                self.write([(connection, data)])
            self.maybe_linger(connection)
        if dialect.next_send_at is not None:
            self._timers.look_again(connection, dialect.next_send_at)

    @log
    def part(self, connection: Connection) -> None:
        """Begin to close: what is owed is written, then the peer may close first."""
        if connection.life not in OPEN:
            return
        connection.move(Move.PART)
        # What it still said is not heard any more; from here on it is read to the end.
        connection.dialect.has_unread = False
        if self._limits.owed_seconds:
            self._close_at(connection, self.now + self._limits.owed_seconds)
        if not connection.at_eof:
            self._watch(connection, read=True)
        self.maybe_linger(connection)

    @log
    def maybe_linger(self, connection: Connection) -> None:
        """Where all is said and written, say so and give the peer time to close."""
        if connection.is_broken and connection.life is Life.PARTING:
            self.close(connection)
            return
        if (
            connection.life is not Life.PARTING
            or connection.owed
            or connection.dialect.next_send_at is not None
        ):
            return
        if connection.at_eof:
            self.close(connection)
            return
        connection.move(Move.LINGER)
        self._close_at(connection, self.now + _LINGER_SECONDS)
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.close(connection)  # the peer is gone already

    @log
    def drained(self, connection: Connection, count: int) -> None:
        """Count what came behind the goodbye; who goes on and on is not read out."""
        connection.drained += count
        if connection.drained > _DRAINED_BYTES:
            self.close(connection)

    @log
    def _close_at(self, connection: Connection, deadline: float) -> None:
        connection.deadline = deadline
        self._timers.look_again(connection, deadline)

    @log
    def maybe_close(self, connection: Connection) -> None:
        """Close a connection whose time to part is over."""
        if connection.deadline is None:
            return
        if self.now >= connection.deadline:
            self.close(connection)
        else:
            self._timers.look_again(connection, connection.deadline)

    @log
    def lose(self, connection: Connection, error: OSError) -> None:
        """Close a connection that broke."""
        reason = Label(error.strerror or "the connection broke")
        # First, while it is known what was not written.
        self._hub.lost(connection.session, reason, self.now)
        self.close(connection)

    @log
    def close(self, connection: Connection) -> None:
        """Close at once; a closed connection stays closed."""
        if connection.life is Life.CLOSED:
            return
        connection.move(Move.CLOSE)
        self._watch(connection, read=False, write=False)
        connection.sock.close()
        connection.owed = b""
        connection.throttle = None
        # They know each other; apart they free themselves at once.
        if connection.session.ended:
            connection.session.connection = None
        self.connections.discard(connection)
        self._forget(connection)


@log
def _is_on_its_way(connection: Connection) -> bool:
    """Tell whether the peer's system has not confirmed all that was written.

    Linux confirms a small segment when it is read, else a moment later (delayed ACK):
    so this also waits a little for a peer that is late to read.
    """
    with contextlib.suppress(OSError):  # of some sockets nobody can say
        raw = fcntl.ioctl(connection.sock.fileno(), termios.TIOCOUTQ, bytes(4))
        return any(raw)
    return False
