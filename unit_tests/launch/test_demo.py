"""The demo's clients against a real server, in this process."""

import asyncio

import pytest

from common.names import Name
from errors import Refused, SettingsError, Unreachable
from launch.demo import Demo, check_size
from launch.local_server import Place
from launch.tally import Summary
from unit_tests.helpers import run_server

NAMES = [Name("alice"), Name("bob"), Name("Ян")]


def run_demo(port: int, show: list[str]) -> Summary:
    async def live() -> Summary:
        return await Demo(NAMES, Place("127.0.0.1", port), show.append).run(0.1)

    return asyncio.run(live())


def test_everything_arrives_once_and_is_shown_once() -> None:
    shown: list[str] = []
    with run_server() as server:
        summary = run_demo(server.port, shown)
    assert summary.is_good
    # Two rounds: one to the room, which the two others get, and one to somebody.
    assert (summary.sent, summary.expected, len(shown)) == (6, 9, 6)


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
