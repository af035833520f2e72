"""Clients without a screen that talk to each other for a while.

They are sessions and connections as of the console client, over real sockets, in the
launcher's process. What each of them gets is compared with what was said.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence

from client.events import MessageReceived
from client.known_servers import own_servers
from client.tls import Trust
from common.client_settings import ClientSettings
from common.launcher_settings import LauncherSettings
from common.names import Name, RoomName
from common.safe_text import visible
from decorators import log
from errors import ExitCode, SettingsError, TimedOut, Unreachable
from launch.local_server import Place
from launch.talker import ROOM, Talker
from launch.tally import Delivery, Summary, Tally

__all__ = ["Demo", "check_size", "trust_of", "wanted_fingerprint"]

_START_SECONDS = 30.0
_LAST_SECONDS = 15.0
_PAUSE_SECONDS = 0.5

_TO_ROOM = (
    "hello everybody, {me} is here",
    "does everyone get this?",
    "tea in ten minutes",
    "has anybody seen my keys?",
    "that is all from {me} for now",
)
_TO_ONE = (
    "hi {you}, good to see you",
    "{you}, only you can read this",
    "how is the weather over there?",
    "see you at tea, {you}",
    "привет, {you}! 👋",
)


@log
def wanted_fingerprint(settings: LauncherSettings, place: Place) -> str:
    """Return which certificate is right: the given one, or that of our own server.

    Where nothing asks for TLS, clients go to this machine without.
    """
    return settings.fingerprint or (place.fingerprint if settings.tls else "")


@log
def trust_of(settings: LauncherSettings, place: Place) -> Trust:
    """Return what judges the server at `place`, as the settings and this user say."""
    way = ClientSettings(
        address=place.address,
        port=place.port,
        tls=settings.tls,
        ca=settings.ca,
        fingerprint=wanted_fingerprint(settings, place),
    )
    return Trust(way, own_servers())


class Demo:
    """One demo: make it, `run` it, and read the summary that it returns."""

    @log
    def __init__(
        self,
        names: Sequence[Name],
        place: Place,
        show: Callable[[str], None],
        trust: Trust | None = None,
    ) -> None:
        """`show` takes each line of the conversation; `trust` judges the server."""
        self._show = show
        self._tally = Tally()
        self._numbers = itertools.count(1)
        self._shown: set[Delivery] = set()
        self._broken_off = False
        self._changed = asyncio.Event()
        self._talkers = [Talker(name, place, self, trust) for name in names]

    @log
    async def run(self, seconds: float) -> Summary:
        """Let them talk for `seconds`, and return what arrived.

        Raises ProgramError when they can't come together at all.
        """
        try:
            await self._gather()
            await self._talk(seconds)
            await self._wait(self._is_over, _LAST_SECONDS)
            for talker in self._talkers:
                if talker.problem:
                    self.say(f"{visible(talker.name)} fell silent: {talker.problem}")
            return self._tally.summary()
        finally:
            await asyncio.gather(*(talker.leave() for talker in self._talkers))

    @log
    def break_off(self) -> None:
        """End soon: the server is gone for good. What is on its way counts as lost."""
        self._broken_off = True
        self.note_change()

    @log
    def note_change(self) -> None:
        """Wake who waits: something has happened to one of the talkers."""
        self._changed.set()

    @log
    def note_delivery(self, recipient: Name | str, message: MessageReceived) -> None:
        """Count a message that a talker has got, and show it the first time."""
        if message.sender not in {talker.name for talker in self._talkers}:
            # Somebody else on a server that is not ours alone.
            return
        delivery = Delivery(recipient, message.sender, message.to, message.text)
        self._tally.note(delivery, time.monotonic())
        one = delivery._replace(recipient="")
        if one not in self._shown:
            self._shown.add(one)
            when = time.strftime("%H:%M:%S", time.localtime(message.time))
            who = f"{visible(message.sender)} → {visible(message.to)}"
            self._show(f"{when} {who}: {visible(message.text)}")
        self.note_change()

    @log
    def note_refusal(
        self, sender: Name | str, to: Name | RoomName | str, text: str, reason: str
    ) -> None:
        """Count a message that was not taken as lost, and show why."""
        self._tally.give_up(sender, to, text)
        who = f"{visible(sender)} → {visible(to)}"
        self.say(f"{who}: not taken: {visible(reason)}")
        self.note_change()

    @log
    def say(self, line: str) -> None:
        """Show something that is no message; the line has to be safe."""
        self._show(line)

    @log
    async def _gather(self) -> None:
        """Wait until all are signed in and in the room."""
        for talker in self._talkers:
            talker.connect()
        over = await self._wait(
            lambda: (
                self._broken_off
                or all(one.is_there or one.problem for one in self._talkers)
            ),
            _START_SECONDS,
        )
        if self._broken_off:
            raise Unreachable("the server is gone")
        for talker in self._talkers:
            if talker.problem:
                raise talker.problem
        if not over:
            raise TimedOut(
                f"the demo's clients were not all there within {_START_SECONDS:g} s"
            )

    @log
    async def _talk(self, seconds: float) -> None:
        """Say something in turn, for `seconds` and two rounds at least."""
        ends = time.monotonic() + seconds
        pause = _PAUSE_SECONDS / len(self._talkers)
        for turn in itertools.count():
            for talker in self._talkers:
                if talker.problem or self._broken_off:
                    return
                self._say_one(talker, turn)
                await asyncio.sleep(pause)
            if time.monotonic() >= ends and turn:
                return

    @log
    def _say_one(self, talker: Talker, turn: int) -> None:
        """Let `talker` speak to the room and to one of the others by turns."""
        others = [one.name for one in self._talkers if one is not talker]
        choice = turn // 2
        if turn % 2 == 0:
            to, recipients = str(ROOM), others
            pattern = _TO_ROOM[choice % len(_TO_ROOM)]
        else:
            to = others[choice % len(others)]
            recipients = [to]
            pattern = _TO_ONE[choice % len(_TO_ONE)]
        words = pattern.format(me=talker.name, you=to)
        text = f"{words} ({next(self._numbers)})"
        self._tally.expect(
            [Delivery(one, talker.name, to, text) for one in recipients],
            time.monotonic(),
        )
        talker.send(to, text)

    @log
    def _is_over(self) -> bool:
        """Tell whether all has arrived and is acknowledged, or never will be."""
        if self._broken_off or any(talker.problem for talker in self._talkers):
            return True
        return self._tally.is_complete and not any(
            talker.session.unacknowledged for talker in self._talkers
        )

    @log
    async def _wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until `is_so`, asked after each change; False when it takes too long."""
        try:
            async with asyncio.timeout(seconds):
                while not is_so():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True


@log
def check_size(names: Sequence[Name]) -> None:
    """Raise SettingsError when these are too few for a conversation."""
    if len(names) < 2:
        raise SettingsError("a demo needs two clients or more", ExitCode.USAGE)
