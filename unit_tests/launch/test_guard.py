"""The guard as a process, with this test as its launcher."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
import pytest

from launch.guard import Greeting, Report
from unit_tests.helpers import PATIENCE, ROOT

SLEEP = [sys.executable, "-c", "import time; time.sleep(99)"]


class Guard:
    """A guard that has called; `calls` reads its reports."""

    def __init__(
        self, process: subprocess.Popen[str], line: socket.socket, folder: Path
    ) -> None:
        self.process = process
        self.line = line
        self._calls = line.makefile("rb")
        greeting = Greeting({**os.environ, "MARK": "7"}, str(folder), str(folder))
        line.sendall(msgspec.json.encode(greeting) + b"\n")

    def next_report(self) -> Report:
        return msgspec.json.decode(self._calls.readline(), type=Report)

    def hang_up(self) -> None:
        self._calls.close()
        self.line.close()


@contextmanager
def guarding(folder: Path, *command: str) -> Iterator[Guard]:
    path = folder / "sockets" / "1.sock"
    path.parent.mkdir()
    program = [sys.executable, str(ROOT / "launcher.py"), "--guard", str(path), "--"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(PATIENCE)
        with subprocess.Popen(
            [*program, *command],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                line = listener.accept()[0]
                line.settimeout(PATIENCE)
                guard = Guard(process, line, folder)
                yield guard
                guard.hang_up()
                process.wait(PATIENCE)
            finally:
                process.kill()


def test_the_client_runs_in_the_launchers_environment_and_its_end_is_told(
    tmp_path: Path,
) -> None:
    source = "import os, sys; print(os.getcwd(), os.environ['MARK']); sys.exit(3)"
    with guarding(tmp_path, sys.executable, "-c", source) as guard:
        first = guard.next_report()
        assert first.guard == guard.process.pid
        assert first.client
        assert guard.next_report() == Report(ended=3)
        assert guard.process.wait(PATIENCE) == 3
        assert guard.process.stdout
        assert guard.process.stdout.read() == f"{tmp_path} 7\n"
    calls = (tmp_path / "client.log").read_text()
    assert "launch.guard._Guard._run_client(" in calls


def test_the_client_ends_when_the_launcher_says_so(tmp_path: Path) -> None:
    with guarding(tmp_path, *SLEEP) as guard:
        client = psutil.Process(guard.next_report().client)
        guard.line.sendall(b"x")
        assert guard.next_report() == Report(ended=-signal.SIGTERM)
        client.wait(PATIENCE)
        assert (tmp_path / "sockets" / "1.sock").exists()


def test_the_client_ends_when_the_launcher_is_gone_and_its_sockets_too(
    tmp_path: Path,
) -> None:
    with guarding(tmp_path, *SLEEP) as guard:
        client = psutil.Process(guard.next_report().client)
        guard.hang_up()
        guard.process.wait(PATIENCE)
        client.wait(PATIENCE)
        assert not (tmp_path / "sockets").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_the_client_ends_with_its_guard(tmp_path: Path, number: signal.Signals) -> None:
    with guarding(tmp_path, *SLEEP) as guard:
        client = psutil.Process(guard.next_report().client)
        guard.process.send_signal(number)
        client.wait(PATIENCE)


def test_a_client_that_can_not_be_started_is_told(tmp_path: Path) -> None:
    with guarding(tmp_path, "/nowhere/client") as guard:
        assert guard.next_report().problem == (
            "/nowhere/client: No such file or directory"
        )


def test_without_a_launcher_no_client_is_started(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "launcher.py"), "--guard", "nowhere", "--", "env"],
        cwd=tmp_path,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout, done.stderr) == (69, b"", b"")
