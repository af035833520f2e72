"""Who has signed in, by the word of a real server."""

import asyncio
from pathlib import Path

from common.names import Name
from launch.presence import state_of, wait_until_in
from unit_tests.helpers import run_server

_NAMES = [Name("Alice"), Name("bob")]


def ask(folder: Path, port: int, *running: Name) -> list[Name] | None:
    """Return what is found while only the clients of `running` go on."""
    return asyncio.run(wait_until_in(folder, port, _NAMES, running.__contains__))


def test_who_has_signed_in_is_told_and_who_has_ended_is_not_waited_for() -> None:
    with run_server() as server, server.signed_in("alice"):
        assert ask(server.folder / "data", server.port, Name("Alice")) == ["Alice"]
        with server.signed_in("bob"):
            assert ask(server.folder / "data", server.port, *_NAMES) == _NAMES


def test_only_the_server_at_that_port_is_believed(tmp_path: Path) -> None:
    assert ask(tmp_path, 7777) is None
    with run_server() as server, server.signed_in("alice"):
        folder = server.folder / "data"
        assert ask(folder, server.port + 1, Name("bob")) is None
        assert asyncio.run(state_of(folder, server.port + 1)) is None
        state = asyncio.run(state_of(folder, server.port))
        assert state is not None
        assert state["people_here"] == 1
