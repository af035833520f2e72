"""Passwords that are hashed quickly: how slowly is tested at `server.passwords`."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from server import passwords


@pytest.fixture
def slow_hashes() -> None:
    """Hash as the server does, in the test that uses this."""


@pytest.fixture(autouse=True)
def _quick_hashes(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    if "slow_hashes" in request.fixturenames:
        yield
        return
    monkeypatch.setattr(passwords, "_MEMORY_KIB", 8)
    monkeypatch.setattr(passwords, "_ROUNDS", 1)
    monkeypatch.setattr(passwords, "_DUMMY", _DUMMY)
    passwords._hasher.cache_clear()
    yield
    passwords._hasher.cache_clear()


_DUMMY = PasswordHasher(1, 8, 1).hash("nobody's")
