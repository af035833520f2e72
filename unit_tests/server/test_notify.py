"""The service manager is told what happens, over a real datagram socket."""

import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.notify import Notifier
from unit_tests.helpers import PATIENCE


@pytest.fixture(params=["file", "abstract"])
def manager(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd has one, and the name under which a service finds it."""
    name = str(tmp_path / "notify")
    if request.param == "abstract":
        name = f"@jim-test-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.bind(name.replace("@", "\0", 1))
        yield sock, name


def heard(sock: socket.socket) -> dict[str, str]:
    return dict(line.split("=", 1) for line in sock.recv(4096).decode().splitlines())


def is_silent(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        sock.recv(4096)
    except BlockingIOError:
        return True
    finally:
        sock.settimeout(PATIENCE)
    return False


def test_a_life_is_told_in_order(manager: tuple[socket.socket, str]) -> None:
    sock, name = manager
    environment = {"NOTIFY_SOCKET": name}
    notifier = Notifier(environment)
    notifier.ready("listening on port 7777")
    assert heard(sock) == {"READY": "1", "STATUS": "listening on port 7777"}
    notifier.reloading(12.5)
    assert heard(sock) == {"RELOADING": "1", "MONOTONIC_USEC": "12500000"}
    notifier.stopping()
    assert heard(sock)["STOPPING"] == "1"
    notifier.close()
    notifier.ready("too late")
    assert is_silent(sock)
    # Processes that we start are not the service.
    assert environment == {}


def test_a_watchdog_is_fed_twice_as_often_as_it_wants(
    manager: tuple[socket.socket, str],
) -> None:
    sock, name = manager
    notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "10000000"})
    assert notifier.has_watchdog
    fed = []
    for now in range(100, 121):
        notifier.turned(float(now))
        if not is_silent(sock):
            fed.append(now)
    assert fed == [100, 105, 110, 115, 120]
    notifier.close()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid() + 1)},
    ],
)
def test_a_watchdog_that_is_not_ours_is_not_fed(
    manager: tuple[socket.socket, str], more: dict[str, str]
) -> None:
    sock, name = manager
    notifier = Notifier({"NOTIFY_SOCKET": name, **more})
    assert not notifier.has_watchdog
    notifier.turned(1e9)
    assert is_silent(sock)
    notifier.close()


def test_a_watchdog_meant_for_us_is_fed(manager: tuple[socket.socket, str]) -> None:
    sock, name = manager
    mine = {"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}
    notifier = Notifier({"NOTIFY_SOCKET": name, **mine})
    notifier.turned(5.0)
    assert heard(sock) == {"WATCHDOG": "1"}
    notifier.close()


def test_without_a_manager_nothing_is_told(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
        notifier = Notifier(environment)
        notifier.ready("x")
        notifier.stopping()
        notifier.close()
