"""The socket of the owner's shell: for its owner alone, and never in the way."""

import os
import socket
import stat
from pathlib import Path

import pytest

from errors import ExitCode, StartError
from server.local_socket import connect_to, listen_at
from unit_tests.helpers import PATIENCE


@pytest.fixture(params=["short", "long"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path
    if request.param == "long":
        folder = tmp_path / ("f" * 120)
        folder.mkdir()
    return folder / "admin.sock"


def test_it_can_be_connected_to(path: Path) -> None:
    with listen_at(path) as listener, connect_to(path, PATIENCE) as shell:
        listener.setblocking(True)
        ours, _ = listener.accept()
        with ours:
            shell.sendall(b"x")
            assert ours.recv(1) == b"x"


def test_it_is_born_closed_to_others(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    bind = socket.socket.bind

    class Watched(socket.socket):
        def bind(self, address: str) -> None:  # type: ignore[override]
            bind(self, address)
            seen.append(stat.S_IMODE(path.stat().st_mode))

    monkeypatch.setattr(socket, "socket", Watched)
    before = os.umask(0)
    try:
        listen_at(path).close()
        assert os.umask(0) == 0, "the umask was not put back"
    finally:
        os.umask(before)
    assert seen == [0o600]


def test_one_that_a_server_left_behind_is_replaced(path: Path) -> None:
    listen_at(path).close()
    assert path.exists()
    with listen_at(path), connect_to(path, PATIENCE):
        pass


def test_one_that_a_server_listens_at_stays(path: Path) -> None:
    with listen_at(path):
        with pytest.raises(StartError, match="another server"):
            listen_at(path)
        connect_to(path, PATIENCE).close()


def test_what_is_no_socket_is_not_removed(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(StartError, match="no socket") as caught:
        listen_at(path)
    assert caught.value.exit_code == ExitCode.SETTINGS
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="--data-dir"):
        listen_at(tmp_path / "none" / "admin.sock")


def test_where_no_server_runs_it_is_told_apart(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        connect_to(path, PATIENCE)
    listen_at(path).close()
    with pytest.raises(ConnectionRefusedError):
        connect_to(path, PATIENCE)
