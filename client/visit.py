"""One conversation under one name: from the first attempt to connect to the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from client.archive import is_kept, open_archive
from client.attendance import Attendance
from client.chat import Chat
from client.connection import Connection, Ending
from client.events import (
    Event,
    ProtocolBroken,
    ServerUnknown,
    SignInRefused,
    Welcomed,
)
from client.remembered import own_remembered
from client.screen import Leave, Screen
from client.session import ClientSession, Credentials
from client.state import State
from client.stream import place
from client.tls import Trust
from client.tokens import Tokens
from client.way import Way
from client.wording import Line, Tone
from common.client_settings import ClientSettings
from common.join_line import JoinLine
from common.names import Name, Secret
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProtocolError, Refused
from log_config.loader import flush

__all__ = ["Visit"]

# How long somebody who leaves waits for the last acknowledgements.
_LEAVE_SECONDS = 5.0

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
        credentials: Credentials | None = None,
        keep_token: Callable[[Secret], None] = lambda _: None,
        trust: Trust | None = None,
        way: Way | None = None,
    ) -> None:
        """Open an archive in the folder `devices`; `run` gives it back.

        `keep_token` takes a token for the next start, or an empty one when the last
        is worth nothing any more. `trust` judges the server, and `way` may be open
        already, as Connection says.
        """
        self._settings = settings
        self._trust = trust or Trust(settings)
        self._screen = screen
        self._server = place(settings.address, settings.port)
        server = self._trust.identity
        self._archive = open_archive(
            devices, server, name, first_slot, tell=self._complain
        )
        self._session = ClientSession(
            name, kept=self._archive.kept, credentials=credentials
        )
        slot = self._archive.slot + 1
        #: The slot of another device of this person that may hold the name, or 0.
        self.next_slot = slot if is_kept(devices, server, name, slot) else 0
        self._remembered = own_remembered()
        store = self._archive.kept.store
        watched = screen.interactive
        self.chat = Chat(
            self._session,
            screen.show,
            interactive=screen.interactive,
            archive=self._archive,
            tell_read=settings.tell_read,
            bell=settings.bell,
            server=self._reached,
            last=self._remembered.conversation(store, name) if watched else "",
            note_move=self._note_move if watched else None,
        )
        self._connection = Connection(
            self._session,
            settings.address,
            settings.port,
            on_event=self._take_event,
            answer_seconds=settings.timeout_seconds,
            patient=screen.interactive,
            keeper=self._archive,
            trust=self._trust,
            way=way,
        )
        self._attendance = Attendance(
            screen,
            self.chat,
            self._connection,
            knows_server=bool(store),
            first_time=self._remembered.is_new,
        )
        self._tokens = Tokens(self._session, keep_token)
        self._lost: OSError | None = None
        self._moved = asyncio.Event()

    @log
    async def run(self) -> ExitCode | SignInRefused | ServerUnknown:
        """Talk until either side ends it; return the refusal if we are not let in.

        A server that is not known has not heard anything of us.

        Raises ProgramError with the sentence and exit code of any other failure, and
        OSError when what was asked for can't be shown, as on a full disk.
        """
        link = asyncio.create_task(self._stay_connected())
        person = asyncio.create_task(self._attendance.run(self._server))
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

    @property
    @log
    def is_private(self) -> bool:
        """Tell whether nobody could read what was said, as far as there was a way."""
        return self._session.is_private

    @log
    def _reached(self) -> JoinLine:
        """Return how the server is reached from here, for somebody who is to join."""
        settings = self._settings
        return JoinLine(settings.address, settings.port, self._trust.seen or None)

    @log
    def _take_event(self, event: Event) -> None:
        self._attendance.note(event)
        if isinstance(event, Welcomed) and self._screen.interactive:
            settings = self._settings
            self._remembered.note_entry(settings.address, settings.port, event.name)
        self._moved.set()
        if self._tokens.take_event(event):
            return
        try:
            self.chat.take_event(event)
        except OSError as error:
            # The link ends of it, perhaps only after nobody waits for it any more.
            self._lost = error
            raise

    @log
    def _note_move(self, whom: str) -> None:
        self._remembered.note_conversation(
            self._session.store, self._session.name, whom
        )

    @log
    def redeem(self, invite: Secret) -> None:
        """Take an invitation with our account, once we are signed in."""
        self._session.redeem(invite)

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
                return

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
    def _judge(self, ending: Ending) -> SignInRefused | ServerUnknown | ExitCode:
        """Return why we are not in, or that we asked for the end; raise all else."""
        if isinstance(ending, ProtocolBroken):
            raise ProtocolError(f"{visible(self._server)}: {visible(ending.reason)}")
        if isinstance(ending, SignInRefused | ServerUnknown):
            return ending
        if ending.signed_out:
            self._tokens.forget()
        if ending.asked:
            return ExitCode.DONE
        code = ExitCode.NOT_ALLOWED if ending.barred else ExitCode.REFUSED
        reason = visible(ending.reason)
        if ending.replaced and self._archive.place:
            reason += (
                f"; if that was another machine with a copy of {self._archive.place}, "
                "give this file another name on one of the two: that one becomes a "
                "device of its own"
            )
        raise Refused(f"the session is over: {reason}", code)

    @log
    def _exit_code(self, leave: Leave) -> ExitCode:
        if leave is Leave.INTERRUPT:
            return ExitCode.INTERRUPTED
        if self._session.unacknowledged:
            return ExitCode.TIMED_OUT
        # Who sits before the screen has seen what failed; a script sees the code.
        failed = self.chat.failures and not self._screen.interactive
        return ExitCode.REFUSED if failed else ExitCode.DONE

    @log
    async def _leave(self, *tasks: asyncio.Task[object]) -> None:
        """Say goodbye, end what runs, and give the device back."""
        if self._session.state is not State.ENDED:
            self.chat.tell_read()
            self._session.quit()
            self._connection.send()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._settle_outbox()
        self._archive.release()
        _logger.info("left %s", self._server)
        flush("client")

    @log
    def _settle_outbox(self) -> None:
        """Say what becomes of messages without an answer.

        Those of somebody before a screen wait for the next start. Those of a script
        don't: its exit code says that they failed, and it will send them again.
        """
        if not self._screen.interactive:
            self._archive.forget_unsent()
        owed = self._session.unacknowledged
        if not owed:
            return
        if self._screen.interactive and self._archive.waits:
            what = "1 message waits" if owed == 1 else f"{owed} messages wait"
            me = visible(self._session.name)
            self._complain(f"{what} to be sent when you are here next as {me}")
        else:
            what = "1 message was" if owed == 1 else f"{owed} messages were"
            self._complain(f"{what} not confirmed by the server")

    @log
    def _complain(self, sentence: str) -> None:
        self._screen.show(Line(Tone.TROUBLE, visible(sentence)))
