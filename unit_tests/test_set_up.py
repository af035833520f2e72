"""What `make` does before anything else, with a stand-in for Python's venv and pip."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.helpers import PATIENCE, ROOT, clean_environment

# As it is where python3-venv is not installed: the folder is there, and is no use.
_FAILS = 'echo "ensurepip is not available" >&2; exit 1'
_HANGS = "touch started; sleep 99"
_WORKS = 'cp "$0.pip" "$3/bin/python"'

_PYTHON = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exec PYTHON "$@"
mkdir -p "$3/bin" && touch "$3/pyvenv.cfg"
"""
_ITS_PIP = """#!/bin/sh
[ "$1 $2" = "-m pip" ] || exec PYTHON "$@"
echo "$@" >> asked
"""


@pytest.fixture
def checkout() -> Iterator[Path]:
    """Give a folder, which anybody may enter, with what is to be set up."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for name in ("set_up.sh", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        for name in ("requirements.lock", "requirements-dev.lock"):
            (folder / name).touch()
        yield folder


def write_python(folder: Path, venv: str = _WORKS, pip: str = "") -> str:
    """Write a Python of which `-m venv` and the new one's `-m pip` do as told."""
    path = folder / "python"
    for file, text in ((path, _PYTHON + venv), (folder / "python.pip", _ITS_PIP + pip)):
        file.write_text(text.replace("PYTHON", sys.executable) + "\n")
        file.chmod(0o755)
    return str(path)


def start(
    folder: Path, python: str, goal: str = ".run", user: int | None = None
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["sh", str(folder / "set_up.sh"), goal],
        cwd="/",
        env=clean_environment(PYTHON=python, VENV=".venv", LOCKED="yes"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        user=user,
    )


def set_up(folder: Path, python: str, goal: str = ".run") -> tuple[int, str]:
    """Return the exit code, and what was said."""
    with start(folder, python, goal) as process:
        said = process.communicate(timeout=PATIENCE)[1]
    return process.returncode, said


def test_it_installs_what_the_lock_file_names_and_then_has_nothing_to_do(
    checkout: Path,
) -> None:
    python = write_python(checkout)
    code, said = set_up(checkout, python)
    assert (code, said) == (
        0,
        "Setting up .venv, once; it takes about half a minute.\n",
    )
    asked = (checkout / "asked").read_text()
    assert "--require-hashes --requirement requirements.lock\n" in asked
    assert set_up(checkout, python) == (0, "")
    assert (checkout / "asked").read_text() == asked
    after = (checkout / ".venv" / ".run").stat().st_mtime + 1
    os.utime(checkout / "requirements.lock", (after, after))
    assert set_up(checkout, python) == (0, "Bringing .venv up to date.\n")
    assert (checkout / "asked").read_text() == asked * 2
    assert set_up(checkout, python, ".dev") == (0, "Bringing .venv up to date.\n")
    assert "--requirement requirements-dev.lock\n" in (checkout / "asked").read_text()


def test_a_half_made_environment_is_removed_with_the_reason(checkout: Path) -> None:
    code, said = set_up(checkout, write_python(checkout, venv=_FAILS))
    assert code == 1
    _, reason, sentence = said.splitlines()
    assert reason == "ensurepip is not available"
    assert sentence.endswith("could not be made; the reason stands above.")
    assert not (checkout / ".venv").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "pyvenv.cfg").touch()
    (checkout / ".venv" / ".run").touch()
    code, said = set_up(checkout, write_python(checkout))
    assert code == 0
    assert said.startswith("The Python of .venv does not work any more: .venv is made")
    assert (checkout / "asked").exists()


def test_packages_that_can_not_be_had_leave_what_there_was(checkout: Path) -> None:
    python = write_python(checkout, pip="echo 'no network' >&2; exit 1")
    code, said = set_up(checkout, python)
    assert code == 1
    assert "no network\nThe packages could not be installed; the reason" in said
    assert (checkout / ".venv" / "bin").exists()
    assert not (checkout / ".venv" / ".run").exists()


@pytest.mark.parametrize(("venv", "pip"), [(_HANGS, ""), (_WORKS, _HANGS)])
def test_ctrl_c_leaves_nothing_and_shows_no_traceback(
    checkout: Path, venv: str, pip: str
) -> None:
    with start(checkout, write_python(checkout, venv, pip)) as process:
        deadline = time.monotonic() + PATIENCE
        while not (checkout / "started").exists():
            assert time.monotonic() < deadline
        # As a terminal does it: to all that run in front.
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130
    assert said.splitlines()[1:] == ["", "Not set up; the next time begins anew."]
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("nowhere", "There is no nowhere here. On Debian:\n  apt install python3 "),
        ("old", "Python 3.11 or newer is needed, and old is older. "),
        ("bare", "bare has no venv. On Debian:\n  apt install python3-venv\n"),
    ],
)
def test_a_python_that_will_not_do_is_told_with_what_to_type(
    checkout: Path, python: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacks = {"old": "version_info", "bare": "ensurepip"}
    for name, word in lacks.items():
        file = checkout / name
        spoilt = f'case "$2" in *{word}*) exit 1; esac; exec {sys.executable} "$@"'
        file.write_text(f"#!/bin/sh\n{spoilt}\n")
        file.chmod(0o755)
    monkeypatch.setenv("PATH", str(checkout), prepend=os.pathsep)
    code, found = set_up(checkout, python)
    assert code == 1
    assert found.startswith(said)
    assert found.splitlines()[1].startswith("  ")
    assert not (checkout / ".venv").exists()


def test_a_newer_python_is_named_only_where_it_starts(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, does in (
        ("old", f'case "$2" in *version*) exit 1; esac; exec {sys.executable} "$@"'),
        ("python3.14", "exit 127"),
        ("python3.13", f'exec {sys.executable} "$@"'),
    ):
        (checkout / name).write_text(f"#!/bin/sh\n{does}\n")
        (checkout / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(checkout), prepend=os.pathsep)
    code, said = set_up(checkout, "old")
    assert code == 1
    assert said.endswith("This one will do:\n  make run PYTHON=python3.13\n")


def test_a_checkout_that_can_not_be_written_is_named(checkout: Path) -> None:
    python = write_python(checkout)
    checkout.chmod(0o555)
    # The administrator may write everywhere.
    user = 65534 if os.getuid() == 0 else None
    with start(checkout, python, user=user) as process:
        said = process.communicate(timeout=PATIENCE)[1]
    checkout.chmod(0o755)
    assert process.returncode == 1
    assert said.splitlines()[:2] == [
        "This folder can't be written, so nothing can be set up in it:",
        f"  {checkout}",
    ]
