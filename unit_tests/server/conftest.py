"""A hub on a database of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.server.kept_worlds import KeptWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data")
    yield world
    world.close()
