"""The crash tests in a short form: promises hold, and who breaks them is found out."""

from pathlib import Path

import pytest

from bench import crash
from bench.cuts import cut_everywhere
from bench.dying import kill_clients
from bench.filling import fill_disk, may_mount
from bench.judge import Breach, Promise, counts
from bench.killing import kill_server
from bench.outcome import Outcome
from bench.slow import stop_reading

_SEED = 3


@pytest.fixture(autouse=True)
def hasty_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients come back sooner than anybody would want in life."""
    monkeypatch.setattr("client.connection._FIRST_PAUSE_SECONDS", 0.05)


def check(outcome: Outcome) -> None:
    assert outcome.breaches == []
    assert outcome.troubles == []


def test_nothing_is_lost_doubled_or_swapped_when_the_server_is_killed(
    tmp_path: Path,
) -> None:
    outcome = kill_server(tmp_path, 2, _SEED, devices=6)
    check(outcome)
    assert outcome.figures["kills"] == "2"


def test_ids_carry_the_order_when_the_clock_goes_back_an_hour(tmp_path: Path) -> None:
    outcome = kill_server(tmp_path, 1, _SEED, devices=3, set_back=True)
    check(outcome)
    assert float(outcome.figures["hours back"]) > 0.9


def test_a_server_that_forgets_what_it_acknowledged_is_found_out(
    tmp_path: Path,
) -> None:
    found = counts(kill_server(tmp_path, 1, _SEED, devices=3, forgets=True).breaches)
    assert found[Promise.FILE] > 0


def test_a_killed_client_goes_on_from_its_archive(tmp_path: Path) -> None:
    outcome = kill_clients(tmp_path, 1, _SEED, devices=3)
    check(outcome)
    assert outcome.figures["kills"] == "3"


def test_a_connection_may_be_cut_after_any_byte(tmp_path: Path) -> None:
    outcome = cut_everywhere(tmp_path, _SEED, step=211)
    check(outcome)
    assert int(outcome.figures["cuts"]) > 50


def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    if not may_mount(tmp_path):
        pytest.skip("a small file system can't be mounted here; see the next test")
    check(fill_disk(tmp_path, 1, _SEED, devices=12))


def test_a_database_that_may_not_grow_refuses_and_loses_nothing(tmp_path: Path) -> None:
    check(fill_disk(tmp_path, 2, _SEED, devices=4, mount=False))


def test_a_reader_that_stops_is_told_so_and_comes_back_to_everything(
    tmp_path: Path,
) -> None:
    check(
        stop_reading(tmp_path, 2_000, characters=8_000, owed_bytes=100_000, fair=False)
    )


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome({"kills": "1"}, [], []), 0),
        (Outcome({}, [Breach(Promise.LOST, "p1_1", "it has not got p2_1's 7")], []), 1),
        (Outcome({}, [], ["the server did not live through it"]), 1),
    ],
)
def test_the_exit_code_says_whether_a_promise_was_broken(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: Outcome,
    code: int,
) -> None:
    runs = {"kill": ("the server is killed", lambda *_: outcome)}
    monkeypatch.setattr(crash, "_RUNS", runs)
    assert crash.main(["kill", "--seed", "7"]) == code
    said = capsys.readouterr().out
    assert "seed 7" in said
    assert ("BROKEN: kill" in said) is bool(code)
    for breach in outcome.breaches:
        assert breach.what in said
    for trouble in outcome.troubles:
        assert trouble in said
