"""What systemd is told of the server's life (sd_notify(3)), where it started it."""

import os
import socket
from collections.abc import MutableMapping

from decorators import log

__all__ = ["Notifier"]


class Notifier:
    """Tells the service manager; does nothing where there is none.

    Call `turned` after each turn of the loop, which must turn at least once a second:
    so a watchdog of 3 seconds or more is fed in time, and only while the loop lives.
    """

    @log
    def __init__(self, environment: MutableMapping[str, str]) -> None:
        """Read where to tell; children of ours must not find it."""
        self._socket: socket.socket | None = None
        address = environment.pop("NOTIFY_SOCKET", "")
        # A name in the abstract namespace has a zero byte where it shows an @.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        self._period = _watchdog_seconds(environment) / 2
        self._fed = 0.0

    @property
    @log
    def has_watchdog(self) -> bool:
        """Tell whether `turned` has anything to do."""
        return self._socket is not None and self._period > 0

    @log
    def ready(self, status: str) -> None:
        """Say that people are served; `status` is shown by systemctl."""
        self._tell("READY=1", f"STATUS={status}")

    @log
    def reloading(self, now: float) -> None:
        """Say that settings are read again; say `ready` when that is done."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={round(now * 1_000_000)}")

    @log
    def stopping(self) -> None:
        """Say that the server goes down."""
        self._tell("STOPPING=1", "STATUS=going down")

    @log
    def turned(self, now: float) -> None:
        """Feed the watchdog, twice as often as it wants."""
        if self._period and now >= self._fed + self._period:
            self._fed = now
            self._tell("WATCHDOG=1")

    @log
    def _tell(self, *lines: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            # Whoever listens there is gone or full; the server goes on without it.
            return

    @log
    def close(self) -> None:
        """Tell nothing more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


@log
def _watchdog_seconds(environment: MutableMapping[str, str]) -> float:
    """Return what the watchdog waits for; 0 without one, or if it is for another."""
    microseconds = environment.pop("WATCHDOG_USEC", "")
    pid = environment.pop("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or pid not in ("", str(os.getpid())):
        return 0.0
    return int(microseconds) / 1_000_000
