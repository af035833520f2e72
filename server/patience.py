"""How long a peer may take: to sign in, and to show that it still lives."""

from common.limits import Limits
from decorators import log
from errors import TooLate
from server.connection import Connection
from server.hub import Hub
from server.states import Life

__all__ = ["Patience"]


class Patience:
    """Ends, through the hub, the sessions of peers that take too long."""

    @log
    def __init__(self, limits: Limits, hub: Hub) -> None:
        self._limits = limits
        self._hub = hub

    @log
    def check(self, connection: Connection, now: float) -> float | None:
        """Do what is due now; return when to check again, None for never."""
        if connection.life is Life.SIGNING_IN:
            return self._check_sign_in(connection, now)
        if connection.life is Life.SIGNED_IN and connection.dialect.answers_probes:
            return self._check_silence(connection, now)
        return None

    @log
    def _check_sign_in(self, connection: Connection, now: float) -> float | None:
        if connection.session.is_admin:
            return None
        limits = self._limits
        secured_by, seconds = connection.secured_by, connection.dialect.sign_in_seconds
        seconds = limits.sign_in_seconds if seconds is None else seconds
        until = connection.opened + seconds if seconds else None
        if secured_by is not None and now >= secured_by:
            late = TooLate("the TLS handshake was not over", limits.handshake_seconds)
        elif until is not None and now >= until:
            late = TooLate("you did not sign in", seconds)
        else:
            return min((at for at in (until, secured_by) if at), default=None)
        self._hub.dismiss(connection.session, late, now)
        return None

    @log
    def _check_silence(self, connection: Connection, now: float) -> float | None:
        """Probe who is silent; let go who answers none of the probes."""
        silence, most = self._limits.silence_seconds, self._limits.unanswered_probes
        if not silence:
            return None
        # An answer may come so soon that at the next look the silence is as old as
        # the probe, so what counts is which of the two was later.
        if connection.heard > connection.probed:
            connection.probes = 0
        if now < connection.heard + silence:
            return connection.heard + silence
        if connection.probes >= most:
            error = TooLate("you answered no probe", silence * (most + 1))
            self._hub.dismiss(connection.session, error, now)
            return None
        connection.probes += 1
        connection.probed = now
        self._hub.probe(connection.session)
        return now + silence
