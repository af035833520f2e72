"""Whatever happens in a program, its user reads a sentence and its shell a code."""

import io
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest

from errors import ExitCode, NameRefused, SettingsError
from log_config.program import run_program
from unit_tests.helpers import ROOT, clean_environment

LOGGER = logging.getLogger("client.test_program")


def raising(error: BaseException) -> Callable[[], int]:
    """Return work that ends with `error`."""

    def work() -> int:
        raise error

    return work


def test_the_exit_code_of_the_work_is_the_programs() -> None:
    assert run_program("prog", LOGGER, lambda: ExitCode.TIMED_OUT) == 75


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (SettingsError("the port is wrong"), 78, "prog: the port is wrong\n"),
        (NameRefused("it is empty"), 1, "prog: this name can't be used: it is empty\n"),
        (KeyboardInterrupt(), 130, ""),
        (OSError(28, "No space left on device"), 1, "prog: No space left on device\n"),
    ],
)
def test_a_failure_is_a_sentence_and_a_code(
    error: BaseException,
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_program("prog", LOGGER, raising(error)) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == sentence


def test_where_there_is_a_log_a_fault_of_ours_is_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # pytest's own handlers are the log here.
    assert run_program("prog", LOGGER, raising(ValueError("secret"))) == 1
    assert capsys.readouterr().err == "prog: a fault of ours; the log says where\n"


def test_where_there_is_none_the_place_is_told_and_no_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert run_program("prog", LOGGER, raising(ValueError("secret"))) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "prog: a fault of ours; please report it: ValueError in test_program.py, line "
    )
    assert "secret" not in said


@pytest.mark.parametrize("program", ["my_server.py", "my_client.py", "launcher.py"])
def test_the_help_is_readable_on_an_old_terminal(program: str) -> None:
    variables = clean_environment(PYTHONIOENCODING="latin-1")
    ended = subprocess.run(
        [sys.executable, ROOT / program, "--help"], env=variables, capture_output=True
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"\\u2026" in ended.stdout


def test_on_an_old_terminal_a_sentence_is_complete(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding="ascii"))
    assert run_program("prog", LOGGER, raising(SettingsError("no \u2603 here"))) == 78
    sys.stderr.flush()
    assert written.getvalue() == b"prog: no \\u2603 here\n"
