"""`send` at a MineChat server: each message until the server says that it has come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import platformdirs

from client.bringing_over import own_token
from client.filing import home_of, spellings
from client.line_source import LineSource
from client.scripts.arguments import SendArguments
from client.scripts.identity import Identity, find_identity, no_name
from client.scripts.minechat import AccountMade, Dialog, Event, Refusal, one_line
from client.scripts.talk import complain
from client.scripts.token_place import TokenPlace
from client.stream import Address, Stream, open_stream, place
from client.way import hang_up
from common.addresses import is_loopback
from common.names import Label
from common.safe_text import visible
from common.script_settings import ScriptSettings
from decorators import log
from errors import ExitCode, Refused, RequestError, TimedOut, Unreachable

__all__ = ["send_minechat"]

_READ_BYTES = 64 * 1024
# Enough to fill the way there and back; a server may hold what it has not answered.
_MOST_UNANSWERED = 100
# Behind words that are no account it comes at once, or not at all.
_OBJECTION_SECONDS = 1.0


@log
async def send_minechat(given: SendArguments) -> ExitCode:
    """Send as the command line says; raises ProgramError and OSError."""
    settings = given.settings
    folder = platformdirs.user_state_path("messenger")
    home = home_of(settings.host, settings.send_port)
    earlier = spellings(settings.host, settings.send_port)
    token_place = TokenPlace(
        settings, own_token(folder, home, earlier, settings.username)
    )
    who = find_identity(settings, token_place)
    if who.token is None:
        if not who.name:
            raise no_name()
        await token_place.reserve(settings.timeout)
        who = find_identity(settings, token_place)
    try:
        return await _talk(settings, token_place, who, given.text)
    finally:
        token_place.release()


@log
async def _talk(
    settings: ScriptSettings, tokens: TokenPlace, who: Identity, text: str | None
) -> ExitCode:
    if who.token is not None:
        tokens.release()
    where = place(settings.host, settings.send_port)
    way = await open_stream(settings.host, settings.send_port, settings.timeout)
    try:
        _warn(way, where, who)
        return await _Poster(settings, where, tokens, who, way).run(text)
    finally:
        await hang_up(way[1])


@log
def _warn(way: Stream, where: Address, who: Identity) -> None:
    """Say what MineChat can't hide."""
    peer = Label(way[1].get_extra_info("peername")[0])
    if not is_loopback(peer):
        what = "the token and what is said" if who.token else "what is said"
        complain(f"MineChat has no TLS: {what} can be read on the way to {where}")


class _Poster:
    """The work of one `send` on one connection."""

    @log
    def __init__(
        self,
        settings: ScriptSettings,
        where: Address,
        tokens: TokenPlace,
        who: Identity,
        way: Stream,
    ) -> None:
        self._seconds = settings.timeout
        self._where = where
        self._tokens = tokens
        self._dialog = Dialog(who.name, who.token)
        self._reader, self._writer = way
        self._moved = asyncio.Event()
        self._code = ExitCode.DONE

    @log
    async def run(self, text: str | None) -> ExitCode:
        """Send a text, or without one each line of the input; return the exit code."""
        feeding = asyncio.create_task(self._feed(text))
        reading = asyncio.create_task(self._read(feeding))
        try:
            await asyncio.wait({feeding, reading}, return_when=asyncio.FIRST_COMPLETED)
            for task in (feeding, reading):
                if task.done():
                    task.result()
        finally:
            feeding.cancel()
            reading.cancel()
        return self._code

    @log
    async def _feed(self, text: str | None) -> None:
        async for one in self._texts(text):
            self._dialog.post(one)
            self._write()
            while self._dialog.unanswered >= _MOST_UNANSWERED:
                await self._wait_for_move()
        while self._dialog.unanswered:
            await self._wait_for_move()

    @log
    async def _texts(self, text: str | None) -> AsyncIterator[str]:
        """Yield what is to be sent, as MineChat carries it."""
        if text is not None:
            yield one_line(text)
            return
        source, number = LineSource(), 0
        while (line := await source.next_line()) is not None:
            number += 1
            if isinstance(line, RequestError):
                complain(f"line {number}: not sent: {line}")
                self._code = ExitCode.REFUSED
            elif one_line(line):
                yield one_line(line)

    @log
    async def _wait_for_move(self) -> None:
        """Wait for an answer; raise TimedOut if none comes."""
        self._moved.clear()
        seconds = self._seconds
        if self._dialog.objection:
            seconds = min(seconds, _OBJECTION_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        except TimeoutError as error:
            self._raise_objection()
            raise TimedOut(
                f"{self._where} has not confirmed {self._owed()} within "
                f"{self._seconds:g} s"
            ) from error

    @log
    async def _read(self, feeding: asyncio.Task[None]) -> None:
        """Take what the server says until everything is sent and answered."""
        while not feeding.done():
            try:
                data = await self._reader.read(_READ_BYTES)
            except OSError:
                data = b""
            if not data:
                self._raise_objection()
                raise Unreachable(
                    f"{self._where} hung up before it has confirmed {self._owed()}"
                )
            for event in self._dialog.receive_data(data):
                self._take(event)
            self._write()
            self._moved.set()

    @log
    def _raise_objection(self) -> None:
        """Raise Refused where the server has said why it makes no account."""
        if self._dialog.objection:
            raise Refused(
                f"{self._where} makes no account, and nothing was sent: "
                f"{visible(self._dialog.objection)}"
            )

    @log
    def _owed(self) -> str:
        owed = self._dialog.unanswered
        return f"{owed} messages" if owed > 1 else "the message"

    @log
    def _take(self, event: Event) -> None:
        match event:
            case AccountMade(account=account):
                self._tokens.write(account)
            case Refusal():
                raise Refused(
                    f"{self._where} does not know our token, and nothing was sent; "
                    "without one an account of --username is made",
                    ExitCode.NOT_ALLOWED,
                )

    @log
    def _write(self) -> None:
        data = self._dialog.data_to_send()
        if data:
            self._writer.write(data)
