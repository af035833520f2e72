"""The benchmarks work: small ones, and what they count, not how fast it was."""

import shutil

import pytest

from bench.driver import closed_loop, throughput
from bench.idle import measure_idle
from bench.servers import ngircd, ours


@pytest.mark.parametrize("call_log", [True, False])
def test_every_message_of_a_run_arrives(call_log: bool) -> None:
    with ours("ours", call_log=call_log) as server:
        rate = throughput(server, pairs=3, window=8, count=200)
        assert (rate.arrived, rate.expected) == (600, 600)
        median, p99 = closed_loop(server, 50)
        assert 0 < median <= p99


def test_idle_connections_are_counted_and_their_probes_answered() -> None:
    idle = measure_idle(20, silence=2.0, count=50)
    assert idle.probes_answered == idle.still_connected == 20


@pytest.mark.skipif(
    not (shutil.which("ngircd") or shutil.which("ngircd", path="/usr/sbin")),
    reason="ngircd is not installed (apt install ngircd)",
)
def test_the_other_server_takes_part_where_it_is_installed() -> None:
    with ngircd() as server:
        assert server is not None
        rate = throughput(server, pairs=2, window=8, count=100)
        assert rate.arrived == rate.expected
