"""The demo's clients against a real server, in this process."""

import asyncio
import re
from pathlib import Path

import pytest

from client.tls import Trust
from common.launcher_settings import LauncherSettings
from common.names import Name
from errors import Refused, SettingsError, Unreachable
from launch.demo import Demo, check_size, trust_of, wanted_fingerprint
from launch.local_server import Place
from launch.tally import Summary
from unit_tests.helpers import run_server

NAMES = [Name("alice"), Name("bob"), Name("Ян")]


def run_demo(port: int, show: list[str], trust: Trust | None = None) -> Summary:
    async def live() -> Summary:
        place = Place("127.0.0.1", port)
        return await Demo(NAMES, place, show.append, trust).run(0.1)

    return asyncio.run(live())


def test_everything_arrives_once_and_is_shown_once() -> None:
    shown: list[str] = []
    with run_server() as server:
        summary = run_demo(server.port, shown)
    assert summary.is_good
    # Two rounds: one to the room, which the two others get, and one to somebody.
    assert (summary.sent, summary.expected, len(shown)) == (6, 9, 6)


def test_by_tls_the_launchers_own_server_is_known_and_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = LauncherSettings(tls=True)
    with run_server() as server:
        found = re.search(r"SHA256:[\w-]+", server.start_line)
        assert found is not None
        stranger = Place("127.0.0.1", server.port)
        own = stranger._replace(fingerprint=found[0])
        with pytest.raises(Refused, match="is not known here, and nothing was sent"):
            run_demo(server.port, [], trust_of(settings, stranger))
        assert run_demo(server.port, [], trust_of(settings, own)).is_good
        assert run_demo(server.port, [], trust_of(settings, stranger)).is_good


def test_without_tls_a_server_of_this_machine_needs_no_certificate() -> None:
    own = Place("127.0.0.1", 1, None, "SHA256:x")
    assert wanted_fingerprint(LauncherSettings(), own) == ""


def test_a_server_that_takes_no_text_this_long_loses_nothing_silently() -> None:
    shown: list[str] = []
    with run_server("--text-bytes", "20") as server:
        summary = run_demo(server.port, shown)
    assert summary.lost == summary.expected > 0
    assert all("not taken: the text is longer than" in line for line in shown)
    assert not summary.is_good


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        run_demo(1, [])


def test_a_server_with_no_room_left_refuses() -> None:
    with run_server("--rooms", "1") as server, pytest.raises(Refused):
        run_demo(server.port, [])


def test_it_takes_two() -> None:
    with pytest.raises(SettingsError):
        check_size([Name("alice")])
