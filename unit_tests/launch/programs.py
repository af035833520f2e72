"""The launcher as a process: behind pipes, or on a pseudo-terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from unit_tests.helpers import PATIENCE, ROOT, clean_environment, spare_certificate

__all__ = [
    "MARK",
    "Launcher",
    "marked",
    "private_environment",
    "run_launcher",
    "wait_until_gone",
]

#: A variable that all that a launcher starts inherits; its value is the launcher's.
MARK = "LAUNCH_TEST"


def private_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment in which nothing is written outside of `folder`.

    No window is to be had in it: neither tmux nor an X terminal.
    """
    (folder / "bin").mkdir(exist_ok=True)
    homes = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR")
    own = dict.fromkeys([*homes, "TMUX_TMPDIR"], str(folder))
    found = clean_environment(**own)
    for name in ("TMUX", "TMUX_PANE", "DISPLAY", "WAYLAND_DISPLAY"):
        found.pop(name, None)
    found |= {"PATH": str(folder / "bin"), "TERM": "xterm", "PYTHONUTF8": "1"}
    found["JIM_DATA_DIR"] = str(folder / "data")
    spare_certificate(folder / "data")
    return found | variables


def marked(mark: str) -> list[psutil.Process]:
    """Return all processes that have inherited a launcher's mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until_gone(mark: str) -> None:
    """Wait until no process has the mark; fail when one survives."""
    deadline = time.monotonic() + PATIENCE
    while left := marked(mark):
        assert time.monotonic() < deadline, f"survivors: {left}"


class Launcher:
    """A running launcher. What it writes is collected in `seen`."""

    def __init__(
        self, process: subprocess.Popen[bytes], folder: Path, mark: str, screen: int
    ) -> None:
        self.process = process
        self.folder = folder
        self.mark = mark
        self.seen = ""
        self._screen = screen

    @property
    def log(self) -> str:
        return (self.folder / "logs" / "client.log").read_text("utf-8")

    def type(self, line: str) -> None:
        """Type a line, or write it into the pipe."""
        if self.process.stdin is None:
            os.write(self._screen, line.encode() + b"\n")
        else:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def end_input(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def wait_for(self, pattern: str, after: int = 0) -> re.Match[str]:
        """Return the first match in what is written, from position `after` on."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.compile(pattern, re.M).search(self.seen, after)):
            left = deadline - time.monotonic()
            assert left > 0, f"no {pattern!r} in:\n{self.seen}"
            assert self._read(left), f"the end before {pattern!r}:\n{self.seen}"
        return found

    def do(self, line: str, pattern: str) -> re.Match[str]:
        """Type a line; return the first match in what comes after it."""
        after = len(self.seen)
        self.type(line)
        return self.wait_for(pattern, after)

    def wait(self) -> int:
        """Read to the end; return the exit code."""
        while self._read(PATIENCE):
            pass
        return self.process.wait(PATIENCE)

    def children(self) -> list[psutil.Process]:
        return [one for one in marked(self.mark) if one.pid != self.process.pid]

    def child(self, *words: str) -> psutil.Process:
        """Return the one process with these words in its command line, guards aside."""
        found = []
        for one in self.children():
            with suppress(psutil.Error):
                line = one.cmdline()
                if all(word in " ".join(line) for word in words) and (
                    "--guard" not in line
                ):
                    found.append(one)
        assert len(found) == 1, found
        return found[0]

    def _read(self, seconds: float) -> bool:
        """Read what there is; False at the end."""
        ready, _, _ = select.select([self._screen], [], [], seconds)
        try:
            data = os.read(self._screen, 65536) if ready else b""
        except OSError:
            # A pseudo-terminal whose other side is closed.
            data = b""
        self.seen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


@contextmanager
def run_launcher(
    folder: Path, *flags: str, on_terminal: bool = False, **variables: str
) -> Iterator[Launcher]:
    """Run `launcher.py` on a free port while the block lasts; nothing survives it.

    stdout and stderr come as one. `variables` change its environment.
    """
    mark = uuid.uuid4().hex
    environment = private_environment(folder, **{MARK: mark}, **variables)
    command: Sequence[str] = [
        *(sys.executable, str(ROOT / "launcher.py")),
        *("-p", "0", "--log-dir", str(folder / "logs"), *flags),
    ]
    screen, inside = pty.openpty() if on_terminal else os.pipe()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=inside if on_terminal else subprocess.PIPE,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    try:
        yield Launcher(process, folder, mark, screen)
    finally:
        for left in marked(mark):
            with suppress(psutil.Error):
                left.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()
        os.close(screen)
