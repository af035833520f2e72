"""The person before the screen: what is typed goes to the chat, line after line."""

from __future__ import annotations

import asyncio
import os

from client.chat import Chat
from client.connection import Connection
from client.events import Away, Event, Welcomed
from client.outbox import MOST_UNANSWERED
from client.screen import Leave, Screen
from common.safe_text import visible
from decorators import log
from errors import NotAllowed
from log_config.loader import flush

__all__ = ["Attendance"]

# How often others are told what was read.
_TICK_SECONDS = 1.0


class Attendance:
    """One person, or program, in one chat. It has every event from `note`."""

    @log
    def __init__(
        self,
        screen: Screen,
        chat: Chat,
        connection: Connection,
        *,
        knows_server: bool,
        first_time: bool,
    ) -> None:
        """Wait for a welcome; where somebody `knows_server` not for one that is away.

        Their history is on this device, and what they write waits on it. Who is here
        for the `first_time` is told more.
        """
        self._first_time = first_time
        self._screen = screen
        self._chat = chat
        self._connection = connection
        self._may_begin_away = knows_server and screen.interactive
        self._may_begin = asyncio.Event()
        self._moved = asyncio.Event()

    @log
    def note(self, event: Event) -> None:
        """Follow what the connection tells."""
        if isinstance(event, Welcomed) or (
            isinstance(event, Away) and self._may_begin_away
        ):
            self._may_begin.set()
        self._moved.set()

    @log
    async def run(self, place: str) -> Leave:
        """Do what is typed, line after line; return why it ended.

        `place` says where it connects to.
        """
        await self._wait_visibly(f"connecting to {visible(place)}")
        reader = asyncio.create_task(self._tick())
        try:
            if self._screen.interactive:
                self._begin()
            while True:
                left = await self._take_turn()
                self._connection.send()
                flush("client")
                if left is not None:
                    return left
                await self._wait_for_room()
        finally:
            reader.cancel()

    @log
    def _begin(self) -> None:
        self._chat.greet(first_time=self._first_time)
        self._chat.learn_names()
        self._connection.send()

    @log
    async def _take_turn(self) -> Leave | None:
        """Take what is typed next; return how it ends the talk, if it does."""
        chat, screen = self._chat, self._screen
        if chat.asks_secretly:
            secret = await screen.ask_secret(chat.prompt.rstrip())
            if isinstance(secret, Leave):
                return self._give_up(secret)
            goes_on = chat.take_secret(secret)
        else:
            line = await screen.next_line(chat)
            if isinstance(line, Leave):
                return self._give_up(line)
            goes_on = chat.take_line(line)
            await self._let_write()
        return None if goes_on else Leave.END

    @log
    def _give_up(self, leave: Leave) -> Leave | None:
        """Leave, or with Ctrl-C at a question no more than that."""
        if leave is not Leave.INTERRUPT or not self._chat.asks:
            return leave
        self._chat.give_up()
        return None

    @log
    async def _let_write(self) -> None:
        """Let a text be written in an editor, if one is wanted."""
        chat, draft = self._chat, self._chat.drafting.wanted
        if draft is None:
            return
        # Imported late: it takes its time to load, and few starts need it.
        from client.editor import write_in_editor

        try:
            if not self._screen.has_terminal:
                raise NotAllowed("edit needs a terminal for the editor")
            with self._screen.lent():
                text = await write_in_editor(draft.text, os.environ)
        except NotAllowed as error:
            chat.drafting.give_up()
            chat.complain(str(error))
        else:
            chat.take_written(text)

    @log
    async def _wait_visibly(self, what: str) -> None:
        wheel = asyncio.create_task(self._screen.wait_visibly(what))
        try:
            await self._may_begin.wait()
        finally:
            wheel.cancel()
            await asyncio.gather(wheel, return_exceptions=True)

    @log
    async def _wait_for_room(self) -> None:
        """Read no faster than the server takes: a file may be larger than the memory.

        Nobody types as fast, and who types wants the line back at once.
        """
        session = self._chat.session
        while not self._screen.interactive and session.unanswered >= MOST_UNANSWERED:
            self._moved.clear()
            await self._moved.wait()

    @log
    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self._chat.tick()
            self._connection.send()
