"""Break things and see whether what was acknowledged is kept: `python -m bench.crash`.

    python -m bench.crash                 everything, a quarter of an hour
    python -m bench.crash kill clock      some of it; the runs are named below
    python -m bench.crash --rounds 5      fewer kills and fillings
    python -m bench.crash --seed 7        the same dice again

Exit code 1 means that a promise was broken, and the table says which. The runs:
kill: the server, at random moments; clock: as kill, and its clock goes back an hour
each time; clients: three at a time, going on from their archives; both: clients and
server; cuts: the connection after every byte of an exchange, both ways; full: the disk,
by a small tmpfs where that may be mounted; pages: the same by SQLite's max_page_count;
slow: a reader that stops reading while a million messages come.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.cuts import cut_everywhere
from bench.dying import kill_clients
from bench.filling import fill_disk, may_mount
from bench.judge import Promise, counts
from bench.killing import kill_server
from bench.outcome import Outcome, Stuck
from bench.slow import stop_reading

__all__ = ["main"]

Run = Callable[[Path, int, int], Outcome]

_FLOOD = 1_000_000
_ROUNDS = 50
_SHOWN = 5  # breaches of a run that are shown one by one


def _clock(folder: Path, rounds: int, seed: int) -> Outcome:
    return kill_server(folder, rounds, seed, set_back=True)


def _both(folder: Path, rounds: int, seed: int) -> Outcome:
    return kill_clients(folder, rounds, seed, server_too=True)


def _cuts(folder: Path, rounds: int, seed: int) -> Outcome:
    return cut_everywhere(folder, seed)


def _full(folder: Path, rounds: int, seed: int) -> Outcome:
    return fill_disk(folder, rounds, seed, mount=may_mount(folder))


def _pages(folder: Path, rounds: int, seed: int) -> Outcome:
    return fill_disk(folder, rounds, seed, mount=False)


def _slow(folder: Path, rounds: int, seed: int) -> Outcome:
    return stop_reading(folder, _FLOOD)


_RUNS: Mapping[str, tuple[str, Run]] = {
    "kill": ("the server is killed", kill_server),
    "clients": ("clients are killed", kill_clients),
    "clock": ("the server is killed, its clock set back", _clock),
    "both": ("clients and the server are killed", _both),
    "cuts": ("connections are cut after every byte", _cuts),
    "full": ("the disk is full, and has room again", _full),
    "pages": ("the same by SQLite's max_page_count", _pages),
    "slow": ("a reader stops reading", _slow),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; return the exit code."""
    chosen = _parse(arguments)
    names = [*_RUNS] if "all" in chosen.what else chosen.what
    print(f"seed {chosen.seed}")
    outcomes = {}
    for name in names:
        label, run = _RUNS[name]
        started = time.monotonic()
        print(f"\n{name}: {label}", flush=True)
        with tempfile.TemporaryDirectory(prefix="jim-crash-") as folder:
            try:
                outcomes[name] = run(Path(folder), chosen.rounds, chosen.seed)
            except Stuck as error:
                outcomes[name] = Outcome({}, [], [str(error)])
        _show(outcomes[name])
        print(f"  {'seconds':<24} {time.monotonic() - started:.0f}", flush=True)
    broken = [name for name, one in outcomes.items() if one.breaches or one.troubles]
    _show_table(outcomes)
    if broken:
        print(f"\nBROKEN: {', '.join(broken)} (seed {chosen.seed})")
        return 1
    print("\nAll promises were kept.")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        prog="python -m bench.crash",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [*_RUNS, "all"]
    parser.add_argument("what", nargs="*", choices=names, default="all", metavar="RUN")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    return parser.parse_args(arguments)


def _show(outcome: Outcome) -> None:
    for name, figure in outcome.figures.items():
        print(f"  {name:<24} {figure}")
    for breach in outcome.breaches[:_SHOWN]:
        print(f"  BROKEN: {breach.promise.value}: {breach.device}: {breach.what}")
    for trouble in outcome.troubles[:_SHOWN]:
        print(f"  TROUBLE: {trouble}")


def _show_table(outcomes: Mapping[str, Outcome]) -> None:
    """Print how often each promise was broken."""
    columns = (Promise.LOST, Promise.DOUBLED, Promise.DISORDERED, Promise.FILE)
    heads = [promise.value for promise in columns]
    print(
        "\n" + "".join(f"{head:>18}" for head in ["", *heads, "otherwise", "troubles"])
    )
    for name, outcome in outcomes.items():
        found = counts(outcome.breaches)
        cells = [found[promise] for promise in columns]
        cells += [found.total() - sum(cells), len(outcome.troubles)]
        print(f"{name:>18}" + "".join(f"{cell:>18,}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
