"""Cut the server's power and fail its disk: `python -m bench.powercut`.

Shows that what was acknowledged, or delivered to anybody, is on the disk:

- Our server runs under strace while people talk; it is killed and stopped on the way
  and started again. Every change and sync of its files and everything it told a client
  is recorded (`bench/record.py`).
- The power is cut at hundreds of moments of the record. What may be left then
  (`bench/disk.py` says what, and what is not modelled) is opened with SQLite: it passes
  `integrity_check` and holds every message that anybody had been told of. On some of
  these images the server itself is started: it knows the last of these messages.
- No acknowledgement or delivery left before the sync that covers its row had come back
  (`bench/order.py`).
- The same with `durability: normal` is the control: it must lose messages and must tell
  too early. If it doesn't, this program could not have found a fault of the other.
- Where a sync or a write fails with an I/O error, nobody is told anything afterwards,
  and the server ends with exit code 74 (`bench/failing.py`).

Ends with 0 if all of it is so, else with 1 and sentences. The moments are random: the
same seed makes the same cuts of the same record, but each run records anew.
"""

import argparse
import random
import secrets
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench.disk import Image
from bench.failing import Failure, calls_of_a_start, fail_calls
from bench.images import MOMENTS, Verdict, cut_power
from bench.numbered import Person, leave, meet, people, talk
from bench.order import Order, check_order
from bench.record import Record, Sync
from bench.servers import ours
from bench.tracing import read_record, traced_server, why_not_here

__all__ = ["Study", "main", "record_talk", "study"]

_IMAGES, _ACKNOWLEDGEMENTS, _REVIVED = 300, 10_000, 10
_WINDOW = 3  # messages under way a sender: few, so that there are many commits
_RUNS = (signal.SIGKILL, signal.SIGTERM, signal.SIGTERM)
# What fails, and how many of these calls do not, once people talk.
_FAULTS = {"fdatasync": 100, "pwrite64": 1000}


class Study(NamedTuple):
    """The order of a record, its power cuts, and whether servers came back from them.

    `counted` are the acknowledgements that the clients had, `syncs` those of files.
    """

    durability: str
    counted: int
    syncs: int
    order: Order
    verdicts: list[Verdict]
    revived: list[bool]

    @property
    def losing(self) -> int:
        """Return how many images lack promised messages."""
        return sum(verdict.lost > 0 for verdict in self.verdicts)

    @property
    def faults(self) -> list[str]:
        """Return what SQLite found wrong with images."""
        return [verdict.fault for verdict in self.verdicts if verdict.fault]

    def broken(self) -> list[str]:
        """Return a sentence for each promise that was broken."""
        wrong = {
            f"clients counted {self.counted} acknowledgements, the record has "
            f"{self.order.acknowledgements}": self.counted
            != self.order.acknowledgements,
            f"{len(self.faults)} images are broken: {self.faults[:1]}": self.faults,
            "the server did not come back on all images": not all(self.revived),
        }
        if self.durability == "full":
            wrong[f"{self.losing} images lack promised messages"] = self.losing
            wrong[f"{self.order.early} were told before the sync"] = self.order.early
        else:
            wrong["the control lost nothing: the cuts are too mild"] = not self.losing
            wrong["the control told nobody too early"] = not self.order.early
        return [f"{self.durability}: {text}" for text, is_so in wrong.items() if is_so]


def record_talk(
    folder: Path, durability: str, count: int, runs: Sequence[signal.Signals] = _RUNS
) -> tuple[Record, int]:
    """Record our server in `folder`, one run for each signal that ends it.

    Returns the record, and how many acknowledgements the clients counted of at least
    `count` messages.
    """
    data = folder / "data"
    data.mkdir()
    outputs, counted = [], 0
    with people() as crowd:
        for number, ending in enumerate(runs):
            outputs.append(folder / f"run{number}")
            flags = ["--durability", durability]
            with traced_server(data, outputs[-1], flags) as server:
                meet(crowd, server.port)
                counted += talk(crowd, -(-count // len(runs)), _WINDOW).acknowledged
                leave(crowd)
                server.stop(ending)
    return read_record(data, outputs), counted


def study(
    durability: str, recorded: tuple[Record, int], images: int, seed: int, revive: int
) -> Study:
    """Check a record's order and cut the power; start servers on `revive` images."""
    record, counted = recorded
    chosen = set(random.Random(seed).sample(range(images), revive))
    verdicts, revived = [], []
    for number, (verdict, image) in enumerate(cut_power(record, images, seed)):
        verdicts.append(verdict)
        if number in chosen:
            revived.append(_comes_back(image, verdict.last_id))
    syncs = sum(isinstance(event, Sync) for event in record.events)
    return Study(durability, counted, syncs, check_order(record), verdicts, revived)


def _comes_back(image: Image, last_id: int) -> bool:
    """Tell whether our server starts on an image and knows the last promised id."""
    try:
        with (
            image.written() as folder,
            ours("revived", "--data-dir", str(folder)) as server,
            closing(Person("carol", ["#room0"], [])) as carol,
        ):
            known = carol.sign_in(server.port)["last_id"]
    except (AssertionError, EOFError, ConnectionError):
        return False  # it did not start, or sent carol away
    return bool(known >= last_id)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do all of it and print it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.powercut")
    parser.add_argument("--images", type=int, default=_IMAGES)
    parser.add_argument("--acknowledgements", type=int, default=_ACKNOWLEDGEMENTS)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options = parser.parse_args(arguments)
    if reason := why_not_here():
        print(f"the power can't be cut here: {reason}", file=sys.stderr)
        return 1
    print(f"seed {options.seed}", flush=True)
    broken = []
    for durability, revive in (("full", min(_REVIVED, options.images)), ("normal", 0)):
        with tempfile.TemporaryDirectory(prefix="jim-powercut-") as name:
            recorded = record_talk(Path(name), durability, options.acknowledgements)
        done = study(durability, recorded, options.images, options.seed, revive)
        _print_study(done)
        broken += done.broken()
    before = calls_of_a_start()
    for call, later in _FAULTS.items():
        failure = fail_calls(call, before[call] + later)
        _print_failure(failure)
        broken += failure.broken()
    print("\n" + ("\n".join(broken) or "all promises were kept"))
    return bool(broken)


def _print_study(done: Study) -> None:
    order = done.order
    control = "" if done.durability == "full" else " (the control: it must fail)"
    print(f"\ndurability {done.durability}{control}")
    rows = {
        "acknowledgements": order.acknowledgements,
        "deliveries": order.deliveries,
        "syncs of files": done.syncs,
        "told before the sync": order.early,
        "of these, told before the write": order.unwritten,
        "power cuts": len(done.verdicts),
        "images that don't open whole": len(done.faults),
        "images that lack promised messages": done.losing,
        "messages they lack": sum(verdict.lost for verdict in done.verdicts),
    }
    if done.revived:
        rows["servers started on images"] = len(done.revived)
        rows["of these, came back with all ids"] = sum(done.revived)
    for text, number in rows.items():
        print(f"  {text:<40}{number:>10,}")
    cuts = Counter(verdict.moment for verdict in done.verdicts)
    losing = Counter(verdict.moment for verdict in done.verdicts if verdict.lost)
    for moment in MOMENTS:
        print(f"  lacking, cut {moment:<37}{losing[moment]:>5} of {cuts[moment]}")


def _print_failure(failure: Failure) -> None:
    print(f"\n{failure.call} fails with an I/O error")
    print(f"  {'told before':<40}{failure.told_before:>10,}")
    print(f"  {'told afterwards':<40}{failure.told_after:>10,}")
    print(f"  {'exit code':<40}{failure.exit_code:>10}")
    for line in failure.said:
        print(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
