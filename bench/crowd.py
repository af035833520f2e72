"""Everybody who talks in a crash test, in one event loop."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence

from bench.judge import Record
from bench.outcome import PATIENCE_SECONDS, Stuck
from bench.talkers import Part, Talker

__all__ = ["Crowd", "cast"]

_ROOMS = 4
_LOOK_SECONDS = 0.005


def cast(devices: int) -> list[Part]:
    """Return that many devices of three quarters as many persons.

    Each is in two of the rooms, and talks there, in #all, and to two others.
    """
    count = max(2, devices * 3 // 4)
    names = [f"p{number}" for number in range(count)]
    parts = []
    for number in range(devices):
        who, second = number % count, number >= count
        rooms = (f"#room{who % _ROOMS}", f"#room{(who + 1) % _ROOMS}")
        others = (names[(who + 1) % count], names[(who + count // 2) % count])
        parts.append(
            Part(
                f"{names[who]}_{1 + second}",
                names[who],
                account=who < max(devices - count, count * 2 // 3),
                second=second,
                rooms=rooms,
                targets=(*rooms, *rooms, "#all", *others),
            )
        )
    return parts


class Crowd:
    """All talkers of a run, in one event loop."""

    def __init__(self, parts: Iterable[Part], port: int, seed: int) -> None:
        self.talkers = [
            Talker(part, Record(part.device, part.person, (*part.rooms, "#all")), port)
            for part in parts
        ]
        self._dice = random.Random(seed)
        self._meetings: list[asyncio.Task[None]] = []

    @property
    def records(self) -> list[Record]:
        """Return everybody's record."""
        return [talker.record for talker in self.talkers]

    @property
    def acknowledged(self) -> int:
        """How many messages were acknowledged by now."""
        return sum(len(record.stored) for record in self.records)

    @property
    def refused(self) -> int:
        """How many messages were refused by now."""
        return sum(len(record.refused) for record in self.records)

    @property
    def troubles(self) -> list[str]:
        """Return what should not have happened."""
        return [trouble for talker in self.talkers for trouble in talker.troubles]

    async def enter(self) -> None:
        """Let everybody come; nobody talks before all are there."""
        for second in (False, True):
            group = [one for one in self.talkers if one.part.second is second]
            for one in group:
                one.come()
            await _all(one.settle_in() for one in group)

    def talk(self, window: int, pause: float) -> None:
        """Begin to talk: bursts of up to `window` messages, a `pause` between them."""
        for one in self.talkers:
            one.talk(random.Random(self._dice.random()), window, pause)

    def meet(self, room: str) -> None:
        """Let two people enter a new room soon, and talk there once both are in."""
        people = sorted({talker.part.person for talker in self.talkers})
        chosen = self._dice.sample(people, 2)
        members = [one for one in self.talkers if one.part.person in chosen]
        self._meetings.append(asyncio.create_task(_meet(members, room)))

    async def progress(self, count: Callable[[], int], more: int, what: str) -> None:
        """Return when a count has grown by so much; raises Stuck."""
        wanted = count() + more
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while count() < wanted:
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise Stuck(what) from None

    async def fall_silent(self) -> None:
        """Stop talking; return when all is answered and everybody has caught up.

        Everybody comes back once more for that, so that what would come twice does.
        """
        await _all(self._meetings)
        await _all(one.hush() for one in self.talkers)
        await _all(one.come_again() for one in self.talkers)

    async def leave(self) -> None:
        """Break all connections; nobody comes back."""
        await _all(one.go() for one in self.talkers)


async def _meet(members: Sequence[Talker], room: str) -> None:
    for one in members:
        if not one.part.second:
            await one.enter_room(room)
    for one in members:
        one.record.rooms |= {room}
        one.targets.append(room)


async def _all(things: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*things)
