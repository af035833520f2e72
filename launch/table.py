"""What runs, as a table: pid, name, uptime, CPU, memory, threads, connections."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

import psutil

from common.cells import cells, padded
from common.names import Name
from decorators import log

__all__ = ["ProcessTable"]

_HEAD = ("PID", "NAME", "UPTIME", "CPU", "MEMORY", "THREADS", "CONNECTIONS")
_MIB = 1024 * 1024
_AWAY = "-"
_MEASURED_SECONDS = 1.0


class ProcessTable:
    """Remembers the processes, so that CPU is the share since they were last shown.

    When that is too short a time to tell, it is the share since they were started.
    """

    @log
    def __init__(self) -> None:
        self._known: dict[int, psutil.Process] = {}
        self._shown = 0.0

    @log
    def note(self, pids: Iterable[int]) -> None:
        """Start to count the CPU time of these processes; forget all others."""
        known = {}
        for pid in pids:
            try:
                process = self._known.get(pid) or psutil.Process(pid)
                if pid not in self._known:
                    process.cpu_percent(None)
            except psutil.Error:
                continue
            known[pid] = process
        if known.keys() - self._known.keys():
            self._shown = time.monotonic()
        self._known = known

    @log
    def lines(self, running: Mapping[int, Name]) -> list[str]:
        """Return the table of `running` (name by pid), its head first."""
        self.note(running)
        now = time.monotonic()
        recent = now - self._shown >= _MEASURED_SECONDS
        self._shown = now
        rows: list[tuple[str, ...]] = [_HEAD]
        for pid, name in running.items():
            process = self._known.get(pid)
            row = _row(process, name, recent=recent) if process else None
            rows.append(row or (str(pid), name, "ended", *[_AWAY] * 4))
        widths = [max(cells(row[i]) for row in rows) for i in range(len(_HEAD))]
        return [
            "  ".join(
                padded(cell, width, right=column != 1)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]


@log
def _row(
    process: psutil.Process, name: Name, *, recent: bool
) -> tuple[str, ...] | None:
    """Return one row; None when the process has ended."""
    try:
        with process.oneshot():
            seconds = time.time() - process.create_time()
            share = process.cpu_percent(None)
            if not recent:
                used = process.cpu_times()
                share = 100 * (used.user + used.system) / max(seconds, 0.01)
            return (
                str(process.pid),
                name,
                _uptime(seconds),
                f"{share:.1f}%",
                f"{process.memory_info().rss / _MIB:.1f} MiB",
                str(process.num_threads()),
                str(_connections(process)),
            )
    except psutil.Error:
        return None


@log
def _uptime(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


@log
def _connections(process: psutil.Process) -> int:
    """Return how many TCP connections it has; what only listens is not counted."""
    # Called net_connections since psutil 6.
    ask = getattr(process, "net_connections", None) or process.connections
    return sum(one.status == psutil.CONN_ESTABLISHED for one in ask(kind="tcp"))
