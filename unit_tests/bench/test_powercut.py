"""No power cut and no failing disk takes what was promised: the short form.

`python -m bench.powercut` is the long one. A small program that breaks the promises
in several ways shows that each would be found.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.failing import calls_of_a_start, fail_calls
from bench.images import cut_power
from bench.order import Order, check_order
from bench.powercut import record_talk, study
from bench.record import Record
from bench.tracing import read_record, traced, why_not_here
from unit_tests.helpers import ROOT

REASON = why_not_here()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

IMAGES, ACKNOWLEDGEMENTS = 40, 500


def record_of_teller(folder: Path, way: str) -> Record:
    data, output = folder / "data", folder / "run"
    data.mkdir()
    command = [sys.executable, "-m", "unit_tests.bench.teller", str(data), "100", way]
    subprocess.run(traced(output, command), cwd=ROOT, check=True)
    return read_record(data, [output])


def test_a_program_that_tells_after_the_sync_loses_nothing(tmp_path: Path) -> None:
    record = record_of_teller(tmp_path, "full")
    assert check_order(record) == Order(100, 0, early=0, unwritten=0)
    for verdict, _ in cut_power(record, 150, seed=1):
        assert (verdict.lost, verdict.fault) == (0, "")


@pytest.mark.parametrize("way", ["normal", "early", "behind", "elsewhere"])
def test_a_program_that_tells_before_the_sync_is_caught(
    tmp_path: Path, way: str
) -> None:
    record = record_of_teller(tmp_path, way)
    order = check_order(record)
    assert order.acknowledgements == 100
    assert order.early > 50
    assert order.unwritten == (100 if way == "early" else 0)
    verdicts = [verdict for verdict, _ in cut_power(record, 150, seed=1)]
    assert sum(verdict.lost > 0 for verdict in verdicts) > 10
    assert any(verdict.fault for verdict in verdicts) == (way == "elsewhere")


def test_nothing_promised_is_lost_in_a_power_cut(tmp_path: Path) -> None:
    runs = (signal.SIGKILL, signal.SIGTERM)
    recorded = record_talk(tmp_path, "full", ACKNOWLEDGEMENTS, runs)
    done = study("full", recorded, IMAGES, seed=1, revive=1)
    assert done.broken() == []
    assert done.order.acknowledgements >= ACKNOWLEDGEMENTS
    assert done.order.deliveries > ACKNOWLEDGEMENTS
    assert done.order.early == done.losing == 0
    assert len(done.verdicts) == IMAGES
    assert done.revived == [True]


def test_the_weaker_durability_is_the_control_that_loses(tmp_path: Path) -> None:
    recorded = record_talk(tmp_path, "normal", ACKNOWLEDGEMENTS, (signal.SIGTERM,))
    done = study("normal", recorded, IMAGES, seed=1, revive=0)
    assert done.broken() == []
    assert done.losing > 0
    assert done.order.early > 0
    # The same would not pass for what "full" promises.
    assert len(done._replace(durability="full").broken()) == 2


def test_nobody_is_told_of_anything_once_the_disk_has_failed() -> None:
    before = calls_of_a_start()
    for call, later in {"fdatasync": 20, "pwrite64": 200}.items():
        failure = fail_calls(call, before[call] + later)
        assert failure.broken() == []
        assert failure.exit_code == 74
        assert failure.told_before > 0
        assert failure.told_after == 0
