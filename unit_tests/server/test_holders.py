"""Who has a port or a locked file, as far as the system tells it."""

import fcntl
import os
import signal
import socket
from pathlib import Path

import pytest

import server.holders
from server.holders import holder_of_file, holder_of_port
from unit_tests.helpers import run_server


def test_a_server_is_named_by_its_program() -> None:
    with run_server() as running:
        holder = holder_of_port(running.port)
        assert holder is not None
        assert holder.command == "my_server.py"
        assert str(holder) == f"my_server.py, pid {holder.pid}"
        assert holder_of_file(running.folder / "data" / "messenger.lock") == holder
        # What it says to type, does it.
        os.kill(int(holder.cure.split()[-1]), signal.SIGTERM)
        assert running.wait() == 0


def test_of_several_at_one_port_it_is_who_stands_in_the_way() -> None:
    with socket.create_server(("127.0.0.2", 0)) as ours:
        port = ours.getsockname()[1]
        with run_server("-p", str(port), "-a", "127.0.0.1"):
            theirs = holder_of_port(port, "127.0.0.1")
            assert theirs is not None
            assert not theirs.is_us
            found = holder_of_port(port, "127.0.0.2")
            assert found is not None
            assert found.is_us


def test_nobody_has_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert holder_of_port(port) is None


def test_nobody_holds_a_file_without_a_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    assert holder_of_file(path) is None
    with path.open("w") as file:
        assert holder_of_file(path) is None
        fcntl.flock(file, fcntl.LOCK_EX)
        found = holder_of_file(path)
        assert found is not None
        assert found.pid == os.getpid()
        # Another system than Linux.
        monkeypatch.setattr(server.holders, "_LOCKS", tmp_path / "none")
        assert holder_of_file(path) is None
