"""`send` at a server of ours: each text once, and its id on standard output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from client.archive.slots import SLOTS, claim_slot
from client.bringing_over import bring_over, own_token
from client.events import Event
from client.known_servers import own_notes, own_servers
from client.line_source import LineSource
from client.machine import is_copy, origin_of
from client.scripts.arguments import SendArguments
from client.scripts.identity import find_identity, make_account
from client.scripts.sending import Outcome, Sending
from client.scripts.stay import Stay, find_server
from client.scripts.talk import complain
from client.scripts.token_place import TokenPlace
from client.session import ClientSession, Credentials
from client.stream import Address
from client.tls import Trust
from common.names import Name, Secret
from common.safe_text import visible
from decorators import log
from errors import ExitCode, RequestError, TimedOut
from log_config.private_files import make_private_folder
from log_config.program import silence_output

__all__ = ["send"]

# As many as a server remembers; more would only wait here.
_MOST_UNSETTLED = 1_000
_NOT_ALLOWED = 403
_NO_ID = "-"
_DONE = {"delivered": "got", "read": "read"}


@log
async def send(given: SendArguments) -> ExitCode:
    """Send as the command line says; raises ProgramError and OSError."""
    settings = given.settings
    folder = platformdirs.user_state_path("messenger")
    trust = Trust(settings.for_client(), own_servers(), own_notes())
    await find_server(settings, trust)
    server, earlier = trust.identity, trust.earlier
    own = own_token(folder, server, earlier, settings.username)
    token_place = TokenPlace(settings, own)
    who = find_identity(settings, token_place)
    if who.token is None:
        who = await make_account(settings, trust, token_place)
    if who.name != settings.username:
        bring_over(folder, server, earlier, who.name)
    with _device(folder / "senders", server, who.name) as device:
        session = ClientSession(
            who.name, device, credentials=Credentials(token=who.token)
        )
        stay = Stay(settings, session, trust, patient=False)
        return await stay.run(_Sender(given, stay).run(given.text))


class _Sender:
    """The work of one `send`."""

    @log
    def __init__(self, given: SendArguments, stay: Stay) -> None:
        self._given = given
        self._stay = stay
        self._sending = Sending(stay.session, given.to, given.wait)
        self._code = ExitCode.DONE
        self._has_room = asyncio.Event()
        self._has_room.set()

    @log
    async def run(self, text: str | None) -> ExitCode:
        """Send a text, or without one each line of the input; return the exit code."""
        if text is not None:
            self._tell(self._sending.add(0, text))
        else:
            await self._send_lines()
        await self._settle()
        return self._code

    @log
    async def _send_lines(self) -> None:
        feeding = asyncio.create_task(self._feed())
        feeding.add_done_callback(lambda _: self._stay.wake())
        try:
            while not feeding.done():
                self._take(await self._stay.next_events())
            feeding.result()
        finally:
            feeding.cancel()

    @log
    async def _feed(self) -> None:
        """Hand over the lines of the input, as many at a time as a server takes."""
        source, number = LineSource(), 0
        while (line := await source.next_line()) is not None:
            number += 1
            if isinstance(line, RequestError):
                self._tell([Outcome(number, None, str(line), line.code)])
            elif line.strip():
                self._tell(self._sending.add(number, line))
                self._stay.wake()
            while self._sending.unsettled >= _MOST_UNSETTLED:
                self._has_room.clear()
                await self._has_room.wait()

    @log
    async def _settle(self) -> None:
        """Wait until what was asked for has happened, as long as there is progress."""
        loop, seconds = asyncio.get_running_loop(), self._given.settings.timeout
        until = loop.time() + seconds
        while not self._sending.has_happened:
            before = self._sending.unsettled
            try:
                async with asyncio.timeout_at(until):
                    events = await self._stay.next_events()
            except TimeoutError as error:
                raise TimedOut(self._what_is_missing()) from error
            self._take(events)
            if self._sending.unsettled < before:
                until = loop.time() + seconds

    @log
    def _what_is_missing(self) -> str:
        within = f"within {self._given.settings.timeout:g} s"
        owed = self._sending.unsettled
        if owed:
            what = "the message was" if owed == 1 else f"{owed} messages were"
            return f"{what} not confirmed by the server {within}"
        whom, done = visible(self._given.to), _DONE[self._given.wait]
        return f"it is stored, but {whom} has not {done} it {within}"

    @log
    def _take(self, events: list[Event]) -> None:
        for event in events:
            self._tell(self._sending.take(event))
        if self._sending.unsettled < _MOST_UNSETTLED:
            self._has_room.set()

    @log
    def _tell(self, outcomes: list[Outcome]) -> None:
        """Print the ids of what is stored; say what is not, and why."""
        ids = []
        for one in outcomes:
            if one.code < 300:
                ids.append(f"{one.message_id or _NO_ID}\n")
                continue
            refused = one.code == _NOT_ALLOWED
            self._code = ExitCode.NOT_ALLOWED if refused else ExitCode.REFUSED
            where = f"line {one.line}: " if one.line else ""
            complain(f"{where}not sent: {one.reason}")
        if ids:
            _print("".join(ids))


@log
def _print(ids: str) -> None:
    """Show ids; who has read enough of them does not end the sending."""
    try:
        sys.stdout.write(ids)
        sys.stdout.flush()
    except BrokenPipeError:
        silence_output()


@contextlib.contextmanager
@log
def _device(folder: Path, server: Address, name: Name) -> Iterator[Secret]:
    """Lend the id of a device that no other process sends with meanwhile.

    It is kept for the next time: the server remembers each for long. Where nothing can
    be kept it is a new one.
    """
    try:
        make_private_folder(folder)
        claims = (claim_slot(folder, server, name, one) for one in range(SLOTS))
        slot = next((one for one in claims if one is not None), None)
    except OSError:
        slot = None
    if slot is None:
        yield Secret(secrets.token_hex(16))
        return
    try:
        yield _kept_device(slot.path.with_suffix(".device"))
    finally:
        slot.release()


@log
def _kept_device(path: Path) -> Secret:
    """Return the device in a file; a copy from another machine gets one of its own."""
    try:
        device, _, origin = path.read_text("ascii").partition("\n")
        if device and not is_copy(origin, origin_of(path)):
            return Secret(device)
    except (OSError, UnicodeDecodeError):
        # The first time, or as good as that.
        pass
    device = Secret(secrets.token_hex(16))
    with contextlib.suppress(OSError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(file, "w", encoding="ascii") as stream:
            stream.write(f"{device}\n{origin_of(file)}")
    return device
