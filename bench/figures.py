"""Print the figures: `python -m bench.figures` (or `make bench`).

Every ratio is of two measurements side by side in this run. ngircd, a C server, takes
part where it is installed (Debian: `apt install ngircd`).
"""

import contextlib
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.driver import closed_loop, throughput
from bench.idle import measure_idle
from bench.servers import Server, ngircd, ours
from bench.syncing import sync_seconds

__all__ = ["main"]

_ROUNDS = 3
_SHAPES = ((64, 8, 3000), (8, 256, 50_000))
_LOOPS = 10_000
_IDLE = 5000
_SYNCS = 2000


def main() -> None:
    """Measure and print everything; about two minutes."""
    _raise_descriptor_limit()
    with contextlib.ExitStack() as stack:
        logged = stack.enter_context(ours("ours"))
        silent = stack.enter_context(ours("call log off", call_log=False))
        forgetful = stack.enter_context(ours("nothing kept", "--no-history"))
        other = stack.enter_context(ngircd())
        servers = [logged, silent, forgetful, *([other] if other else [])]
        for pairs, window, count in _SHAPES:
            _print_rates(servers, pairs, window, count)
        _print_waiting(servers)
        _print_sync(logged)
    _print_idle()
    _print_start()


def _medians(
    servers: list[Server], measure: Callable[[Server], float]
) -> dict[str, float]:
    """Measure all servers in turn, several times; return each one's median."""
    seen: dict[str, list[float]] = {server.label: [] for server in servers}
    for _ in range(_ROUNDS):
        for server in servers:
            seen[server.label].append(measure(server))
    return {label: statistics.median(values) for label, values in seen.items()}


def _print_rates(servers: list[Server], pairs: int, window: int, count: int) -> None:
    print(f"\n{pairs} pairs, window {window}, {count} messages each, 64-byte texts:")

    def measure(server: Server) -> float:
        rate = throughput(server, pairs, window, count)
        assert rate.arrived == rate.expected, f"{server.label} lost messages"
        return rate.a_second

    _print_table(_medians(servers, measure), "msg/s", 1.0)


def _print_waiting(servers: list[Server]) -> None:
    print(f"\none message at a time, {_LOOPS} of them, 99th percentile:")
    _print_table(_medians(servers, lambda s: closed_loop(s, _LOOPS)[1]), "us", 1e6)


def _print_sync(server: Server) -> None:
    folder = Path(tempfile.gettempdir())  # where the server has its database
    loops, syncs = [], []
    for _ in range(_ROUNDS):
        syncs.append(sync_seconds(folder, _SYNCS))
        loops.append(closed_loop(server, _LOOPS)[0])
    loop, sync = statistics.median(loops), statistics.median(syncs)
    print("\none message at a time, median, and what the disk takes to sync 4 KiB:")
    print(f"  ours                {loop * 1e6:>12,.0f} us")
    print(f"  one fdatasync       {sync * 1e6:>12,.0f} us  {loop / sync:.2f} times")


def _print_table(medians: dict[str, float], unit: str, scale: float) -> None:
    first = next(iter(medians.values()))
    for label, value in medians.items():
        ratio = f"  ours is {first / value:.2f} times" if value != first else ""
        print(f"  {label:<20}{value * scale:>12,.0f} {unit}{ratio}")


def _print_idle() -> None:
    idle = measure_idle(_IDLE)
    print(f"\n{_IDLE} idle signed-in connections:")
    print(f"  memory each         {idle.bytes_each / 1024:>12,.2f} KiB")
    print(f"  probes answered     {idle.probes_answered:>12,}")
    print(f"  still connected     {idle.still_connected:>12,}")
    print(f"  p99 without them    {idle.p99_alone * 1e6:>12,.0f} us")
    print(
        f"  p99 with them       {idle.p99_with_them * 1e6:>12,.0f} us"
        f"  {idle.p99_with_them / idle.p99_alone:.2f} times"
    )


def _print_start() -> None:
    client = Path(__file__).resolve().parent.parent / "my_client.py"
    took = []
    for _ in range(_ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, str(client), "--help"], capture_output=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"\nmy_client.py --help    {statistics.median(took):>8.3f} s of CPU time")


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
