"""One session of a script: connected for as long as a piece of work lasts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from typing import TypeVar

from client.connection import Connection, Ending
from client.events import (
    Away,
    Event,
    Notice,
    ProtocolBroken,
    ServerUnknown,
    SessionEnded,
    SignInRefused,
    Welcomed,
)
from client.keeping import Keeper
from client.scripts.talk import complain
from client.session import ClientSession
from client.state import State
from client.tls import Trust
from client.way import Way, hang_up
from common.safe_text import visible
from common.script_settings import ScriptSettings
from decorators import log
from errors import (
    Distrusted,
    ExitCode,
    ProgramError,
    ProtocolError,
    Refused,
    TimedOut,
    Unreachable,
)
from log_config.loader import flush

__all__ = ["Stay", "find_server", "introduce"]

_WRONG_PASSWORD = 402
_NOT_ALLOWED = frozenset({401, 402, 403})

Result = TypeVar("Result")


class _Over(Exception):
    """The session has ended before its work."""


class Stay:
    """A session, its connection and what is to be done in it.

    Who is `patient` waits for ever for a server that has gone, once it was reached.
    """

    @log
    def __init__(
        self,
        settings: ScriptSettings,
        session: ClientSession,
        trust: Trust,
        *,
        patient: bool,
        keeper: Keeper | None = None,
    ) -> None:
        """Connect nothing yet."""
        self.session = session
        self._settings = settings
        self._trust = trust
        self._patient = patient
        self._keeper = keeper
        self._connection = self._connect(patient=False)
        self._events: list[Event] = []
        self._arrived = asyncio.Event()
        self._is_over = False
        self._was_in = self._is_away = False

    @log
    async def run(self, work: Awaitable[Result]) -> Result:
        """Return what `work` does, which lives on `next_events`.

        Raises ProgramError with the reason where the session ends before that.
        """
        job = asyncio.ensure_future(work)
        link = asyncio.create_task(self._stay_connected())
        try:
            await asyncio.wait({job, link}, return_when=asyncio.FIRST_COMPLETED)
            if not job.done():
                # What came before the end is still to be worked on.
                await asyncio.wait({job})
            if link.done() and isinstance(job.exception(), _Over):
                raise self._failure(link.result())
            return job.result()
        finally:
            await self._leave(job, link)

    @log
    async def next_events(self) -> list[Event]:
        """Return what has happened; wait for it, or for `wake`, if nothing has."""
        self._connection.send()
        if not (self._events or self._is_over):
            self._arrived.clear()
            await self._arrived.wait()
        events, self._events = self._events, []
        if self._is_over and not events:
            raise _Over
        return events

    @log
    def wake(self) -> None:
        """Let who waits for events go on; what the session has to say is written."""
        self._arrived.set()

    @log
    def _connect(self, *, patient: bool) -> Connection:
        return Connection(
            self.session,
            self._settings.host,
            self._settings.port,
            on_event=self._note,
            answer_seconds=self._settings.timeout,
            patient=patient,
            keeper=self._keeper,
            trust=self._trust,
        )

    @log
    def _note(self, event: Event) -> None:
        match event:
            case Welcomed():
                if self._is_away:
                    complain("connected again")
                self._was_in, self._is_away = True, False
            case Away(reason=reason):
                if not self._is_away:
                    complain(f"{reason}; trying again")
                self._is_away = True
            case Notice(text=text):
                complain(f"the server says: {text}")
        self._events.append(event)
        self._arrived.set()

    @log
    async def _stay_connected(self) -> Ending:
        try:
            while True:
                ending = await self._try_on()
                if not isinstance(ending, ServerUnknown):
                    return ending
                await introduce(self._trust, ending.fingerprint)
                self._connection = self._connect(patient=False)
        finally:
            self._is_over = True
            self._arrived.set()

    @log
    async def _try_on(self) -> Ending:
        try:
            return await self._connection.run()
        except (Unreachable, TimedOut, Refused):
            if not (self._patient and self._was_in):
                raise
        self._connection = self._connect(patient=True)
        return await self._connection.run()

    @log
    def _failure(self, ending: Ending) -> ProgramError:
        """Return why there is no session any more."""
        match ending:
            case ProtocolBroken(reason=reason):
                return ProtocolError(f"{self._trust.where}: {visible(reason)}")
            case SignInRefused(code=code) if code == _WRONG_PASSWORD:
                # The server's words speak of a password, and we have none.
                return Refused(
                    f"{self._trust.where} does not take our token: it is wrong, "
                    "withdrawn, or another name's",
                    ExitCode.NOT_ALLOWED,
                )
            case SignInRefused(code=code, reason=reason):
                from client.meeting import hint_at_tls

                exit_code = ExitCode.NOT_ALLOWED if code in _NOT_ALLOWED else None
                return Refused(hint_at_tls(visible(reason)), exit_code)
        assert isinstance(ending, SessionEnded)
        barred = ending.barred or ending.signed_out
        return Refused(
            f"the session is over: {visible(ending.reason)}",
            ExitCode.NOT_ALLOWED if barred else None,
        )

    @log
    async def _leave(
        self, *tasks: asyncio.Future[Result] | asyncio.Task[Ending]
    ) -> None:
        """Say goodbye, and end what runs."""
        if self.session.state is not State.ENDED:
            self.session.quit()
            self._connection.send()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        flush("client")


@log
async def find_server(settings: ScriptSettings, trust: Trust) -> None:
    """Find out who the server is, before what is filed for it is looked for.

    Raises ProgramError where it is away, or not to be trusted.
    """
    if trust.is_settled:
        return
    # Only here: most servers are known, and it takes time to load.
    from client.knocking import knock
    from client.plain import PlainScreen

    screen = PlainScreen(interactive=_is_watched())
    way = await knock(trust, settings.for_client(), screen)
    if isinstance(way, Way):
        await hang_up(way.writer)
    elif way is not None:
        raise _not_trusted(trust)


@log
async def introduce(trust: Trust, fingerprint: str) -> None:
    """Meet a server for the first time: ask at a terminal, else remember and say so.

    Raises Distrusted where the answer is no.
    """
    from client.meeting import meet
    from client.plain import PlainScreen

    screen = PlainScreen(interactive=_is_watched())
    if await meet(trust, screen, fingerprint) is not None:
        raise _not_trusted(trust)


@log
def _is_watched() -> bool:
    return os.isatty(0) and os.isatty(2)


@log
def _not_trusted(trust: Trust) -> Distrusted:
    return Distrusted(f"{trust.where} is not trusted, and nothing was sent to it")
