"""A hub on a database of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.store import wal
from unit_tests.server.kept_worlds import KeptWorld


@pytest.fixture(autouse=True)
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each store a log of 0.5 MiB instead of 8: it is written at each opening."""
    monkeypatch.setattr(wal, "_TARGET", 250)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data")
    yield world
    world.close()
