"""The disk fills up under load, and has room again, several times."""

import asyncio
import contextlib
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from bench.crowd import Crowd, cast
from bench.judge import Breach, Promise, judge
from bench.outcome import Outcome, Stuck, figures_of
from bench.restarts import Outlet, outlet
from bench.stored import examine
from bench.tampered import Switches

__all__ = ["fill_disk", "may_mount"]

_MIB = 1024 * 1024
# Room for what is said in all; the rest is ballast.
_TMPFS_MIB = 128
_DATABASE, _LOG = "messenger.db", "messenger.db-wal"
# A log that takes ever more room has none for the database in the end.
_LONGEST_LOG = 48 * _MIB
_WINDOW, _PAUSE = 8, 0.02
# How many must be refused before the disk has room again.
_REFUSALS = 20
# How often the server is killed while the disk is full.
_KILLED = 0.2
# Refused because of the disk; and what a client says whose connection broke with it.
_CAUSES = ("500 ", "409 it was refused before the connection broke")


class _Disk(Protocol):
    """A disk that can be filled from outside."""

    data: Path

    def fill(self) -> None:
        """Take all the room that is left."""

    def free(self) -> None:
        """Give it back."""


class _Tmpfs:
    """A small file system, and a file on it that grows until nothing fits."""

    def __init__(self, mount: Path) -> None:
        self.data = mount / "data"
        self._ballast = mount / "ballast"

    def fill(self) -> None:
        """Take all the room that is left."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass

    def free(self) -> None:
        """Give it back."""
        self._ballast.unlink()


class _Pages:
    """SQLite's own limit, where mounting is not allowed."""

    def __init__(self, folder: Path, server: Outlet) -> None:
        self.data = server.data
        server.tamper(folder / "switches")
        self._switches = Switches(folder / "switches")

    def fill(self) -> None:
        """Let the database grow no more."""
        self._switches.turn(full=True)

    def free(self) -> None:
        """Let it grow again."""
        self._switches.turn(full=False)


def may_mount(folder: Path) -> bool:
    """Tell whether a file system can be mounted here."""
    try:
        with _mounted(folder / "try"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def _mounted(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    size = f"size={_TMPFS_MIB}m"
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "messenger", str(folder)],
        check=True,
        capture_output=True,
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_disk(
    folder: Path, rounds: int, seed: int, *, devices: int = 16, mount: bool = True
) -> Outcome:
    """Fill the disk and free it, `rounds` times, while clients talk; judge all.

    Each time half of them come again on the full disk, and now and then the server is
    killed there; in between it lives through it.
    """
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(_mounted(folder / "disk")) if mount else folder
        server = stack.enter_context(outlet(folder, data=data / "data"))
        disk: _Disk = _Tmpfs(data) if mount else _Pages(folder, server)
        server.start()
        crowd = Crowd(cast(devices), server.port, seed)
        asyncio.run(_live(server, crowd, disk, rounds, random.Random(seed)))
        sizes = {
            name: (server.data / name).stat().st_size for name in (_DATABASE, _LOG)
        }
        server.stop()
        records = crowd.records
        breaches = judge(records, causes=_CAUSES) + examine(server.data, records)
        troubles = crowd.troubles + server.mistakes()
    figures = {
        "disk": "tmpfs" if mount else "max_page_count",
        "fillings": f"{rounds}",
        "kills": f"{server.kills}",
    }
    figures |= {name: f"{size / _MIB:.1f} MiB" for name, size in sizes.items()}
    if sizes[_LOG] > _LONGEST_LOG:
        what = f"{_LOG} has grown to {sizes[_LOG]:,} bytes"
        breaches.append(Breach(Promise.DEAR, "server", what))
    reasons = Counter(reason for one in records for _, reason in one.refused)
    for number, (reason, count) in enumerate(reasons.items(), 1):
        figures[f"reason {number}"] = f'{count:,} "{reason}"'
    return Outcome(figures | figures_of(records), breaches, troubles)


async def _live(
    server: Outlet, crowd: Crowd, disk: _Disk, rounds: int, dice: random.Random
) -> None:
    def stored() -> int:
        return crowd.acknowledged

    def refused() -> int:
        return crowd.refused

    await crowd.enter()
    crowd.talk(_WINDOW, _PAUSE)
    for _ in range(rounds):
        await crowd.progress(stored, dice.randint(1, 200), "acknowledgements")
        disk.fill()
        await crowd.progress(refused, _REFUSALS, "refusals of a full disk")
        for one in dice.sample(crowd.talkers, len(crowd.talkers) // 2):
            await one.go()
            one.come()
        await asyncio.sleep(dice.uniform(0.0, 0.3))
        killed = dice.random() < _KILLED
        if killed:
            server.pull()
        elif not server.lives:
            raise Stuck("a server that lives through it")
        disk.free()
        if killed:
            server.plug_in()
            await asyncio.to_thread(server.wait_for_start)
        await crowd.progress(stored, 1, "an acknowledgement where there is room again")
    await crowd.fall_silent()
    await crowd.leave()
