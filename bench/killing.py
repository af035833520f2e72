"""The server is killed again and again while clients talk, and its clock set back."""

import asyncio
import random
from pathlib import Path

from bench.crowd import Crowd, cast
from bench.judge import Breach, Promise, judge
from bench.outcome import Outcome, figures_of
from bench.restarts import Outlet, outlet
from bench.stored import examine, hours_back
from bench.tampered import Switches

__all__ = ["kill_server"]

_HOUR, _MOST_BACK = 3600.0, 20 * 3600.0
# What a client says: bursts of up to so many, a pause of so many seconds on average.
_WINDOW, _PAUSE = 16, 0.1
# How often the server is killed before it has started or anybody is back.
_EARLY = 0.2


def kill_server(
    folder: Path,
    rounds: int,
    seed: int,
    *,
    devices: int = 16,
    set_back: bool = False,
    forgets: bool = False,
) -> Outcome:
    """Kill the server `rounds` times at random moments; judge what came of it.

    With `set_back` its clock goes back an hour each time, while it runs or while it is
    down, in turns; the times of messages must not. One that `forgets` must be found
    out: it shows that we would notice.
    """
    with outlet(folder) as server:
        killer = _Killer(server, random.Random(seed), Switches(folder / "switches"))
        if set_back or forgets:
            server.tamper(folder / "switches")
        server.start()
        crowd = Crowd(cast(devices), server.port, seed)
        asyncio.run(killer.live(crowd, rounds, set_back=set_back, forgets=forgets))
        mistakes = server.mistakes()
    breaches = judge(crowd.records) + examine(server.data, crowd.records)
    figures = {"kills": f"{server.kills}", **figures_of(crowd.records)}
    if set_back:
        figures["hours back"] = f"{-killer.switches.shift / _HOUR:.1f}"
        if hours_back(server.data):
            breaches.append(Breach(Promise.FILE, "server", "times went back"))
    return Outcome(figures, breaches, crowd.troubles + mistakes)


class _Killer:
    """Kills a server again and again, and turns its switches between."""

    def __init__(self, server: Outlet, dice: random.Random, switches: Switches) -> None:
        self.switches = switches
        self._server = server
        self._dice = dice

    async def live(
        self, crowd: Crowd, rounds: int, *, set_back: bool, forgets: bool
    ) -> None:
        """Let the crowd talk through all kills, and leave when all is answered."""
        await crowd.enter()
        self.switches.turn(forgets=forgets)
        crowd.talk(_WINDOW, _PAUSE)
        for number in range(rounds):
            crowd.meet(f"#met{number}")
            await self._wait_for_moment(crowd)
            if set_back and not number % 2:
                self._set_back()
                await asyncio.sleep(self._dice.uniform(0.05, 0.3))
            self._server.pull()
            self.switches.turn(forgets=False)
            if set_back and number % 2:
                self._set_back()
            self._server.plug_in()
            if number == rounds - 1 or self._dice.random() >= _EARLY:
                await asyncio.to_thread(self._server.wait_for_start)
        await self._wait_for_moment(crowd)
        await crowd.fall_silent()
        await crowd.leave()
        self._server.stop()

    def _set_back(self) -> None:
        # One that is wrong by more than a day is another matter.
        if self.switches.shift > -_MOST_BACK:
            self.switches.turn(shift=self.switches.shift - _HOUR)

    async def _wait_for_moment(self, crowd: Crowd) -> None:
        """Let a random time go by, mostly after somebody has been heard again."""
        if self._dice.random() >= _EARLY:
            await crowd.progress(lambda: crowd.acknowledged, 1, "an acknowledgement")
        await asyncio.sleep(self._dice.uniform(0.0, 0.5))
