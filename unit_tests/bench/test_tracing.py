"""Where nothing can be recorded, it is said why."""

from pathlib import Path

import pytest

from bench.powercut import main
from bench.tracing import why_not_here


def test_a_machine_without_strace_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why_not_here() == "strace is not installed (Debian: apt install strace)"
    assert main([]) == 1
    assert "strace is not installed" in capsys.readouterr().err


def test_the_reason_for_which_strace_may_not_trace_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "strace"
    program.write_text("#!/bin/sh\necho 'Operation not permitted' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert why_not_here() == "strace may not trace here: Operation not permitted"
