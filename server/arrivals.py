"""From the first bytes to the sign-in: which dialect, TLS, and how long it may take."""

import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from common.names import Label
from common.server_settings import ServerSettings
from decorators import log
from server.connection import Connection
from server.dialects.base import Dialect
from server.dialects.course_words import LastWords
from server.dialects.opening import Opening
from server.hub import Hub
from server.patience import Patience
from server.states import Move
from server.timers import Timers

if TYPE_CHECKING:
    from server.handshakes import Handshakes
    from server.tls import Keyring

__all__ = ["Arrivals", "keep_alive"]

_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)


class Arrivals:
    """Those who have not signed in yet. With a keyring a TLS hello is answered.

    `hand_to` has something else called when a connection is ready, with None it is read
    again as any other; `read` reads a few at once. While `handshakes` have steps left
    their `go_on` must be called.
    """

    @log
    def __init__(
        self,
        settings: ServerSettings,
        hub: Hub,
        timers: Timers,
        keyring: "Keyring | None",
        hand_to: Callable[[Connection, Callable[[], None] | None], None],
        read: Callable[[list[Connection]], None],
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._timers = timers
        self._patience = Patience(settings, hub)
        self._keyring = keyring
        self._words = LastWords()
        self._hand_to = hand_to
        self._read = read
        self.handshakes = None if keyring is None else self._make_handshakes()

    @log
    def opening(self, *, inside_tls: bool = False) -> Dialect:
        """Return what chooses the dialect of who speaks first."""
        settings = self._settings
        return Opening(
            settings,
            takes_tls=self._keyring is not None and not inside_tls,
            takes_plain=settings.tls != "required" or inside_tls,
            text_menu=settings.text_menu,
            words=self._words,
        )

    @log
    def follow(self, connection: Connection) -> None:
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
        self.check_patience(connection)
        if not connection.dialect.answers_probes:
            keep_alive(connection)

    @log
    def check_patience(self, connection: Connection) -> None:
        """End what takes too long; signed in, what shows no sign of life."""
        again = self._patience.check(connection, self._hub.now)
        if again is not None:
            self._timers.look_again(connection, again)

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
        assert self.handshakes is not None
        seconds = self._settings.handshake_seconds
        ends = self._hub.now + seconds if seconds else None
        channel = self._keyring.channel()
        go_on = self.handshakes.begin(connection, channel, hello, ends)
        self._hand_to(connection, go_on)
        self.check_patience(connection)

    @log
    def _end_handshake(self, connection: Connection) -> None:
        """Listen to what is said inside."""
        self._give_up_handshake(connection)
        connection.session.is_private = True
        connection.dialect = self.opening(inside_tls=True)
        self._read([connection])  # the first words may have come with the last step

    @log
    def _give_up_handshake(
        self, connection: Connection, reason: Label | None = None
    ) -> None:
        """Read the connection as any other again; with a `reason` it has failed."""
        self._hand_to(connection, None)
        if reason is not None:
            self._hub.lost(connection.session, reason, self._hub.now)


@log
def keep_alive(connection: Connection) -> None:
    """Leave it to TCP to find out whether a silent peer still lives."""
    # The peer may be gone again already; then there is nobody to keep alive.
    with contextlib.suppress(OSError):
        for level, option, value in _KEEPALIVE:
            connection.sock.setsockopt(level, option, value)
