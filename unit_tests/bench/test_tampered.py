"""A tampered server differs from ours in its clock and its disk, when told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.restarts import Outlet, outlet
from bench.tampered import Switches
from unit_tests.helpers import Peer

_HOUR = 3600.0


@contextmanager
def tampered(folder: Path) -> Iterator[tuple[Outlet, Switches]]:
    """Run a server under switches that are all off."""
    switches = Switches(folder / "switches")
    with outlet(folder) as server:
        server.tamper(folder / "switches")
        server.start()
        yield server, switches
        server.stop()
        assert server.mistakes() == []


def say(peer: Peer, number: int, text: str = "hi") -> tuple[int, float]:
    """Say something to oneself's room; return the code and the server's time."""
    peer.say("#all", text, id=number)
    answer = peer.wait_for(lambda found: found.get("id") == number)
    return answer["response"], answer["time"]


def test_clock_and_disk_follow_the_switches_at_once(tmp_path: Path) -> None:
    with tampered(tmp_path) as (server, switches), Peer(server.port) as alice:
        alice.sign_in("alice", device="d")
        code, before = say(alice, 1)
        switches.turn(shift=_HOUR)
        _, after = say(alice, 2)
        assert code == 200
        assert after - before == pytest.approx(_HOUR, abs=60)
        switches.turn(full=True)
        long = "x" * 16_000
        codes = [say(alice, number, long)[0] for number in range(3, 10)]
        assert codes[-1] == 500
        switches.turn(full=False)
        assert say(alice, 10)[0] == 200
        assert switches.shift == _HOUR


def test_what_a_forgetful_server_acknowledged_is_gone(tmp_path: Path) -> None:
    with tampered(tmp_path) as (server, switches):
        with Peer(server.port) as alice:
            alice.sign_in("alice", device="d")
            switches.turn(forgets=True)
            assert say(alice, 1)[0] == 200
        server.pull()
        switches.turn(forgets=False)
        server.start()
        with Peer(server.port) as alice:
            assert alice.sign_in("alice", device="d")["session"]["last_id"] == 0
