"""The loop: one turn after the other. The only file with `selectors`.

A turn: wait for ready sockets and due timers; read each ready socket once, and once
more who has spoken meanwhile; let the hub handle what was said; have the store make it
final; then encode and write, once per socket. Nothing leaves before the store has it.
"""

import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from common.server_settings import ServerSettings
from decorators import log
from server.arrivals import Arrivals
from server.clock import steady
from server.connection import Connection
from server.doors import Door
from server.ending import Ending
from server.hub import Hub
from server.receiver import Receiver
from server.reception import Reception, count_out
from server.sender import Sender
from server.states import OPEN
from server.timers import Timers
from server.transport import Transport
from server.wakeup import Wakeup

if TYPE_CHECKING:
    from server.tls import Keyring

__all__ = ["Hooks", "Loop"]

_READ = selectors.EVENT_READ
_WRITE = selectors.EVENT_WRITE
# Between two turns the system's clock goes on by this at most, and never back.
_LONGEST_TURN = 2.0
# Whoever may send signals may send thousands of them.
_RELOAD_SECONDS = 1.0


class Hooks(NamedTuple):
    """What the loop calls outside.

    `started` once signals and connections are taken, `reload` on SIGHUP, of many once a
    second (None where that ends the server), `stopping` when nobody more is taken,
    `end_turn` after each turn, with True where nothing had come but answers to probes.
    """

    started: Callable[[], None]
    reload: Callable[[], None] | None
    stopping: Callable[[], None]
    end_turn: Callable[[bool], None]


class Loop:
    """Serves listening sockets until a signal ends it.

    With a keyring who begins with a TLS hello gets TLS. `admin` is the listening socket
    of the owner's shell, `doors` are those besides the main one.
    """

    @log
    def __init__(
        self,
        settings: ServerSettings,
        hub: Hub,
        listeners: Sequence[socket.socket],
        hooks: Hooks,
        *,
        keyring: "Keyring | None" = None,
        admin: socket.socket | None = None,
        doors: Sequence[Door] = (),
    ) -> None:
        self._hub = hub
        self._hooks = hooks
        self._selector = selectors.DefaultSelector()
        self._timers = timers = Timers()
        self._transport = Transport(settings, hub, timers, self._watch, count_out)
        self._arrivals = Arrivals(
            settings, hub, timers, keyring, self._hand_to, self._read
        )
        self._receiver = Receiver(
            hub, timers, self._transport, self._watch, self._arrivals.follow
        )
        self._sender = Sender(hub, self._transport, self._receiver.contain)
        self._reception = Reception(
            settings,
            hub,
            self._transport,
            self._receiver,
            self._arrivals,
            watch=self._watch,
            attend=self._attend,
            ignore=self._selector.unregister,
        )
        opening = self._arrivals.opening
        main = [Door(one, opening, speaks_first=False) for one in listeners]
        for door in (*main, *doors):
            self._reception.add_door(door)
        if admin is not None:
            self._reception.add_admin(admin)
        self._ending = Ending(
            settings, hub, self._transport, self._reception, hooks.stopping
        )
        self._now = time.monotonic()
        self._next_second = self._due_at = self._now + 1.0
        self._has_work = False
        self._wants_reload = False
        self._reloads_at = self._now

    @log
    def run(self) -> bool:
        """Serve until a signal ends it; False if a second one ended it at once."""
        with Wakeup() as wakeup:
            self._attend(wakeup.reader, lambda: self._take_signals(wakeup))
            self._reception.open()
            for workers in self._hub.crew:
                self._attend(workers.reader, workers.finish)
            self._hooks.started()
            while not self._ending.is_over:
                self._turn()
        for connection in list(self._transport.connections):
            self._transport.close(connection)
        self._selector.close()
        return not self._ending.is_forced

    @log
    def _take_signals(self, wakeup: Wakeup) -> None:
        for one in wakeup.signals():
            if one is not signal.SIGHUP:
                self._ending.ask()
            elif self._hooks.reload is None:
                self._ending.hang_up()
            else:
                self._wants_reload = True
        self._maybe_reload()

    @log
    def _maybe_reload(self) -> None:
        """Read files again once a second at most: it holds everybody up."""
        if self._wants_reload and self._now >= self._reloads_at:
            assert self._hooks.reload is not None
            self._wants_reload = False
            self._reloads_at = self._now + _RELOAD_SECONDS
            self._hooks.reload()

    @log
    def _turn(self) -> None:
        ready = self._selector.select(self._seconds_to_wait())
        self._now = self._transport.now = self._hub.now = time.monotonic()
        wall = time.time()
        if not 0.0 <= wall - self._hub.wall < _LONGEST_TURN:
            wall = self._hub.clock.read(steady(), wall)
        self._hub.wall = int(wall * 1000) / 1000
        receiver = self._receiver
        unfinished, receiver.unfinished = receiver.unfinished, []
        self._take(ready, unfinished)
        if self._hub.batch and len(ready) > 1:
            # Who has spoken meanwhile is stored with the same sync.
            self._take(self._selector.select(0), [])
        handshakes = self._arrivals.handshakes
        if handshakes is not None and handshakes.steps:
            handshakes.go_on()
        if self._now >= self._due_at:
            self._run_timers()
        if self._hub.freed:
            receiver.free()
        self._sender.deliver()
        if self._now >= self._hub.retention.due_at:
            self._hub.retention.step(self._now, self._hub.clock.sure)
        if self._ending.has_begun:
            self._ending.check()
        is_quiet = not self._has_work and len(ready) == self._hub.signs_of_life
        self._hooks.end_turn(is_quiet)
        self._hub.signs_of_life = 0

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
            self._receiver.read(readable)

    @log
    def _seconds_to_wait(self) -> float:
        """Return how long nothing is to be done; note whether something waits now."""
        due = self._timers.next_due()
        self._due_at = self._next_second if due is None else min(due, self._next_second)
        self._has_work = True
        if self._receiver.unfinished or self._hub.freed or self._hub.feeder.is_wanted:
            return 0.0
        handshakes = self._arrivals.handshakes
        if handshakes is not None and handshakes.steps:
            return 0.0
        self._has_work = False
        due = min(self._due_at, self._hub.retention.due_at)
        return max(0.0, due - time.monotonic())

    @log
    def _run_timers(self) -> None:
        for connection in self._timers.due(self._now):
            self._check(connection)
        if self._now >= self._next_second:
            self._next_second = self._now + 1.0
            self._hub.clock.read(steady(), time.time())
            self._hub.expire(self._now)
            self._hub.journal.end_second()
            self._maybe_reload()
        if self._now >= self._reception.resumes_at:
            self._reception.resume()

    @log
    def _check(self, connection: Connection) -> None:
        """Do what is due for one connection, and look again when more will be."""
        if connection.throttle is not None and connection.life in OPEN:
            self._receiver.resume(connection, connection.throttle)
        self._receiver.hear_silence(connection)
        self._transport.write_paced(connection)
        self._transport.maybe_close(connection)
        self._arrivals.check_patience(connection)

    # ------------------------------------------------------- the selector

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

    @log
    def _attend(self, sock: socket.socket, handle: Callable[[], None]) -> None:
        """Have a handler called when there is something to read from a socket."""
        self._selector.register(sock, _READ, handle)

    @log
    def _hand_to(
        self, connection: Connection, handle: Callable[[], None] | None
    ) -> None:
        """Call a handler when the connection is ready; None reads it as ever."""
        if connection.mask:
            self._selector.modify(
                connection.sock, connection.mask, handle or connection
            )

    @log
    def _read(self, connections: list[Connection]) -> None:
        """Read what came with the last step of a handshake."""
        self._receiver.read(connections)
