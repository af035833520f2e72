"""One client of the demo: a session and its connection, without a screen."""

from __future__ import annotations

import asyncio
from typing import Protocol

from client.connection import Connection, Ending
from client.events import (
    Event,
    Kind,
    MessageFailed,
    MessageReceived,
    MessageSent,
    RequestDone,
    RequestFailed,
    SignInRefused,
    Welcomed,
)
from client.session import ClientSession
from client.state import State
from client.tls import Trust
from common.names import Name, RoomName
from common.safe_text import visible
from decorators import log
from errors import ProgramError, Refused, RequestError
from launch.local_server import Place

__all__ = ["ROOM", "Listener", "Talker"]

#: Not #all: on a server of others nobody else is bothered.
ROOM = RoomName("#demo")
_ANSWER_SECONDS = 10.0
_OTHER_NAMES = 20
_NAME_TAKEN = 409


class Listener(Protocol):
    """Who wants to know what talkers get."""

    def note_change(self) -> None:
        """Hear that something has happened to a talker."""

    def note_delivery(self, recipient: Name | str, message: MessageReceived) -> None:
        """Hear of a message that a talker has got."""

    def note_refusal(
        self, sender: Name | str, to: Name | RoomName | str, text: str, reason: str
    ) -> None:
        """Hear of a message that was not taken from a talker."""

    def say(self, line: str) -> None:
        """Hear a line that is worth showing, and safe."""


class Talker:
    """One client of the demo."""

    @log
    def __init__(
        self,
        name: Name,
        place: Place,
        listener: Listener,
        trust: Trust | None = None,
    ) -> None:
        """Connect nothing yet; `trust` judges the server, as Connection says."""
        self.session = ClientSession(name)
        self.is_there = False
        self.problem: ProgramError | None = None
        self._wanted = name
        self._place = place
        self._listener = listener
        self._trust = trust
        self._connection: Connection | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    @log
    def name(self) -> Name | str:
        """The name that it has at the server."""
        return self.session.name

    @log
    def connect(self) -> None:
        """Begin to sign in."""
        self._running = asyncio.create_task(self._run())

    @log
    def send(self, to: Name | RoomName | str, text: str) -> None:
        """Say something; what can't be said any more counts as lost."""
        if self.session.state is State.ENDED:
            return
        try:
            self.session.send_message(to, text)
        except RequestError as error:
            self._listener.note_refusal(self.name, to, text, str(error))
        self._push()

    @log
    async def leave(self) -> None:
        """Say goodbye, if there is a connection, and close it."""
        if self._running is None:
            return
        if self.session.state is not State.ENDED:
            self.session.quit()
            self._push()
        self._running.cancel()
        await asyncio.wait([self._running])

    @log
    async def _run(self) -> None:
        """Stay connected; a name that is taken is changed a little."""
        try:
            for number in range(2, _OTHER_NAMES + 2):
                ending = await self._stay()
                if not (
                    isinstance(ending, SignInRefused) and ending.code == _NAME_TAKEN
                ):
                    self.problem = Refused(visible(ending.reason))
                    break
                self.session = ClientSession(f"{self._wanted}{number}")
            else:
                self.problem = Refused(f"{self._wanted} and {self._wanted}2… are taken")
        except ProgramError as problem:
            self.problem = problem
        self._listener.note_change()

    @log
    async def _stay(self) -> Ending:
        """Live through one session; return the event that ended it."""
        self._connection = Connection(
            self.session,
            self._place.address,
            self._place.port,
            on_event=self._take,
            answer_seconds=_ANSWER_SECONDS,
            patient=False,
            trust=self._trust,
        )
        return await self._connection.run()

    @log
    def _push(self) -> None:
        if self._connection is not None:
            self._connection.send()

    @log
    def _take(self, event: Event) -> None:
        match event:
            case Welcomed():
                self.session.join(ROOM)
                self._push()
            case RequestDone(kind=Kind.JOIN):
                self.is_there = True
            case RequestFailed(reason=reason):
                self.problem = Refused(visible(reason))
            case MessageReceived():
                self._listener.note_delivery(self.name, event)
            case MessageFailed(to=to, text=text, reason=reason):
                self._listener.note_refusal(self.name, to, text, reason)
            case MessageSent(code=202, to=to):
                self._listener.say(f"{visible(to)} is away; kept for later")
        self._listener.note_change()
