"""The end of a server: from the first signal to the last connection."""

import logging
from collections.abc import Callable

from common.limits import Limits
from decorators import log
from errors import OutOfService
from server.events import Notice
from server.hub import Hub
from server.reception import Reception
from server.transport import Transport

__all__ = ["Ending"]

# A stop ends also where closing connections may take as long as they like.
_STOP_SECONDS = 5.0

_logger = logging.getLogger("server.ending")


class Ending:
    """Knows whether the server is to go on: until it `is_over`.

    While it `has_begun`, `check` must be called in each turn. `stopping` is called when
    nobody more is to be taken. It `is_forced` where somebody did not want to wait.
    """

    @log
    def __init__(
        self,
        limits: Limits,
        hub: Hub,
        transport: Transport,
        reception: Reception,
        stopping: Callable[[], None],
    ) -> None:
        self.has_begun = self.is_over = self.is_forced = False
        self._limits = limits
        self._hub = hub
        self._transport = transport
        self._reception = reception
        self._stopping = stopping
        self._ends_at = 0.0  # monotonic seconds

    @log
    def ask(self) -> None:
        """Begin to stop; asked once more, stop at once."""
        if self.has_begun:
            self.is_over = self.is_forced = True
            return
        self.has_begun = True
        self._begin()

    @log
    def hang_up(self) -> None:
        """Begin to stop, for the terminal is gone: shell and kernel both say so."""
        if not self.has_begun:
            _logger.info("its terminal was closed (SIGHUP)")
            self.ask()

    @log
    def _begin(self) -> None:
        """Take nobody more, tell everybody, and write out what is owed."""
        _logger.info("stopping")
        hub, now = self._hub, self._hub.now
        self._ends_at = now + (self._limits.owed_seconds or _STOP_SECONDS)
        self._stopping()
        self._reception.close()
        hub.announce(Notice(101, "the server is going down"))
        error = OutOfService("the server is going down")
        for connection in self._transport.connections:
            if connection.session.person is None:
                hub.dismiss(connection.session, error, now)
        hub.end_all()

    @log
    def check(self) -> None:
        """Be over when the last connection is closed, or took too long for that."""
        is_late = self._hub.now >= self._ends_at
        self.is_over |= is_late or not self._transport.connections
