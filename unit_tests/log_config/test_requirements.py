"""Where a program can't run, its user reads a sentence and what to type."""

import ast
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from log_config import requirements
from unit_tests.helpers import ROOT, clean_environment

PROGRAMS = ("my_server.py", "my_client.py", "launcher.py")
SENTENCES = {
    "sys.version_info = (3, 10, 13)": "Python 3.11 or newer is needed",
    "sys.platform = 'win32'": "this system is Windows",
    "import importlib.util as u; u.find_spec = lambda name: None": (
        "was built without sqlite3 and ssl"
    ),
    "sys.path[:] = [p for p in sys.path if 'site-packages' not in p]": (
        "has no argon2, cryptography, dotenv and 9 more"
    ),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what an entry point needs to get as far as the sentence."""
    for name in (*PROGRAMS, "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    for package in ("common", "log_config"):
        shutil.copytree(ROOT / package, tmp_path / package)
    return tmp_path


def start(
    program: Path, spoils: str, folder: Path
) -> "subprocess.CompletedProcess[str]":
    """Run a program on a Python that lacks something."""
    code = (
        f"import sys, runpy; sys.argv = [{str(program)!r}]; {spoils}; "
        f"sys.path.insert(0, {str(program.parent)!r}); "
        f"runpy.run_path({str(program)!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("spoils", SENTENCES)
def test_what_is_missing_is_a_sentence(name: str, spoils: str, checkout: Path) -> None:
    ended = start(checkout / name, spoils, checkout)
    said, *command = ended.stderr.splitlines()
    assert ended.returncode == 78
    assert said.startswith(f"{name}: ")
    assert SENTENCES[spoils] in said
    assert len(command) == 1


def test_before_the_set_up_it_is_make_run(checkout: Path) -> None:
    ended = start(checkout / "my_server.py", list(SENTENCES)[-1], checkout)
    assert ended.stderr.endswith("\n  make run\n")


def test_a_newer_python_is_named_only_where_it_starts(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binaries = checkout / "bin"
    binaries.mkdir()
    does = {"python3.14": "exit 127", "python3.13": f'exec {sys.executable} "$@"'}
    for name, what in does.items():
        (binaries / name).write_text(f"#!/bin/sh\n{what}\n")
        (binaries / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(binaries), prepend=os.pathsep)
    ended = start(checkout / "my_server.py", next(iter(SENTENCES)), checkout)
    assert ended.stderr.endswith("\n  make run PYTHON=python3.13\n")


def test_from_another_folder_the_command_is_right_there(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    ended = start(checkout / "my_server.py", list(SENTENCES)[-1], elsewhere)
    assert ended.stderr.endswith(f"\n  make -C {checkout} run\n")


def test_behind_the_set_up_it_is_the_python_of_the_environment(checkout: Path) -> None:
    folder = checkout / ".venv"
    (folder / "bin").mkdir(parents=True)
    for name in ("bin/python", ".run"):
        (folder / name).touch()
    for spoils in list(SENTENCES)[:1] + list(SENTENCES)[-2:]:
        ended = start(checkout / "my_client.py", spoils, checkout)
        assert ended.stderr.endswith("\n  .venv/bin/python my_client.py\n")


def test_a_half_made_environment_is_not_named(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch()
    ended = start(checkout / "my_client.py", list(SENTENCES)[-1], checkout)
    assert ended.stderr.endswith("\n  make run\n")


@pytest.mark.parametrize(
    "name", [*PROGRAMS, "common/__init__.py", "log_config/requirements.py"]
)
def test_an_old_python_can_read_as_far_as_the_sentence(name: str) -> None:
    ast.parse((ROOT / name).read_text("utf-8"), feature_version=(3, 6))


def test_what_is_looked_for_is_what_the_project_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {Requirement(line).name.lower() for line in project["dependencies"]}
    of_module = importlib.metadata.packages_distributions()
    found = {of_module[name][0].lower() for name in requirements._PACKAGES}
    assert found == wanted


def test_here_nothing_is_missing() -> None:
    assert requirements.complaint() == ""
    requirements.check(os.fspath(ROOT / "my_server.py"))
