"""`my_client.py read` and `send` as processes."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from unit_tests.client.programs import client_environment
from unit_tests.helpers import PATIENCE, ROOT

__all__ = ["Script", "free_ports", "texts_in", "wait_for_lines", "wait_until"]

_CLIENT = str(ROOT / "my_client.py")
_POLL_SECONDS = 0.01


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports


class Script:
    """Somebody's shell in a folder of its own; `where` are the flags of a server."""

    def __init__(self, folder: Path, *where: str, **variables: str) -> None:
        self.folder = folder
        self._where = where
        log_dir = str(folder / "logs")
        self.environment = client_environment(folder, JIM_LOG_DIR=log_dir, **variables)

    def command(self, words: Sequence[str]) -> list[str]:
        """Return the command line of `words`, as a process is started by it."""
        return [sys.executable, _CLIENT, words[0], *self._where, *words[1:]]

    def run(
        self, *words: str, typed: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end, with `typed` as standard input.

        Bytes that are no UTF-8 stand in strings as Python has them in file names.
        """
        done = subprocess.run(
            self.command(words),
            cwd=self.folder,
            env=self.environment,
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run while the block lasts; what it says beside the data is in `talk`."""
        with (
            open(self.folder / "talk", "a") as talk,
            subprocess.Popen(
                self.command(words),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=talk,
                text=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
        said = (self.folder / "talk").read_text()
        assert "Traceback" not in said, said


def wait_until(happened: Callable[[], bool]) -> None:
    """Return once something has happened."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(_POLL_SECONDS)


def wait_for_lines(path: Path, count: int) -> list[str]:
    """Return the lines of a file once there are `count`."""
    lines: list[str] = []

    def enough() -> bool:
        lines[:] = path.read_text().splitlines() if path.exists() else []
        return len(lines) >= count

    wait_until(enough)
    return lines


def texts_in(lines: list[str]) -> list[str]:
    """Return what was said, without moment and name."""
    return [line.partition(": ")[2] for line in lines]
