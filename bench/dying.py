"""Clients are killed while they talk, and go on from their archives on disk."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from bench.crowd import cast
from bench.judge import Promise, Received, Record, judge, message_of
from bench.mortal import Diary, archive_folder
from bench.outcome import PATIENCE_SECONDS, Outcome, Stuck, figures_of
from bench.restarts import outlet
from bench.stored import examine
from bench.talkers import Part

__all__ = ["kill_clients"]

_ROOT = Path(__file__).resolve().parent.parent
# How many die in a round, and how long such a round is, in seconds.
_VICTIMS = 3
_ROUND_SECONDS = 1.0


class _Client:
    """A process that talks as one device, and its folder."""

    def __init__(self, folder: Path, part: Part, port: int, dice: random.Random):
        self.part = part
        self.folder = folder / part.device
        self.folder.mkdir()
        self.deaths = 0
        self._port = port
        self._dice = dice
        self._process = self._start(returns=False)

    def obey(self, order: str) -> None:
        """Give an order; `wait` for it unless it is to be killed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()

    def wait(self, order: str) -> None:
        """Return when an order is obeyed; what it can't do in time ends the client."""
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline()) != f"{order}\n":
            if not line:
                raise Stuck(f"{order!r} of {self.part.device}: {self.errors()}")

    def die(self) -> None:
        """Kill it, whatever it does, and let it go on talking."""
        self._process.kill()
        self._end()
        self.deaths += 1
        self._process = self._start(returns=True)
        self.obey("talk")

    def leave(self) -> int:
        """Let it leave; return its exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._end()

    def errors(self) -> str:
        """Return what it has said on stderr."""
        return (self.folder / "stderr").read_text("utf-8")

    def kill(self) -> None:
        """Make sure that nothing of it runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._end()

    def _start(self, *, returns: bool) -> subprocess.Popen[str]:
        seed, word = self._dice.randrange(2**32), "yes" if returns else "no"
        command = [sys.executable, "-m", "bench.mortal", str(self.folder)]
        with (self.folder / "stderr").open("a") as stderr:
            process = subprocess.Popen(
                [*command, str(self._port), str(seed), word],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(self.part).decode() + "\n")
        process.stdin.flush()
        return process

    def _end(self) -> int:
        code = self._process.wait(PATIENCE_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        return code


def kill_clients(
    folder: Path, rounds: int, seed: int, *, devices: int = 16, server_too: bool = False
) -> Outcome:
    """Kill three clients at a random moment, `rounds` times; judge all.

    With `server_too` the server is killed with them each second time.
    """
    dice = random.Random(seed)
    with outlet(folder) as server, ExitStack() as stack:
        server.start()
        clients: list[_Client] = []
        for second in (False, True):
            group = [
                _Client(folder, part, server.port, dice)
                for part in cast(devices)
                if part.second is second
            ]
            for client in group:
                stack.callback(client.kill)
            _order(group, "come")
            clients += group
        _order(clients, "talk")
        for number in range(rounds):
            time.sleep(dice.uniform(0.0, _ROUND_SECONDS))
            if server_too and number % 2:
                server.pull()
                server.plug_in()
            for victim in dice.sample(clients, min(len(clients), _VICTIMS)):
                victim.die()
        if server.kills:
            server.wait_for_start()
        _order(clients, "hush")
        _order(clients, "return")
        troubles = [f"exit {code}" for code in map(_Client.leave, clients) if code]
        troubles += [client.errors() for client in clients if client.errors()]
        server.stop()
        troubles += server.mistakes()
    shown = [Diary(client.folder, client.part) for client in clients]
    for diary in shown:
        diary.close()
    kept = [_archived(diary) for diary in shown]
    # What was kept and then not shown, because death came between, is not lost.
    breaches = [
        one for one in judge(shown, may_die=True) if one.promise is not Promise.LOST
    ]
    breaches += judge(kept, may_die=True) + examine(server.data, shown)
    figures = {
        "kills": f"{sum(client.deaths for client in clients)}",
        "of the server": f"{server.kills}",
        "shown": f"{sum(len(diary.received) for diary in shown):,}",
    }
    return Outcome(figures | figures_of(kept), breaches, troubles)


def _order(clients: Iterable[_Client], order: str) -> None:
    """Have all obey."""
    for client in clients:
        client.obey(order)
    for client in clients:
        client.wait(order)


def _archived(diary: Diary) -> Record:
    """Return the record with what stands in the archive instead of what was shown."""
    (path,) = archive_folder(diary.folder).glob("*.db")
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT text, recipient, id FROM messages ORDER BY id"
        ).fetchall()
    record = Record(diary.device, diary.person, diary.rooms)
    record.sent, record.owed = diary.sent, diary.owed
    record.stored, record.refused = diary.stored, diary.refused
    for text, to, message_id in rows:
        message = message_of(text)
        if message is None or message.device != diary.device:
            record.receive(Received(text, to, message_id))
    return record
