"""One conversation under one name: from the first attempt to connect to the end."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from client.chat import Chat
from client.connection import Connection, Ending
from client.device import claim_device, is_kept
from client.events import Event, ProtocolBroken, SignInRefused, Welcomed
from client.outbox import MOST_UNANSWERED
from client.screen import Leave, Screen
from client.session import ClientSession
from client.state import State
from client.stream import place
from client.wording import Line, Tone
from common.client_settings import ClientSettings
from common.names import Name
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProtocolError, Refused
from log_config.loader import flush

__all__ = ["Visit"]

# How long somebody who leaves waits for the last acknowledgements.
_LEAVE_SECONDS = 5.0
# The name may be right and its owner still not be let in: another would not help.
_NO_NAME_HELPS = frozenset({401, 402, 403})

_logger = logging.getLogger(__name__)


class Visit:
    """A session, its connection and the person before the screen, run together."""

    @log
    def __init__(
        self,
        settings: ClientSettings,
        screen: Screen,
        name: Name | str,
        devices: Path,
        first_slot: int = 0,
    ) -> None:
        """Claim a device in the folder `devices`; `run` gives it back."""
        self._settings = settings
        self._screen = screen
        self._server = place(settings.address, settings.port)
        self._device = claim_device(devices, self._server, name, first_slot)
        self._session = ClientSession(
            name, self._device.id, last_number=self._device.number
        )
        if self._device.problem:
            screen.show(Line(Tone.TROUBLE, visible(self._device.problem)))
        slot = self._device.slot + 1
        #: The slot of another device of this person that may hold the name, or 0.
        self.next_slot = slot if is_kept(devices, self._server, name, slot) else 0
        self._chat = Chat(self._session, screen.show, marks_sent=screen.interactive)
        self._connection = Connection(
            self._session,
            settings.address,
            settings.port,
            on_event=self._take_event,
            answer_seconds=settings.timeout_seconds,
            patient=screen.interactive,
        )
        self._lost: OSError | None = None
        self._welcomed = asyncio.Event()
        self._moved = asyncio.Event()

    @log
    async def run(self) -> ExitCode | SignInRefused:
        """Talk until either side ends it; return the refusal if the name can't be had.

        Raises ProgramError with the sentence and exit code of any other failure, and
        OSError when what was asked for can't be shown, as on a full disk.
        """
        link = asyncio.create_task(self._stay_connected())
        person = asyncio.create_task(self._attend())
        try:
            await asyncio.wait({link, person}, return_when=asyncio.FIRST_COMPLETED)
            if link.done():
                return self._judge(link.result())
            leave = person.result()
            if leave is Leave.END:
                await self._settle(link)
                if self._lost:
                    raise self._lost
            return self._exit_code(leave)
        finally:
            await self._leave(link, person)

    @log
    def _take_event(self, event: Event) -> None:
        if isinstance(event, Welcomed):
            self._keep_device()
            self._welcomed.set()
        self._moved.set()
        try:
            self._chat.take_event(event)
        except OSError as error:
            # The link ends of it, perhaps only after nobody waits for it any more.
            self._lost = error
            raise

    @log
    async def _attend(self) -> Leave:
        """Do what is typed, line after line; return why it ended."""
        await self._wait_for_welcome()
        if self._screen.interactive:
            self._chat.show_help()
            self._chat.learn_names()
            self._connection.send()
        while True:
            line = await self._screen.next_line(self._chat)
            if isinstance(line, Leave):
                return line
            goes_on = self._chat.take_line(line)
            self._connection.send()
            flush("client")
            if not goes_on:
                return Leave.END
            await self._wait_for_room()

    @log
    async def _wait_for_welcome(self) -> None:
        what = f"connecting to {visible(self._server)}"
        wheel = asyncio.create_task(self._screen.wait_visibly(what))
        try:
            await self._welcomed.wait()
        finally:
            wheel.cancel()
            await asyncio.gather(wheel, return_exceptions=True)

    @log
    async def _wait_for_room(self) -> None:
        """Read no faster than the server takes: a file may be larger than the memory.

        Nobody types as fast, and who types wants the line back at once.
        """
        while (
            not self._screen.interactive and self._session.unanswered >= MOST_UNANSWERED
        ):
            self._moved.clear()
            await self._moved.wait()

    @log
    async def _settle(self, link: asyncio.Task[Ending]) -> None:
        """Wait for the answers that are owed, as long as some come."""
        seconds = self._settings.timeout_seconds
        if self._screen.interactive:
            if self._session.state is not State.SIGNED_IN:
                return
            seconds = _LEAVE_SECONDS
        while self._owed() and await self._wait_for_answer(link, seconds):
            if link.done():
                self._judge(link.result())

    @log
    def _owed(self) -> int:
        """Return how many answers to wait for: a person who leaves reads no lists."""
        session = self._session
        interactive = self._screen.interactive
        return session.unacknowledged if interactive else session.unanswered

    @log
    async def _wait_for_answer(
        self, link: asyncio.Task[Ending], seconds: float
    ) -> bool:
        """Tell whether anything was answered in time; the link's end counts too."""
        before = self._owed()
        try:
            async with asyncio.timeout(seconds):
                while self._owed() >= before and not link.done():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    @log
    async def _stay_connected(self) -> Ending:
        try:
            return await self._connection.run()
        finally:
            self._moved.set()

    @log
    def _judge(self, ending: Ending) -> SignInRefused:
        """Return a refusal that another name may cure; raise all else."""
        if isinstance(ending, ProtocolBroken):
            raise ProtocolError(f"{visible(self._server)}: {visible(ending.reason)}")
        if not isinstance(ending, SignInRefused):
            raise Refused(f"the session is over: {visible(ending.reason)}")
        if ending.code in _NO_NAME_HELPS:
            raise Refused(visible(ending.reason), ExitCode.NOT_ALLOWED)
        return ending

    @log
    def _exit_code(self, leave: Leave) -> ExitCode:
        if leave is Leave.INTERRUPT:
            return ExitCode.INTERRUPTED
        if self._session.unacknowledged:
            return ExitCode.TIMED_OUT
        # Who sits before the screen has seen what failed; a script sees the code.
        failed = self._chat.failures and not self._screen.interactive
        return ExitCode.REFUSED if failed else ExitCode.DONE

    @log
    async def _leave(self, *tasks: asyncio.Task[object]) -> None:
        """Say goodbye, end what runs, and give the device back."""
        if self._session.state is not State.ENDED:
            self._session.quit()
            self._connection.send()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        owed = self._session.unacknowledged
        if owed:
            what = "1 message was" if owed == 1 else f"{owed} messages were"
            self._screen.show(Line(Tone.TROUBLE, f"{what} not confirmed by the server"))
        if self._welcomed.is_set():
            self._keep_device()
        self._device.release()
        _logger.info("left %s", self._server)
        flush("client")

    @log
    def _keep_device(self) -> None:
        session = self._session
        self._device.keep(session.last_number, self._server, session.name)
