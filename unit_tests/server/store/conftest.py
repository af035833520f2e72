"""A new store for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.store.base import Reader
from server.store.sqlite import SqliteStore
from unit_tests.server.store.stores import World, opened, reading


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    with opened(folder) as store:
        yield store


@pytest.fixture
def world(store: SqliteStore) -> World:
    return World(store)


@pytest.fixture
def reader(store: SqliteStore) -> Iterator[Reader]:
    with reading(store) as reader:
        yield reader
