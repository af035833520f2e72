"""Our server, killed and started again: the same port, the same folder."""

import random
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.outcome import PATIENCE_SECONDS, Stuck, faults_in

__all__ = ["Outlet", "outlet"]

_ROOT = Path(__file__).resolve().parent.parent
# Below the ports that the system gives to connections: while the server is away, one
# of a client's attempts would some day get the very port and talk with itself.
_PORTS = range(20_000, 30_000)


class Outlet:
    """Where the server is plugged in. `data` is its folder, `port` stays the same."""

    def __init__(self, folder: Path, data: Path, *flags: str) -> None:
        self.data = data
        self.port = _free_port()
        self.log_file = folder / "logs" / "server.log"
        self.kills = 0
        self._errors = folder / "stderr"
        self._flags = flags
        self._bad_ends: list[str] = []
        self._switches: Path | None = None
        self._process: subprocess.Popen[str] | None = None

    def tamper(self, switches: Path) -> None:
        """From the next start on, let a file of switches rule clock and pages."""
        self._switches = switches

    @property
    def process(self) -> psutil.Process:
        """Return the running server."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def lives(self) -> bool:
        """Tell whether the server runs."""
        return self._process is not None and self._process.poll() is None

    def plug_in(self) -> None:
        """Start the server; return at once."""
        program = [str(_ROOT / "my_server.py")]
        if self._switches is not None:
            program = ["-m", "bench.tampered", str(self._switches)]
        command = [sys.executable, *program, "-p", str(self.port), "-a", "127.0.0.1"]
        command += ["--data-dir", str(self.data), "--message-rate", "0"]
        command += ["--log-dir", str(self.log_file.parent), *self._flags]
        with self._errors.open("a") as stderr:
            self._process = subprocess.Popen(
                command,
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def wait_for_start(self) -> None:
        """Return when the server takes connections; raises Stuck."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        select.select([process.stdout], [], [], PATIENCE_SECONDS)
        line = process.stdout.readline() if self.lives else ""
        if "port " not in line:
            raise Stuck(f"a start of the server: {self.errors()}")

    def start(self) -> None:
        """Start the server, and wait for it."""
        self.plug_in()
        self.wait_for_start()

    def pull(self) -> None:
        """Kill the server, whatever it does."""
        self._end(signal.SIGKILL)
        self.kills += 1

    def stop(self) -> None:
        """End the server in peace."""
        if code := self._end(signal.SIGTERM):
            self._bad_ends.append(f"the server ended with {code}")

    def errors(self) -> str:
        """Return all that the servers have said on stderr."""
        return self._errors.read_text("utf-8")

    def mistakes(self) -> list[str]:
        """Return the faults that are ours: exit codes, stderr, ERROR in the logs."""
        logs = sorted(self.log_file.parent.glob("server.log*"), reverse=True)
        lines = [line for one in logs for line in one.read_text("utf-8").split("\n")]
        found = [line for line in lines if re.match(r"\S+ \S+ (ERROR|CRITICAL)", line)]
        return self._bad_ends + found + faults_in(self.errors())

    def _end(self, number: signal.Signals) -> int:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        process.send_signal(number)
        try:
            return process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Stuck("the server's end") from None
        finally:
            process.stdout.close()


@contextmanager
def outlet(folder: Path, *flags: str, data: Path | None = None) -> Iterator[Outlet]:
    """Give a server that is not started yet; the block's end kills what runs."""
    one = Outlet(folder, data or folder / "data", *flags)
    try:
        yield one
    finally:
        if one.lives:
            one.pull()


def _free_port() -> int:
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
