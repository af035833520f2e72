"""The loop: sockets, timers, flow control. The only file with `selectors`.

A turn: wait for ready sockets and due timers; read each ready socket once; let the hub
handle what was said; have the store make it final; then encode and write, once per
socket. Nothing leaves before the store has it.
"""

import heapq
import logging
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import NamedTuple

from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from errors import OutOfService, SlowReader, TooLate
from server.acceptor import Acceptor, Newcomer
from server.connection import Connection
from server.dialects.opening import Opening
from server.events import Event, Notice
from server.flow import Throttle
from server.hub import Hub
from server.states import Life, Move
from server.wakeup import Wakeup

__all__ = ["Hooks", "Loop"]

_READ = selectors.EVENT_READ
_WRITE = selectors.EVENT_WRITE
# One read a turn and connection: enough for a busy peer, bounded for its neighbours.
_READ_BYTES = 64 * 1024
# A crowd that came at once falls silent at once: it must not hold up the others.
_TIMERS_A_TURN = 32
# How long a closing connection is read on, so that a goodbye under way is not lost to
# the reset that closing with unread bytes causes.
_LINGER_SECONDS = 2.0
_ACCEPT_PAUSE_SECONDS = 1.0
# A stop ends also where closing connections may take as long as they like.
_STOP_SECONDS = 5.0
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
_WAITING_FOR_PEERS = (Life.SIGNING_IN, Life.SIGNED_IN)

_logger = logging.getLogger("server.loop")


class Hooks(NamedTuple):
    """What the loop calls outside.

    `started` once signals and connections are taken, `reload` on SIGHUP, `end_turn`
    after each turn.
    """

    started: Callable[[], None]
    reload: Callable[[], None]
    end_turn: Callable[[], None]


class Loop:
    """Serves one listening socket until a signal ends it."""

    @log
    def __init__(
        self,
        settings: ServerSettings,
        hub: Hub,
        listener: socket.socket,
        hooks: Hooks,
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._hooks = hooks
        self._acceptor = Acceptor(listener, settings)
        self._selector = selectors.DefaultSelector()
        self._connections: set[Connection] = set()
        self._timers: list[tuple[float, int, Connection]] = []
        self._order = count()  # so that equal times never compare connections
        self._now = time.monotonic()
        self._next_second = self._now + 1.0
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
            self._selector.register(self._acceptor.listener, _READ, self._accept)
            self._hooks.started()
            while self._running:
                self._turn()
        for connection in list(self._connections):
            self._close(connection)
        self._selector.close()
        return not self._forced

    @log
    def _turn(self) -> None:
        ready = self._selector.select(self._patience())
        self._now = time.monotonic()
        readable = []
        for key, mask in ready:
            connection = key.data
            if type(connection) is not Connection:
                connection()  # the listener's or the wake-up's handler
                continue
            if mask & _WRITE:
                self._write_owed(connection)
            if mask & _READ:
                readable.append(connection)
        if readable:
            self._read(readable)
        if self._timers or self._now >= self._next_second:
            self._run_timers()
        self._deliver()
        if self._stops_at is not None:
            self._running &= bool(self._connections) and self._now < self._stops_at
        self._hooks.end_turn()

    @log
    def _patience(self) -> float:
        """Return how many seconds the selector may wait."""
        due = self._next_second
        if self._timers and self._timers[0][0] < due:
            due = self._timers[0][0]
        return max(0.0, due - time.monotonic())

    # -------------------------------------------------------------- reading

    @log
    def _read(self, connections: list[Connection]) -> None:
        """Read each once, and have what it said handled."""
        now, handle = self._now, self._hub.handle
        for connection in connections:
            try:
                data = connection.sock.recv(_READ_BYTES)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                self._lose(connection, Label(error.strerror or "the connection broke"))
                continue
            if not data:
                self._take_eof(connection)
                continue
            connection.heard = now
            if connection.life not in _WAITING_FOR_PEERS:
                continue  # read only to be gone from the kernel
            try:
                events = connection.dialect.receive_data(data)
                if connection.throttle is not None:
                    events = self._admit(connection, connection.throttle, events)
                if events:
                    handle(connection.session, events, now)
            except Exception:  # noqa: BLE001 - surprise must stay in this connection
                self._contain(connection)
            if connection.life is Life.SIGNING_IN:
                self._follow_sign_in(connection)

    @log
    def _admit(
        self, connection: Connection, throttle: Throttle, events: Sequence[Event]
    ) -> Sequence[Event]:
        """Return what may be handled now; a too fast sender is not read for a while."""
        admitted = throttle.admit(events, self._now)
        resumes_at = throttle.resumes_at()
        if resumes_at is not None:
            self._watch(connection, connection.mask & ~_READ)
            self._look_again(connection, resumes_at)
        return admitted

    @log
    def _follow_sign_in(self, connection: Connection) -> None:
        """Take up the dialect that was chosen, and that somebody has signed in."""
        dialect = connection.dialect
        if isinstance(dialect, Opening) and dialect.chosen is not None:
            connection.dialect = dialect.chosen
        if connection.session.person is None or connection.session.ended:
            return
        connection.move(Move.SIGN_IN)
        if connection.dialect.answers_probes:
            if self._settings.silence_seconds:
                self._look_again(connection, self._now + self._settings.silence_seconds)
        else:
            for level, option, value in _KEEPALIVE:
                connection.sock.setsockopt(level, option, value)

    @log
    def _take_eof(self, connection: Connection) -> None:
        """The peer will say no more; what it is owed is still written."""
        connection.at_eof = True
        self._watch(connection, connection.mask & ~_READ)
        if connection.life not in _WAITING_FOR_PEERS:
            if not connection.owed:
                self._close(connection)
            return
        events = connection.dialect.receive_eof()
        if events:
            self._hub.handle(connection.session, events, self._now)
        self._hub.lost(connection.session, Label("closed the connection"), self._now)

    @log
    def _contain(self, connection: Connection) -> None:
        """Keep a fault of ours to the connection that met it."""
        _logger.exception("a fault of ours, connection %s", connection.log_label)
        error = OutOfService("the server made a mistake and closes this connection")
        self._hub.dismiss(connection.session, error, self._now)

    # -------------------------------------------------------------- writing

    @log
    def _deliver(self) -> None:
        """Make the turn final; then encode and write what each session gets."""
        now, wall = self._now, round(time.time(), 3)
        # A goodbye may cause further news (somebody left a room): those follow.
        while touched := self._hub.end_turn():
            due: list[tuple[Connection, bytes]] = []
            for session in touched:
                connection: Connection = session.connection
                outbox, session.outbox = session.outbox, []
                try:
                    data = connection.dialect.send(outbox, now, wall)
                except Exception:  # noqa: BLE001 - surprise must stay in this connection
                    self._contain(connection)
                    continue
                if data:
                    due.append((connection, data))
                if connection.dialect.next_send_at is not None:
                    self._look_again(connection, connection.dialect.next_send_at)
            self._write(due)
            for session in touched:
                # Where a goodbye has just come up, it is written first.
                if session.ended and not session.outbox:
                    self._part(session.connection)

    @log
    def _write(self, due: list[tuple[Connection, bytes]]) -> None:
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
                self._lose(connection, Label(error.strerror or "the connection broke"))
                continue
            if sent < len(data):
                connection.owed = bytearray(data[sent:])
                self._watch(connection, connection.mask | _WRITE)
                self._limit_debt(connection)

    @log
    def _limit_debt(self, connection: Connection) -> None:
        """Past the limit drop all behind the object under way, and say goodbye."""
        limit = self._settings.owed_bytes
        session = connection.session
        if not limit or len(connection.owed) <= limit or session.ended:
            return
        owed = bytes(connection.owed)
        connection.owed = bytearray(owed[: connection.dialect.end_of_object(owed)])
        self._hub.dismiss(session, SlowReader(limit), self._now)

    @log
    def _write_owed(self, connection: Connection) -> None:
        """Write more of what the socket did not take before."""
        if not isinstance(connection.owed, bytearray):
            return
        try:
            sent = connection.sock.send(connection.owed)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(connection, Label(error.strerror or "the connection broke"))
            return
        del connection.owed[:sent]
        if not connection.owed:
            connection.owed = b""
            self._watch(connection, connection.mask & ~_WRITE)
            all_said = connection.dialect.next_send_at is None
            if connection.life is Life.PARTING and all_said:
                self._linger(connection)

    # ------------------------------------------------------- coming and going

    @log
    def _accept(self) -> None:
        if self._stops_at is not None:
            return  # the signal came in the same turn and closed the listener
        newcomers, pause = self._acceptor.accept()
        for newcomer in newcomers:
            self._welcome(newcomer)
        if pause:
            self._selector.unregister(self._acceptor.listener)
            self._accepts_again = self._now + _ACCEPT_PAUSE_SECONDS

    @log
    def _welcome(self, newcomer: Newcomer) -> None:
        settings = self._settings
        throttle = None
        if settings.message_rate:
            throttle = Throttle(
                settings.message_burst, settings.message_rate, self._now
            )
        connection = Connection(
            newcomer.sock, newcomer.address, Opening(settings), throttle, self._now
        )
        label = Label(f"{next(self._order)} ({newcomer.address})")
        connection.log_label = label
        connection.session = self._hub.open(connection, label)
        self._connections.add(connection)
        self._watch(connection, _READ)
        if newcomer.refusal is not None:
            self._hub.dismiss(connection.session, newcomer.refusal, self._now)
        elif settings.sign_in_seconds:
            self._look_again(connection, self._now + settings.sign_in_seconds)

    @log
    def _part(self, connection: Connection) -> None:
        """Begin to close: what is owed is written, then the peer may close first."""
        if connection.life not in _WAITING_FOR_PEERS:
            return
        connection.move(Move.PART)
        if self._settings.owed_seconds:
            connection.deadline = self._now + self._settings.owed_seconds
            self._look_again(connection, connection.deadline)
        if not connection.at_eof:
            self._watch(connection, connection.mask | _READ)
        if not connection.owed and connection.dialect.next_send_at is None:
            self._linger(connection)

    @log
    def _linger(self, connection: Connection) -> None:
        """Say that nothing more comes, and give the peer time to close."""
        if connection.at_eof:
            self._close(connection)
            return
        connection.move(Move.LINGER)
        connection.deadline = self._now + _LINGER_SECONDS
        self._look_again(connection, connection.deadline)
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)  # the peer is gone already

    @log
    def _lose(self, connection: Connection, reason: Label) -> None:
        """Close a connection that broke."""
        self._close(connection)
        self._hub.lost(connection.session, reason, self._now)

    @log
    def _close(self, connection: Connection) -> None:
        if connection.life is Life.CLOSED:
            return
        connection.move(Move.CLOSE)
        self._watch(connection, 0)
        connection.sock.close()
        connection.owed = b""
        self._connections.discard(connection)
        self._acceptor.forget(connection.address)

    @log
    def _watch(self, connection: Connection, mask: int) -> None:
        """Ask the selector for `mask`, if that is not what it looks for already."""
        if mask == connection.mask:
            return
        if not mask:
            self._selector.unregister(connection.sock)
        elif not connection.mask:
            self._selector.register(connection.sock, mask, connection)
        else:
            self._selector.modify(connection.sock, mask, connection)
        connection.mask = mask

    # --------------------------------------------------------------- timers

    @log
    def _look_again(self, connection: Connection, when: float) -> None:
        """Have `_check` look at the connection at `when`, or before."""
        if connection.timer is None or when < connection.timer:
            connection.timer = when
            heapq.heappush(self._timers, (when, next(self._order), connection))

    @log
    def _run_timers(self) -> None:
        now, timers = self._now, self._timers
        for _ in range(_TIMERS_A_TURN):
            if not timers or timers[0][0] > now:
                break
            when, _, connection = heapq.heappop(timers)
            if connection.timer == when and connection.life is not Life.CLOSED:
                connection.timer = None
                self._check(connection)
        if now >= self._next_second:
            self._next_second = now + 1.0
            self._hub.expire(now)
            self._hub.journal.end_second()
        if self._accepts_again is not None and now >= self._accepts_again:
            self._accepts_again = None
            self._selector.register(self._acceptor.listener, _READ, self._accept)

    @log
    def _check(self, connection: Connection) -> None:
        """Do what is due for one connection, and look again when more will be."""
        if connection.throttle is not None:
            self._resume(connection, connection.throttle)
        due = connection.dialect.next_send_at
        if due is not None and due <= self._now:
            data = connection.dialect.data_to_send(self._now)
            if data:
                self._write([(connection, data)])
            due = connection.dialect.next_send_at
            if due is None and connection.life is Life.PARTING and not connection.owed:
                self._linger(connection)
        if due is not None:
            self._look_again(connection, due)
        self._check_patience(connection)

    @log
    def _resume(self, connection: Connection, throttle: Throttle) -> None:
        """Go on with who was read too fast."""
        resumes_at = throttle.resumes_at()
        if resumes_at is None or connection.life not in _WAITING_FOR_PEERS:
            return
        if resumes_at <= self._now:
            # Said before and heard only now: who is read slowly is not silent.
            connection.heard = self._now
            events = throttle.admit((), self._now)
            try:
                self._hub.handle(connection.session, events, self._now)
            except Exception:  # noqa: BLE001 - surprise must stay in this connection
                self._contain(connection)
            if connection.life is Life.SIGNING_IN:
                self._follow_sign_in(connection)
            resumes_at = throttle.resumes_at()
        if resumes_at is not None:
            self._look_again(connection, resumes_at)
        elif not connection.at_eof:
            self._watch(connection, connection.mask | _READ)

    @log
    def _check_patience(self, connection: Connection) -> None:
        """End what has lasted too long: signing in, silence, parting."""
        now, settings = self._now, self._settings
        if connection.deadline is not None:
            if now >= connection.deadline:
                self._close(connection)
            else:
                self._look_again(connection, connection.deadline)
        elif connection.life is Life.SIGNING_IN:
            if not settings.sign_in_seconds:
                return
            until = connection.opened + settings.sign_in_seconds
            if now >= until:
                error = TooLate("you did not sign in", settings.sign_in_seconds)
                self._hub.dismiss(connection.session, error, now)
            else:
                self._look_again(connection, until)
        elif connection.life is Life.PARTING:
            return  # without a limit it may take its time
        elif connection.dialect.answers_probes and settings.silence_seconds:
            self._check_silence(connection)

    @log
    def _check_silence(self, connection: Connection) -> None:
        """Probe who is silent; let go who answers none of the probes."""
        silence = self._settings.silence_seconds
        most = self._settings.unanswered_probes
        # An answer may come so soon that at the next look the silence is as old as
        # the probe, so what counts is which of the two was later.
        if connection.heard > connection.probed:
            connection.probes = 0
        if self._now < connection.heard + silence:
            self._look_again(connection, connection.heard + silence)
            return
        if connection.probes >= most:
            error = TooLate("you answered no probe", silence * (most + 1))
            self._hub.dismiss(connection.session, error, self._now)
            return
        connection.probes += 1
        connection.probed = self._now
        self._hub.probe(connection.session)
        self._look_again(connection, self._now + silence)

    # ------------------------------------------------------------- stopping

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
        if self._accepts_again is None:
            self._selector.unregister(self._acceptor.listener)
        self._accepts_again = None
        self._acceptor.close()
        self._hub.announce(Notice(101, "the server is going down"))
        error = OutOfService("the server is going down")
        for connection in self._connections:
            if connection.session.person is None:
                self._hub.dismiss(connection.session, error, self._now)
        self._hub.end_all()
