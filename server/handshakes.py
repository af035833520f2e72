"""TLS handshakes: a few steps in each turn, whoever else wants to begin one.

A step costs as much as a hundred messages, so a crowd that comes at once waits in
line, and everybody else does not.
"""

import logging
import socket
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from common.names import Label
from decorators import log
from server.connection import Connection
from server.dialects.silent import SilentDialect
from server.secure_socket import SecureSocket
from server.states import OPEN
from server.tls import Channel

__all__ = ["Handshakes"]

_STEPS_A_TURN = 16

_logger = logging.getLogger("server.handshakes")


class _Step(NamedTuple):
    """What is to be done next for a connection; without data it has some to read."""

    connection: Connection
    sock: SecureSocket
    data: bytes


class Handshakes:
    """Those under way. `done` and `given_up` are told what became of each.

    While `steps` are left `go_on` must be called. Given up without a reason are those
    whose connection has ended meanwhile.
    """

    @log
    def __init__(
        self,
        done: Callable[[Connection], None],
        given_up: Callable[[Connection, Label | None], None],
    ) -> None:
        self._done = done
        self._given_up = given_up
        self.steps: deque[_Step] = deque()
        self._in_line: set[Connection] = set()

    @log
    def begin(
        self, connection: Connection, channel: Channel, hello: bytes, ends: float | None
    ) -> Callable[[], None]:
        """Take a connection whose first bytes are a hello; it must be over by `ends`.

        Return what the loop is to call when its socket is readable.
        """
        plain = connection.sock
        assert isinstance(plain, socket.socket)
        sock = SecureSocket(plain, channel)
        connection.sock = sock
        connection.dialect = SilentDialect()
        connection.secured_by = ends
        self._line_up(_Step(connection, sock, hello))
        return lambda: self._line_up(_Step(connection, sock, b""))

    @log
    def _line_up(self, step: _Step) -> None:
        # Until its turn comes the socket stays readable, and is found so each turn.
        if step.connection not in self._in_line:
            self._in_line.add(step.connection)
            self.steps.append(step)

    @log
    def go_on(self) -> None:
        """Do the steps of this turn.

        They are taken from both ends of the line: who comes behind a crowd is served at
        once, and who came first is not forgotten.
        """
        steps = self.steps
        for number in range(min(_STEPS_A_TURN, len(steps))):
            step = steps.pop() if number % 2 else steps.popleft()
            connection, sock, data = step
            self._in_line.discard(connection)
            if connection.life not in OPEN or connection.session.ended:
                self._given_up(connection, None)
                continue
            try:
                done = sock.shake_hands(data)
            except BlockingIOError:
                continue
            except OSError as error:
                reason = Label(error.strerror or "the TLS handshake broke")
                self._given_up(connection, reason)
                continue
            except Exception:
                # Surprise must stay in this connection.
                _logger.exception(
                    "a fault of ours, connection %s", connection.log_label
                )
                self._given_up(connection, Label("a fault of ours"))
                continue
            if done:
                connection.secured_by = None
                self._done(connection)
