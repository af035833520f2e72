"""A closed terminal ends a server; what keeps services running has it reload."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.hangup import reloads_on_hangup
from unit_tests.helpers import PATIENCE, ROOT, clean_environment, run_server

MANAGED = {"NOTIFY_SOCKET": "/run/notify"}


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    ("choice", "environment", "reloads"),
    [
        ("auto", {}, False),
        ("auto", {"NOTIFY_SOCKET": ""}, False),
        ("auto", MANAGED, True),
        ("auto", {"SUPERVISOR_ENABLED": "1"}, True),
        ("reload", {}, True),
        ("end", MANAGED, False),
    ],
)
def test_who_started_it_decides_unless_a_setting_does(
    choice: str, environment: dict[str, str], reloads: bool
) -> None:
    assert reloads_on_hangup(choice, environment) is reloads


def test_behind_nohup_it_does_not_end() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert reloads_on_hangup("auto", {})


def test_a_hangup_ends_it_cleanly_however_many_say_so() -> None:
    # The shell says it, and the kernel.
    with run_server() as server, server.signed_in("alice") as alice:
        for _ in range(3):
            server.send_signal(signal.SIGHUP)
        assert alice.receive()["alert"] == "the server is going down"
        alice.sock.close()
        assert server.wait() == 0
        assert "its terminal was closed" in server.log()


def test_closing_its_terminal_leaves_nothing_behind(tmp_path: Path) -> None:
    ours, its = pty.openpty()
    command = [sys.executable, str(ROOT / "my_server.py"), "-p", "0", "--tls", "off"]
    with subprocess.Popen(
        # The shell has the terminal, as at home.
        ["setsid", "--ctty", *command, "-a", "127.0.0.1"],
        cwd=tmp_path,
        env=clean_environment(JIM_DATA_DIR="data", JIM_LOG_DIR="logs"),
        stdin=its,
        stdout=its,
        stderr=its,
    ) as process:
        try:
            os.close(its)
            said = b""
            while b"listening on" not in said:
                said += os.read(ours, 4096)
            os.close(ours)
            assert process.wait(PATIENCE) == 0
        finally:
            if process.poll() is None:
                process.kill()
    assert not (tmp_path / "data" / "admin.sock").exists()
