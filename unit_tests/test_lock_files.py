"""The lock files hold all that the project asks for, by hash, from no named place."""

import re
import tomllib
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from unit_tests.helpers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUNNING = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
DEVELOPING = [*RUNNING, *PROJECT["project"]["optional-dependencies"]["dev"]]
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


class Locked(NamedTuple):
    """An entry of a lock file: exactly one version, by its hashes."""

    requirement: Requirement
    hashes: frozenset[str]


def read(name: str) -> dict[str, Locked]:
    """Return a lock file's entries by their packages' names."""
    entries: dict[str, Locked] = {}
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement = Requirement(line.partition("--hash")[0])
            hashes = frozenset(_HASH.findall(line))
            entries[canonicalize_name(requirement.name)] = Locked(requirement, hashes)
    return entries


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("requirements.lock", RUNNING), ("requirements-dev.lock", DEVELOPING)],
)
def test_a_lock_file_has_what_is_asked_for_in_a_version_that_fits(
    name: str, wanted: list[str]
) -> None:
    locked = read(name)
    for line in wanted:
        asked = Requirement(line)
        (exactly,) = locked[canonicalize_name(asked.name)].requirement.specifier
        assert exactly.operator == "=="
        assert exactly.version in asked.specifier


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_nothing_is_installed_without_a_hash_or_from_a_place_that_is_named(
    name: str,
) -> None:
    assert all(entry.hashes for entry in read(name).values())
    assert "://" not in (ROOT / name).read_text("utf-8")


def test_what_is_tested_is_what_runs() -> None:
    running, developing = read("requirements.lock"), read("requirements-dev.lock")
    assert {name: developing.get(name) for name in running} == running


def test_what_builds_the_package_is_locked_too() -> None:
    asked = PROJECT["dependency-groups"]["build"]
    assert asked == PROJECT["build-system"]["requires"]
