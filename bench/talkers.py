"""A client that talks, notes everything, and comes back by itself.

It is one device, with the project's own session and connection.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import NamedTuple

from bench.judge import Received, Record, message_of
from bench.numbered import text_of
from bench.outcome import PATIENCE_SECONDS, Stuck
from client.connection import Connection
from client.events import (
    CaughtUp,
    Event,
    Kind,
    MessageFailed,
    MessageReceived,
    MessageSent,
    Notice,
    Registered,
    RequestDone,
    RequestFailed,
    Welcomed,
)
from client.keeping import Keeper, Kept
from client.session import ClientSession, Credentials
from common.names import Secret

__all__ = ["PASSWORD", "Part", "Talker"]

#: Of all accounts here, which nobody outside ever sees.
PASSWORD = Secret("correct horse battery staple")


class Part(NamedTuple):
    """Who somebody is, and whom they talk to.

    `second` devices come when the account is made. `targets` are rooms and people.
    """

    device: str
    person: str
    account: bool
    second: bool
    rooms: tuple[str, ...]
    targets: tuple[str, ...]


class Talker:
    """One device; `record` is what happened to it.

    A `keeper` keeps what must outlive this process, `kept` is what it has kept.
    """

    def __init__(
        self,
        part: Part,
        record: Record,
        port: int,
        *,
        returns: bool = False,
        kept: Kept | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        """Connect nothing yet; who `returns` has an account already, if any."""
        self.part = part
        self.record = record
        known = part.account and (returns or part.second)
        self.session = ClientSession(
            part.person,
            kept=kept,
            credentials=Credentials(password=PASSWORD) if known else None,
        )
        self.said = max(record.sent, default=0)
        self.targets = [*part.targets]
        #: What should not happen, in words.
        self.troubles: list[str] = []
        self._catches = 0
        self._joined: set[str] = set()
        self._registered = False
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._talk: asyncio.Task[None] | None = None
        self._connection = Connection(
            self.session,
            "127.0.0.1",
            port,
            on_event=self._take,
            answer_seconds=PATIENCE_SECONDS,
            patient=True,
            keeper=keeper,
        )

    def come(self) -> None:
        """Connect, and from now on stay connected."""
        self._task = asyncio.create_task(self._run())

    async def go(self) -> None:
        """Let the connection break, and don't come back."""
        await _end(self._task)
        self.session.receive_eof()

    async def come_again(self) -> None:
        """Break the connection; return when the next one has caught up."""
        await self.go()
        before = self._catches
        self.come()
        await self._wait("the end of what was missed", lambda: self._catches > before)

    async def _run(self) -> None:
        ending = await self._connection.run()
        self.troubles.append(f"{self.part.device}: its session ended: {ending}")
        self._moved.set()

    async def settle_in(self) -> None:
        """Come for the first time: register, and enter the rooms."""
        await self._wait("the first sign-in", lambda: self._catches > 0)
        if self.part.second:
            return
        if self.part.account:
            self.session.register(PASSWORD)
            self._connection.send()
            await self._wait("the account", lambda: self._registered)
        for room in self.part.rooms:
            await self.enter_room(room)

    async def enter_room(self, room: str) -> None:
        """Enter a room; from then on it belongs into the record."""
        self.session.join(room)
        self._connection.send()
        await self._wait("the membership", lambda: room in self._joined)
        self.record.rooms |= {room}

    def say(self, to: str) -> None:
        """Say the next message; what can't go out yet waits in the session."""
        self.said += 1
        self.record.send(self.said, to)
        self.session.send_message(to, text_of(self.part.device, self.said))
        self._connection.send()
        self.record.owe(self.said)

    def report(self) -> None:
        """Tell the server what has come."""
        self.session.retry()
        self._connection.send()

    async def hear(self, count: int) -> None:
        """Return when so many messages have come in all."""
        await self._wait("all messages", lambda: len(self.record.received) >= count)

    def talk(self, dice: random.Random, window: int, pause: float) -> None:
        """Begin to talk: bursts of up to `window` messages, a `pause` between them."""
        self._talk = asyncio.create_task(self._talk_on(dice, window, pause))

    async def hush(self) -> None:
        """Stop talking; return when all that was said is answered."""
        await _end(self._talk)
        await self.settle()

    async def settle(self) -> None:
        """Return when all that was said is answered."""
        await self._wait("the answers", lambda: not self.session.unacknowledged)

    async def _talk_on(self, dice: random.Random, window: int, pause: float) -> None:
        while True:
            for _ in range(dice.randint(1, window)):
                if self.session.unacknowledged < window:
                    self.say(dice.choice(self.targets))
            await asyncio.sleep(dice.uniform(0.0, 2 * pause))

    def _take(self, event: Event) -> None:
        record = self.record
        match event:
            case MessageReceived(text=text, to=to, message_id=message_id):
                record.receive(Received(text, to, message_id or 0))
            case MessageSent(text=text, message_id=message_id):
                record.store(_number(text), message_id)
            case MessageFailed(text=text, code=code, reason=reason):
                record.refuse(_number(text), f"{code} {reason}")
            case Welcomed(restarted=True):
                self.troubles.append(f"{self.part.device}: the store is another")
            case CaughtUp():
                self._catches += 1
            case Registered():
                self._registered = True
            case RequestDone(kind=Kind.JOIN, room=room):
                self._joined.add(room)
            case RequestFailed() | Notice():
                self.troubles.append(f"{self.part.device}: {event}")
        self._moved.set()

    async def _wait(self, what: str, done: Callable[[], bool]) -> None:
        """Return when it is done; raises Stuck."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not done():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise Stuck(f"{what} of {self.part.device}") from None


async def _end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task; raise what it has raised."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _number(text: str) -> int:
    message = message_of(text)
    assert message is not None
    return message.number
