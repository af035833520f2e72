"""`read` at a server of ours: what is said, on standard output and into a file."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import platformdirs

from client.bringing_over import own_token
from client.events import CaughtUp, Event, Welcomed
from client.keeping import Changes, Kept
from client.known_servers import own_notes, own_servers
from client.rows import KeptMessage
from client.scripts.arguments import ReadArguments
from client.scripts.history_file import HistoryFile
from client.scripts.history_state import Position
from client.scripts.identity import find_identity
from client.scripts.output import Output
from client.scripts.reading import Reading
from client.scripts.stay import Stay, find_server
from client.scripts.talk import complain
from client.scripts.token_place import TokenPlace
from client.session import ClientSession, Credentials
from client.tls import Trust
from common.names import Name, Secret
from decorators import log
from errors import ExitCode

__all__ = ["read"]

_RETRY_SECONDS = 1.0
_NAME_DIGITS = 6


class _Reader:
    """One run of `read`."""

    @log
    def __init__(
        self, given: ReadArguments, history: HistoryFile | None, trust: Trust
    ) -> None:
        self._given = given
        self._history = history
        self._output = Output(history, as_json=given.as_json)
        known = history.position if history else Position()
        # Where it begins is said for as long as nothing else is known.
        self._above = given.since
        begin = known.last
        if given.since is not None:
            begin = given.since if begin is None else min(begin, given.since)
        device = history.device if history else Secret(secrets.token_hex(16))
        self._session = _session(given, device, known, trust)
        self._reading = Reading(
            self._session, given.wanted, begin, digs=given.since is not None
        )
        self._stay = Stay(
            given.settings,
            self._session,
            trust,
            patient=not given.once,
            keeper=self,
        )

    @log
    def keep(self, changes: Changes) -> None:
        """Note which ids the messages have from now on."""
        if self._history is not None and changes.store:
            self._history.begin_anew(changes.store)

    @log
    async def run(self) -> None:
        """Read until it is enough; raises ProgramError."""
        await self._stay.run(self._work())

    @log
    async def _work(self) -> None:
        while not (self._given.once and self._reading.caught_up):
            self._take(await self._stay.next_events())
            if self._reading.waits:
                asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._retry)

    @log
    def _retry(self) -> None:
        self._reading.retry()
        self._stay.wake()

    @log
    def _take(self, events: list[Event]) -> None:
        rows: list[KeptMessage] = []
        for event in events:
            if isinstance(event, Welcomed) and event.restarted:
                complain(
                    "the server has begun anew, with nothing of what was before; "
                    "reading goes on with what is said now"
                )
                self._above = None
            if isinstance(event, CaughtUp) and 0 < event.last_id < (self._above or 0):
                complain(
                    f"there is no message {self._above} yet, the last is "
                    f"{event.last_id}; reading begins with what is said now"
                )
                self._above = None
            rows += self._reading.take(event)
        self._output.write(rows, self._reading.last, self._above or 0)


@log
def _session(
    given: ReadArguments, device: Secret, known: Position, trust: Trust
) -> ClientSession:
    """Return a session of who we are, which goes on where the file ends."""
    settings = given.settings
    folder = platformdirs.user_state_path("messenger")
    own = own_token(folder, trust.identity, trust.earlier, settings.username)
    who = find_identity(settings, TokenPlace(settings, own))
    name = who.name
    if not (name or who.token):
        name = Name(f"reader-{device[:_NAME_DIGITS]}")
    kept = Kept(device, store=known.store, since=known.last, newest=known.last or 0)
    return ClientSession(name, kept=kept, credentials=Credentials(token=who.token))


@log
async def read(given: ReadArguments) -> ExitCode:
    """Read as the command line says; raises ProgramError and OSError."""
    path = given.settings.history
    history = HistoryFile(Path(path)) if path else None
    try:
        trust = Trust(given.settings.for_client(), own_servers(), own_notes())
        await find_server(given.settings, trust)
        await _Reader(given, history, trust).run()
        return ExitCode.DONE
    finally:
        if history is not None:
            history.close()
