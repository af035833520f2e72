"""A connection is cut after every byte of an exchange, in both directions."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.judge import Record, judge
from bench.outcome import Outcome, figures_of
from bench.relay import Break, Cut, Relay, Way
from bench.restarts import outlet
from bench.stored import examine
from bench.talkers import Part, Talker

__all__ = ["cut_everywhere"]

_AT_ONCE = 40
_AGAIN = 0.3  # how often a connection after the cut one is cut too
_FLAGS = ("--rooms", "0", "--rooms-per-person", "0", "--connections-per-address", "0")


def cut_everywhere(folder: Path, seed: int, *, step: int = 1) -> Outcome:
    """Cut at every `step`th byte each way; a client comes back and must have all."""
    with outlet(folder, *_FLAGS) as server:
        server.start()
        stage = _Stage(server.port, random.Random(seed))
        asyncio.run(stage.play(step))
        server.stop()
        mistakes = server.mistakes()
    records = stage.records
    breaches = judge(records) + examine(server.data, records)
    figures = {"cuts": f"{stage.cuts:,}", **figures_of(records)}
    for way in Way:
        lengths = (f"{one[way]:,}" for one in stage.lengths)
        figures[f"bytes {way.value}"] = " and ".join(lengths)
    if stage.cuts < stage.wanted:
        mistakes.append(f"only {stage.cuts} of {stage.wanted} cuts were made")
    return Outcome(figures, breaches, stage.troubles + mistakes)


class _Stage:
    """Bob, who is never cut off, and all who talk with him, one for each cut."""

    def __init__(self, port: int, dice: random.Random) -> None:
        self.cuts = self.wanted = 0
        self.lengths: list[dict[Way, int]] = []
        self.records: list[Record] = []
        self.troubles: list[str] = []
        self._port = port
        self._dice = dice
        self._bob = self._talker("bob", port)
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def play(self, step: int) -> None:
        """Have one exchange without a cut, to learn its length, and then all others."""
        self._bob.come()
        await self._bob.settle_in()
        await self._exchange(0, ())
        plans = [*self._plans(step)]
        self.wanted = len(plans)
        await asyncio.gather(
            *(self._exchange(number, plan) for number, plan in enumerate(plans, 1))
        )
        await self._bob.settle()
        await self._bob.come_again()
        await self._bob.go()
        self.troubles += self._bob.troubles

    def _plans(self, step: int) -> Iterator[list[Cut | None]]:
        """Yield what happens to the first connections of each exchange."""
        dice = self._dice
        for before, lengths in enumerate(self.lengths):
            for way in Way:
                for after in range(1, lengths[way] + 1, step):
                    for how in Break:
                        cuts = [None] * before + [Cut(way, after, how)]
                        if dice.random() < _AGAIN:
                            way_again = dice.choice([*Way])
                            after_again = dice.randint(1, lengths[way_again])
                            how_again = dice.choice([*Break])
                            cuts.append(Cut(way_again, after_again, how_again))
                        yield cuts

    def _talker(self, person: str, port: int, room: str = "") -> Talker:
        rooms = (room,) if room else ()
        part = Part(f"{person}_1", person, False, False, rooms, ())
        record = Record(part.device, person, rooms)
        self.records.append(record)
        return Talker(part, record, port)

    async def _exchange(self, number: int, cuts: Sequence[Cut | None]) -> None:
        """Let somebody and bob talk, through a relay that cuts.

        First they meet; then bob talks on to somebody who has left and comes back.
        """
        async with self._places:
            name, room = f"a{number:05}", f"#r{number:05}"
            relay = Relay(self._port, cuts)
            await relay.start()
            await self._bob.enter_room(room)
            alice = self._talker(name, relay.port, room)
            alice.come()
            await alice.settle_in()
            await self._talk(alice, room)
            await alice.go()
            for to in (room, name):
                self._bob.say(to)
            for to in (room, "bob"):
                alice.say(to)
            await self._bob.settle()
            alice.come()
            await self._talk(alice, room)
            if not cuts:
                self.lengths = relay.passed[:]
            await alice.come_again()
            await alice.go()
            self.cuts += relay.done > 0
            self.troubles += alice.troubles
            await relay.stop()

    async def _talk(self, alice: Talker, room: str) -> None:
        """Say something each, and confirm what came."""
        said = len(alice.record.received)
        alice.say(room)
        alice.say("bob")
        self._bob.say(alice.part.person)
        self._bob.say(room)
        await alice.settle()
        await alice.hear(said + 2)
        alice.report()
        alice.say("bob")
        await alice.settle()
