"""The loop: one turn after the other. The only file with `selectors`.

A turn: wait for ready sockets and due timers; read each ready socket once, and once
more who has spoken meanwhile; let the hub handle what was said; have the store make it
final; then encode and write, once per socket. Nothing leaves before the store has it.
"""

import contextlib
import logging
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from errors import OutOfService, StoreFailed
from server.acceptor import Acceptor, Newcomer, Tally
from server.connection import Connection
from server.dialects.admin import AdminDialect
from server.dialects.base import Dialect
from server.dialects.opening import Opening
from server.doors import Door
from server.events import Event, Notice
from server.flow import Throttle
from server.hub import OUR_MISTAKE, Hub
from server.patience import Patience
from server.states import OPEN, Life, Move
from server.timers import Timers
from server.transport import Transport
from server.wakeup import Wakeup

if TYPE_CHECKING:
    from server.handshakes import Handshakes
    from server.tls import Keyring

__all__ = ["Hooks", "Loop"]

_READ = selectors.EVENT_READ
_WRITE = selectors.EVENT_WRITE
# One read a turn and connection: enough for a busy peer, bounded for its neighbours.
_READ_BYTES = 64 * 1024
# Shared by all that are ready in a turn, so that a crowd makes turns no longer.
_TURN_BYTES = 1024 * 1024
_SMALLEST_READ_BYTES = 4 * 1024
_ACCEPT_PAUSE_SECONDS = 1.0
# The owner's shell comes from this machine, as guesses and lists of who is here see it.
_ADMIN_ADDRESS = Label("127.0.0.1")
# A stop ends also where closing connections may take as long as they like.
_STOP_SECONDS = 5.0
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)

_logger = logging.getLogger("server.loop")


class Hooks(NamedTuple):
    """What the loop calls outside.

    `started` once signals and connections are taken, `reload` on SIGHUP, `stopping`
    when nobody more is taken, `end_turn` after each turn.
    """

    started: Callable[[], None]
    reload: Callable[[], None]
    stopping: Callable[[], None]
    end_turn: Callable[[], None]


class Loop:
    """Serves a listening socket until a signal ends it.

    With a keyring who begins with a TLS hello gets TLS. `admin` is the listening socket
    of the owner's shell, `doors` are those besides the main one.
    """

    @log
    def __init__(
        self,
        settings: ServerSettings,
        hub: Hub,
        listener: socket.socket,
        hooks: Hooks,
        *,
        keyring: "Keyring | None" = None,
        admin: socket.socket | None = None,
        doors: Sequence[Door] = (),
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._hooks = hooks
        self._selector = selectors.DefaultSelector()
        self._timers = Timers()
        self._patience = Patience(settings, hub)
        self._transport = Transport(
            settings,
            hub,
            self._timers,
            self._watch,
            self._forget,
        )
        main = Door(listener, self._opening, speaks_first=False)
        tally = Tally(settings)
        self._acceptors: list[Acceptor] = []
        self._listeners: dict[socket.socket, Callable[[], None]] = {}
        for door in (main, *doors):
            acceptor = Acceptor(
                door.listener, settings, tally, by_address=door.by_address
            )
            self._acceptors.append(acceptor)
            self._listeners[door.listener] = partial(self._accept, door, acceptor)
        if admin is not None:
            self._listeners[admin] = partial(self._accept_admin, admin)
        self._paused: list[socket.socket] = []
        self._keyring = keyring
        self._handshakes = None if keyring is None else self._make_handshakes()
        self._unfinished: list[Connection] = []
        self._numbers = count(1)  # of connections, for the log
        self._now = time.monotonic()
        self._next_second = self._due_at = self._now + 1.0
        self._accepts_again: float | None = None
        self._stops_at: float | None = None
        self._running = True
        self._forced = False

    @log
    def run(self) -> bool:
        """Serve until SIGINT or SIGTERM; False if a second one ended it at once."""
        with Wakeup() as wakeup:
            self._selector.register(
                wakeup.reader, _READ, lambda: self._take_signals(wakeup)
            )
            for listener, accept in self._listeners.items():
                self._selector.register(listener, _READ, accept)
            for workers in self._hub.crew:
                self._selector.register(workers.reader, _READ, workers.finish)
            self._hooks.started()
            while self._running:
                self._turn()
        for connection in list(self._transport.connections):
            self._transport.close(connection)
        self._selector.close()
        return not self._forced

    @log
    def _turn(self) -> None:
        ready = self._selector.select(self._seconds_to_wait())
        self._now = self._transport.now = self._hub.now = time.monotonic()
        self._hub.wall = round(time.time(), 3)
        unfinished, self._unfinished = self._unfinished, []
        self._take(ready, unfinished)
        if self._hub.batch and len(ready) > 1:
            # Who has spoken meanwhile is stored with the same sync.
            self._take(self._selector.select(0), [])
        if self._handshakes is not None and self._handshakes.steps:
            self._handshakes.go_on()
        if self._now >= self._due_at:
            self._run_timers()
        if self._hub.freed:
            self._free()
        self._deliver()
        if self._now >= self._hub.retention.due_at:
            self._hub.retention.step(self._now, self._hub.wall)
        if self._stops_at is not None:
            self._running &= bool(self._transport.connections)
            self._running &= self._now < self._stops_at
        self._hooks.end_turn()

    @log
    def _take(
        self,
        ready: list[tuple[selectors.SelectorKey, int]],
        readable: list[Connection],
    ) -> None:
        """Write what ready sockets are owed; read them, and what is `readable`."""
        for key, mask in ready:
            connection = key.data
            if type(connection) is not Connection:
                connection()  # the listener's, the wake-up's or the workers' handler
                continue
            if mask & _WRITE:
                self._transport.write_owed(connection)
            if mask & _READ and not connection.dialect.has_unread:
                readable.append(connection)
        if readable:
            self._read(readable)

    @log
    def _seconds_to_wait(self) -> float:
        due = self._timers.next_due()
        self._due_at = self._next_second if due is None else min(due, self._next_second)
        if self._unfinished or self._hub.freed or self._hub.feeder.is_wanted:
            return 0.0
        if self._handshakes is not None and self._handshakes.steps:
            return 0.0
        due = min(self._due_at, self._hub.retention.due_at)
        return max(0.0, due - time.monotonic())

    @log
    def _watch(
        self,
        connection: Connection,
        *,
        read: bool | None = None,
        write: bool | None = None,
    ) -> None:
        """Ask the selector for what is wanted, if it does not look for it already."""
        before = mask = connection.mask
        if read is not None:
            mask = mask | _READ if read else mask & ~_READ
        if write is not None:
            mask = mask | _WRITE if write else mask & ~_WRITE
        if mask == before:
            return
        if not mask:
            self._selector.unregister(connection.sock)
        elif not before:
            self._selector.register(connection.sock, mask, connection)
        else:
            self._selector.modify(connection.sock, mask, connection)
        connection.mask = mask

    # -------------------------------------------------------------- reading

    @log
    def _read(self, connections: list[Connection]) -> None:
        """Read each once, and have what it said handled."""
        now, handle = self._now, self._hub.handle
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
                    continue  # read only to be gone from the kernel
            try:
                events = connection.dialect.receive_data(data)
                if connection.throttle is not None:
                    events = self._admit(connection, connection.throttle, events)
                if events:
                    handle(connection.session, events, now)
            except StoreFailed:
                raise
            except Exception:  # noqa: BLE001 - surprise must stay in this connection
                self._contain(connection)
            self._follow(connection)

    @log
    def _follow(self, connection: Connection) -> None:
        """See to it that what was not handled now is handled later."""
        if connection.life is Life.SIGNING_IN:
            self._follow_sign_in(connection)
        dialect = connection.dialect
        if connection.session.busy:
            self._watch(connection, read=False)
        elif dialect.has_unread:
            self._unfinished.append(connection)
        elif dialect.silence_ends is not None:
            self._timers.look_again(connection, connection.heard + dialect.silence_ends)

    @log
    def _hear(
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
                self._hub.handle(connection.session, events, self._now)
        except StoreFailed:
            raise
        except Exception:  # noqa: BLE001 - surprise must stay in this connection
            self._contain(connection)

    @log
    def _hear_silence(self, connection: Connection) -> None:
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
        if self._now < due:
            self._timers.look_again(connection, due)
            return
        self._hear(connection, dialect.receive_silence, throttle)
        self._follow(connection)

    @log
    def _may_go_on(self, connection: Connection) -> bool:
        """Tell whether the rest of the last read is to be handled now."""
        if connection.life not in OPEN or connection.session.ended:
            connection.dialect.has_unread = False
            return False
        # Who is throttled goes on when `_resume` says so, who waits for a worker when
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
        admitted = throttle.admit(events, self._now)
        resumes_at = throttle.resumes_at()
        if resumes_at is not None:
            self._watch(connection, read=False)
            self._timers.look_again(connection, resumes_at)
        return admitted

    @log
    def _follow_sign_in(self, connection: Connection) -> None:
        """Take up the dialect that was chosen, and that somebody has signed in."""
        dialect = connection.dialect
        if isinstance(dialect, Opening):
            if dialect.hello:
                self._begin_tls(connection, dialect.hello)
            elif dialect.chosen is not None:
                connection.dialect = dialect.chosen
        if connection.session.person is None or connection.session.ended:
            return
        connection.move(Move.SIGN_IN)
        self._check_patience(connection)
        if not connection.dialect.answers_probes:
            self._keep_alive(connection)

    @log
    def _keep_alive(self, connection: Connection) -> None:
        """Leave it to TCP to find out whether a silent peer still lives."""
        # The peer may be gone again already; then there is nobody to keep alive.
        with contextlib.suppress(OSError):
            for level, option, value in _KEEPALIVE:
                connection.sock.setsockopt(level, option, value)

    # ------------------------------------------------------------------ TLS

    @log
    def _make_handshakes(self) -> "Handshakes":
        # Imported late, as all that needs `ssl`.
        from server.handshakes import Handshakes

        return Handshakes(self._end_handshake, self._give_up_handshake)

    @log
    def _begin_tls(self, connection: Connection, hello: bytes) -> None:
        """Agree on keys first; then the choice of a dialect is made again inside."""
        assert self._keyring is not None
        assert self._handshakes is not None
        seconds = self._settings.handshake_seconds
        ends = self._now + seconds if seconds else None
        channel = self._keyring.channel()
        go_on = self._handshakes.begin(connection, channel, hello, ends)
        self._selector.modify(connection.sock, connection.mask, go_on)
        self._check_patience(connection)

    @log
    def _end_handshake(self, connection: Connection) -> None:
        """Listen to what is said inside."""
        self._give_up_handshake(connection)
        connection.session.is_private = True
        connection.dialect = self._opening(inside_tls=True)
        self._read([connection])  # the first words may have come with the last step

    @log
    def _give_up_handshake(
        self, connection: Connection, reason: Label | None = None
    ) -> None:
        """Read the connection as any other again; with a `reason` it has failed."""
        if connection.mask:
            self._selector.modify(connection.sock, connection.mask, connection)
        if reason is not None:
            self._hub.lost(connection.session, reason, self._now)

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
        self._hub.lost(connection.session, Label("closed the connection"), self._now)

    @log
    def _take_last_words(self, connection: Connection) -> None:
        """Take what was not ended, from who will say nothing more."""
        if connection.life in OPEN:
            self._hear(connection, connection.dialect.receive_eof, None)

    @log
    def _contain(self, connection: Connection) -> None:
        """Keep a fault of ours to the connection that met it."""
        _logger.exception("a fault of ours, connection %s", connection.log_label)
        error = OutOfService(OUR_MISTAKE)
        self._hub.dismiss(connection.session, error, self._now)

    # -------------------------------------------------------------- writing

    @log
    def _deliver(self) -> None:
        """Make the turn final; then encode and write what each session gets."""
        now, wall = self._now, self._hub.wall
        # A goodbye may cause further news (somebody left a room): those follow.
        while touched := self._hub.end_turn():
            due: list[tuple[Connection, bytes]] = []
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
                    self._timers.look_again(connection, connection.dialect.next_send_at)
            self._transport.write(due)
            for session in touched:
                # Where a goodbye has just come up, it is written first.
                if session.ended and not session.outbox and session.connection:
                    self._transport.part(session.connection)
        for session in self._hub.feeder.sessions:
            # Its next page is read when it has taken all of the one before.
            connection = session.connection
            session.hungry = not (connection.owed or connection.dialect.backlog)

    # --------------------------------------------------------------- timers

    @log
    def _run_timers(self) -> None:
        for connection in self._timers.due(self._now):
            self._check(connection)
        if self._now >= self._next_second:
            self._next_second = self._now + 1.0
            self._hub.expire(self._now)
            self._hub.journal.end_second()
        if self._accepts_again is not None and self._now >= self._accepts_again:
            self._accepts_again = None
            for listener in self._paused:
                self._selector.register(listener, _READ, self._listeners[listener])
            self._paused.clear()

    @log
    def _check(self, connection: Connection) -> None:
        """Do what is due for one connection, and look again when more will be."""
        if connection.throttle is not None and connection.life in OPEN:
            self._resume(connection, connection.throttle)
        self._hear_silence(connection)
        self._transport.write_paced(connection)
        self._transport.maybe_close(connection)
        self._check_patience(connection)

    @log
    def _check_patience(self, connection: Connection) -> None:
        again = self._patience.check(connection, self._now)
        if again is not None:
            self._timers.look_again(connection, again)

    @log
    def _resume(self, connection: Connection, throttle: Throttle) -> None:
        """Go on with who was read too fast."""
        resumes_at = throttle.resumes_at()
        if resumes_at is None or connection.session.busy:
            return
        if resumes_at <= self._now:
            # Said before and heard only now: who is read slowly is not silent.
            connection.heard = self._now
            events = throttle.admit((), self._now)
            try:
                self._hub.handle(connection.session, events, self._now)
            except StoreFailed:
                raise
            except Exception:  # noqa: BLE001 - surprise must stay in this connection
                self._contain(connection)
            if connection.life is Life.SIGNING_IN:
                self._follow_sign_in(connection)
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
    def _free(self) -> None:
        """Go on with those whose request a worker has done."""
        freed, self._hub.freed = self._hub.freed, []
        for session in freed:
            connection: Connection | None = session.connection
            if connection is None or connection.life not in OPEN:
                continue
            # What it has to say it could not say before.
            connection.heard = self._now
            if connection.life is Life.SIGNING_IN:
                self._follow_sign_in(connection)
            if session.busy:
                continue  # with its next request, which had waited
            if connection.throttle is not None and connection.throttle.resumes_at():
                self._resume(connection, connection.throttle)
            else:
                self._read_again(connection)

    # ------------------------------------------------- beginning and stopping

    @log
    def _opening(self, *, inside_tls: bool = False) -> Dialect:
        """Return what chooses the dialect of who speaks first."""
        settings = self._settings
        return Opening(
            settings,
            takes_tls=self._keyring is not None and not inside_tls,
            takes_plain=settings.tls != "required" or inside_tls,
            text_menu=settings.text_menu,
        )

    @log
    def _accept(self, door: Door, acceptor: Acceptor) -> None:
        if self._stops_at is not None:
            return  # the signal came in the same turn and closed the listener
        newcomers, pause = acceptor.accept()
        for newcomer in newcomers:
            self._welcome(newcomer, door, acceptor)
        if pause:
            self._pause(door.listener)

    @log
    def _accept_admin(self, listener: socket.socket) -> None:
        """Let in a shell of the owner's, whom no limit keeps out."""
        if self._stops_at is not None:
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
        self._selector.unregister(listener)
        self._paused.append(listener)
        self._accepts_again = self._now + _ACCEPT_PAUSE_SECONDS

    @log
    def _welcome(self, newcomer: Newcomer, door: Door, acceptor: Acceptor) -> None:
        settings, address = self._settings, newcomer.address
        dialect = door.make_dialect()
        connection = self._take_in(newcomer.sock, address, dialect, address)
        connection.acceptor = acceptor
        if settings.message_rate:
            connection.throttle = Throttle(
                settings.message_burst, settings.message_rate, self._now
            )
        if newcomer.refusal is not None:
            self._hub.dismiss(connection.session, newcomer.refusal, self._now)
            return
        if door.speaks_first:
            self._greet(connection)
        self._check_patience(connection)

    @log
    def _greet(self, connection: Connection) -> None:
        """Speak first; some dialects have also something to ask of the hub at once."""
        dialect = connection.dialect
        self._keep_alive(connection)
        greeting = dialect.greeting(self._now, self._hub.wall)
        if greeting:
            self._transport.write([(connection, greeting)])
        self._hear(connection, lambda: dialect.receive_data(b""), connection.throttle)

    @log
    def _take_in(
        self, sock: socket.socket, address: Label, dialect: Dialect, origin: str
    ) -> Connection:
        label = Label(f"{next(self._numbers)} ({origin})")
        connection = Connection(sock, address, label, dialect, None, self._now)
        connection.session = self._hub.open(connection, label, address)
        self._transport.connections.add(connection)
        self._watch(connection, read=True)
        return connection

    @log
    def _forget(self, connection: Connection) -> None:
        """Count out a connection that was closed."""
        if connection.acceptor is not None:
            connection.acceptor.forget(connection.address)

    @log
    def _take_signals(self, wakeup: Wakeup) -> None:
        for one in wakeup.signals():
            if one is signal.SIGHUP:
                self._hooks.reload()
            elif self._stops_at is None:
                self._begin_stop()
            else:
                self._running, self._forced = False, True

    @log
    def _begin_stop(self) -> None:
        """Take nobody more, tell everybody, and write out what is owed."""
        _logger.info("stopping")
        self._stops_at = self._now + (self._settings.owed_seconds or _STOP_SECONDS)
        self._hooks.stopping()
        for listener in self._listeners:
            if listener not in self._paused:
                self._selector.unregister(listener)
            listener.close()
        self._paused.clear()
        self._accepts_again = None
        for acceptor in self._acceptors:
            acceptor.close()
        self._hub.announce(Notice(101, "the server is going down"))
        error = OutOfService("the server is going down")
        for connection in self._transport.connections:
            if connection.session.person is None:
                self._hub.dismiss(connection.session, error, self._now)
        self._hub.end_all()
