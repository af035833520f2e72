"""Keep a session connected: connect, sign in, carry bytes, and do it all again.

The only file of the client that knows both the session and the socket. While the
server is away the pauses between attempts grow; what the user sends meanwhile waits in
the session.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable

from client.events import (
    Away,
    Event,
    ProtocolBroken,
    ServerUnknown,
    SessionEnded,
    SignInRefused,
    Welcomed,
)
from client.keeping import Keeper
from client.privacy import check_sign_in
from client.session import ClientSession
from client.state import State
from client.stream import Address, place
from client.tls import Trust
from client.way import Way, cut_off, hang_up, open_way
from common.client_settings import ClientSettings
from common.fingerprints import shown
from decorators import log
from errors import ProgramError, Refused, TimedOut, Unreachable
from log_config.loader import flush

__all__ = ["Connection", "Ending"]

Ending = SignInRefused | SessionEnded | ProtocolBroken | ServerUnknown

_READ_BYTES = 256 * 1024
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_TICK_SECONDS = 1.0
# Refusals that time may cure: too late, too many, out of service.
_PASSING = frozenset({408, 429})

_logger = logging.getLogger(__name__)


class Connection:
    """The way of one session to its server, across broken connections.

    Call `run` once, and `send` after each call of the session that may have given it
    something to say.
    """

    @log
    def __init__(
        self,
        session: ClientSession,
        address: Address,
        port: int,
        *,
        on_event: Callable[[Event], None],
        answer_seconds: float,
        patient: bool,
        keeper: Keeper | None = None,
        trust: Trust | None = None,
        way: Way | None = None,
    ) -> None:
        """Connect nothing yet; the first connection is `way`, if it is open already.

        `keeper` is given what the session wants to be kept, before anybody learns of
        it: before the server by what is written, before the owner by `on_event`.
        `trust` judges the server and the way to it; without it the rules are the usual
        ones, and no server but this machine's is known.
        `answer_seconds` is the longest silence of a server that owes an answer. Who is
        `patient` waits for ever for a server that is away; otherwise a first connection
        that fails is an error at once, and a later absence after `answer_seconds`.
        """
        self._session = session
        self._address = address
        self._port = port
        self._on_event = on_event
        self._answer_seconds = answer_seconds
        self._patient = patient
        self._keeper = keeper
        self._trust = trust or Trust(ClientSettings(address=address, port=port))
        self._way = way
        self._writer: asyncio.StreamWriter | None = None
        self._heard = 0.0
        self._silent = False
        self._attempts = 0
        self._wait = 0.0
        self._absent_since: float | None = None
        self._was_welcomed = False
        self._is_tls = False

    @log
    async def run(self) -> Ending:
        """Stay connected until the session is over; return the event that ended it.

        Raises Unreachable, TimedOut or Refused when patience is at its end, and at
        once what no patience cures: Distrusted, ProtocolError, SettingsError. Cancel it
        after `session.quit` and `send` to leave.
        """
        while True:
            try:
                return await self._connect_once()
            except (Unreachable, TimedOut, Refused) as problem:
                pause = self._pause_after(problem)
            _logger.info("trying again in %.1f s", pause)
            flush("client")
            await asyncio.sleep(pause)

    @log
    def send(self) -> None:
        """Keep what is to be kept; write what is to be said, if there is a connection.

        The other order would use a number twice if we were killed in between.
        """
        changes = self._session.changes()
        if changes is not None and self._keeper is not None:
            self._keeper.keep(changes)
        if self._writer is None or self._writer.is_closing():
            return
        data = self._session.data_to_send()
        if data:
            self._writer.write(data)

    @log
    def _pause_after(self, problem: ProgramError) -> float:
        """Return how many seconds to wait; raise `problem` when there is no more time.

        Says once for each absence that the server is away.
        """
        if not (self._patient or self._was_welcomed):
            raise problem
        now = time.monotonic()
        if self._absent_since is None:
            self._absent_since = now
            self._on_event(Away(str(problem)))
        pause = min(_FIRST_PAUSE_SECONDS * 2.0**self._attempts, _LONGEST_PAUSE_SECONDS)
        # So that not all clients of a server that was restarted come at one moment.
        pause = max(pause * random.uniform(0.8, 1.2), self._wait)
        self._wait = 0.0
        self._attempts += 1
        if self._patient:
            return pause
        left = self._absent_since + self._answer_seconds - now
        if left <= 0:
            raise problem
        return min(pause, left)

    @log
    async def _connect_once(self) -> Ending:
        """Live through one connection; raise ProgramError if it may be tried again."""
        where = place(self._address, self._port)
        way, self._way = self._way, None
        way = way or await open_way(
            self._trust, self._address, self._port, self._answer_seconds
        )
        _logger.info("connected to %s%s", where, " by TLS" if way.is_tls else "")
        try:
            if way.stranger:
                return _unknown(where, way.stranger)
            self._session.is_private = way.is_private
            self._is_tls = way.is_tls
            if not way.is_private:
                check_sign_in(self._session.name, self._session.credentials, where)
            return await self._talk(way)
        finally:
            await hang_up(way.writer)

    @log
    async def _talk(self, way: Way) -> Ending:
        """Sign in, and go on until the connection or the session is over."""
        self._writer = way.writer
        self._silent = False
        self._heard = time.monotonic()
        ticker = asyncio.create_task(self._tick(way.writer))
        try:
            self._session.sign_in()
            self.send()
            ending = None
            while ending is None:
                ending = self._receive(await _read(way.reader))
            return ending
        finally:
            ticker.cancel()
            self._writer = None

    @log
    def _receive(self, data: bytes) -> Ending | None:
        """Let the session read `data`; return what ends it, if anything does."""
        session = self._session
        if session.state is State.SIGNED_IN:
            self._heard = time.monotonic()
        events = session.receive_data(data) if data else session.receive_eof()
        self.send()
        for event in events:
            if isinstance(event, SignInRefused | SessionEnded | ProtocolBroken):
                return self._judge(event)
            if isinstance(event, Welcomed):
                self._note_welcome(event)
            self._on_event(event)
        # The owner may have asked for something.
        self.send()
        # Nothing for anybody: the server asked whether we are here, and got its answer.
        flush("client", quiet=bool(data) and not events)
        return None if data else SessionEnded("we left", final=True)

    @log
    def _note_welcome(self, welcomed: Welcomed) -> None:
        self._absent_since = None
        self._attempts = 0
        self._was_welcomed = True
        self._heard = time.monotonic()
        if self._session.is_private and not self._is_tls:
            self._trust.note(welcomed.fingerprint)
        _logger.info("signed in as %s", welcomed.name)

    @log
    def _judge(self, event: Ending) -> Ending:
        """Return what ends the session; raise ProgramError for what may pass."""
        where = place(self._address, self._port)
        if isinstance(event, SignInRefused):
            _logger.info("sign-in refused with %d", event.code)
            if event.code in _PASSING or event.code >= 500:
                self._wait = event.retry_after
                raise Refused(event.reason)
        elif isinstance(event, SessionEnded) and not event.final:
            _logger.info("connection to %s lost", where)
            if self._silent:
                raise TimedOut(
                    f"the server at {where} has not answered for "
                    f"{self._answer_seconds:g} s"
                )
            raise Unreachable(f"the connection to {where} is lost")
        return event

    @log
    async def _tick(self, writer: asyncio.StreamWriter) -> None:
        """Write the log out, try again, and give up a server that answers no more."""
        while True:
            await asyncio.sleep(min(_TICK_SECONDS, self._answer_seconds / 4))
            self._session.retry()
            self.send()
            now = time.monotonic()
            awaits = self._session.awaits_answer
            flush("client", quiet=not awaits)
            if not awaits:
                self._heard = now
            elif now - self._heard > self._answer_seconds:
                self._silent = True
                cut_off(writer)
                return


@log
async def _read(reader: asyncio.StreamReader) -> bytes:
    """Return what came; nothing when the connection is gone, however it went."""
    try:
        return await reader.read(_READ_BYTES)
    except OSError:
        return b""


@log
def _unknown(where: Address, fingerprint: str) -> ServerUnknown:
    return ServerUnknown(
        fingerprint,
        f"the server {where} is not known here, and nothing was sent to it; its "
        f"certificate's fingerprint is {shown(fingerprint)}",
    )
