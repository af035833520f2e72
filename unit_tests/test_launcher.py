"""The launcher's entry point: flags, settings, exit codes."""

import logging
from pathlib import Path

import pytest

import launcher
from common import __version__
from launch.program import Plan
from log_config.loader import flush


@pytest.fixture
def plans(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_logging: None
) -> list[Plan]:
    """Keep the plans that would be run; logs go to a temporary folder."""
    kept: list[Plan] = []

    def keep(plan: Plan) -> int:
        kept.append(plan)
        return 0

    monkeypatch.setattr("launch.program.run", keep)
    monkeypatch.setenv("JIM_LOG_DIR", str(tmp_path))
    monkeypatch.setattr(logging, "shutdown", lambda *_: flush("client"))
    return kept


def test_the_help_leads_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        launcher.main(["--help"])
    assert end.value.code == 0
    usage, _, rest = capsys.readouterr().out.partition("examples:\n")
    assert len(usage.splitlines()) <= 2
    assert rest.startswith("  launcher.py")
    for flag in (
        *("--clients", "--names", "--port", "--no-server", "--start", "--terminal"),
        *("--demo", "--seconds", "--version"),
    ):
        assert flag in rest


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        launcher.main(["--version"])
    assert capsys.readouterr().out == f"{__version__}\n"


def test_flags_become_a_plan(plans: list[Plan]) -> None:
    flags = ["--names", "ann", "ben", "-p", "8888", "--no-server", "--start"]
    assert launcher.main(flags) == 0
    plan = plans[0]
    assert plan.names == ["ann", "ben"]
    assert (plan.settings.port, plan.settings.server) == (8888, False)
    assert (plan.start, plan.demo) == (True, False)


def test_the_environment_is_read_and_a_flag_is_stronger(
    plans: list[Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIM_CLIENTS", "5")
    monkeypatch.setenv("JIM_NAMES", "zoe")
    # The other programs' are no fault of this one.
    monkeypatch.setenv("JIM_TEXT_BYTES", "100")
    launcher.main([])
    launcher.main(["--clients", "2"])
    assert [plan.names for plan in plans] == [
        ["zoe", "alice", "bob", "carol", "dave"],
        ["zoe", "alice"],
    ]


def test_a_settings_file_may_be_shared_with_the_other_programs(
    plans: list[Plan], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "server.yaml").write_text("port: 9999\nrooms: 5\n")
    monkeypatch.setenv("JIM_SETTINGS", str(tmp_path / "server.yaml"))
    assert launcher.main([]) == 0
    assert plans[0].settings.port == 9999


def test_what_is_in_force_can_be_shown(
    plans: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    assert launcher.main(["--names", "ann", "--show-settings"]) == 0
    shown = capsys.readouterr().out
    assert "ann" in shown
    assert "flag --names" in shown
    assert not plans


def test_three_clients_when_nobody_says_how_many(plans: list[Plan]) -> None:
    launcher.main([])
    assert plans[0].names == ["alice", "bob", "carol"]


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--clients", "0"], 2),
        (["--clients", "many"], 2),
        (["--port", "70000"], 2),
        (["--names", "a b"], 0),
        (["--names", "a/b"], 2),
    ],
)
def test_a_wrong_value_is_one_sentence(
    plans: list[Plan], flags: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launcher.main(flags) == code
    assert len(capsys.readouterr().err.splitlines()) == (1 if code else 0)


def test_an_unknown_flag_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        launcher.main(["--clinets", "3"])
    assert end.value.code == 2


def test_a_wrong_variable_is_a_wrong_setting(
    plans: list[Plan],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JIM_CLIENTS", "lots")
    assert launcher.main([]) == 78
    assert "JIM_CLIENTS" in capsys.readouterr().err


def test_a_fault_of_ours_is_a_sentence_and_in_the_log_a_traceback(
    plans: list[Plan],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def fail(plan: Plan) -> int:
        raise KeyError("secret")

    monkeypatch.setattr("launch.program.run", fail)
    assert launcher.main([]) == 1
    told = capsys.readouterr().err
    assert told == "launcher.py: a fault of ours; the log says where\n"
    written = (tmp_path / "client.log").read_text()
    assert "a fault of ours ended the program | " in written
    assert "KeyError" in written
    assert "secret" not in written
