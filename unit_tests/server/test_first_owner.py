"""The first start: how the owner gets in."""

import os
import pty
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.join_line import read_join_line
from common.names import Secret
from server.events import Registered
from server.first_owner import invite_owner
from server.handlers.admin_table import carry_out
from server.passwords import hash_password
from server.place import Place, join_lines
from unit_tests.helpers import PATIENCE
from unit_tests.server.kept_worlds import KeptWorld
from unit_tests.server.people_of_a_hub import PASSWORD, World, only

PLACE = Place(("192.0.2.1", "198.51.100.1", "127.0.0.1"), 7777, "A" * 43)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[KeptWorld]:
    world = KeptWorld(tmp_path / "data")
    world.hub.place = PLACE
    yield world
    world.close()


def file_of(world: KeptWorld) -> Path:
    return world.folder / "owner-invitation"


def test_without_a_terminal_it_stands_in_a_file_of_ours(
    world: KeptWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    invite_owner(world.hub, world.folder)
    said = capsys.readouterr().err
    assert f"the line in\n  {file_of(world)}\n" in said
    assert "my_client.py join\nelsewhere," in said
    assert "\n  make client\n" in said
    assert said.startswith("who comes in: everybody who reaches the port, ")
    assert "inv_" not in said
    assert file_of(world).stat().st_mode & 0o777 == 0o600
    first, second = file_of(world).read_text().splitlines()
    assert read_join_line(Secret(first)).host == "192.0.2.1"
    assert read_join_line(Secret(second)).host == "198.51.100.1"


def test_a_terminal_shows_it(world: KeptWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "w") as terminal:
        monkeypatch.setattr("sys.stderr", terminal)
        invite_owner(world.hub, world.folder)
        seen = b""
        while b"192.0.2.1:7777#AAA" not in seen:
            assert select.select([ours], [], [], PATIENCE)[0], seen
            seen += os.read(ours, 4096)
        monkeypatch.undo()
    os.close(ours)
    assert not file_of(world).exists()


def test_whoever_takes_it_is_the_owner_and_the_file_goes(world: KeptWorld) -> None:
    from server.events import Register

    invite_owner(world.hub, world.folder)
    line = read_join_line(Secret(file_of(world).read_text().splitlines()[0]))
    made = world.newcomer().asks(Register("alice", PASSWORD, invite=line.invite))
    assert only(made, Registered).token is not None
    rows = carry_out(world.hub, "user.list", {})["rows"]
    assert [row["role"] for row in rows] == ["owner"]
    invite_owner(world.hub, world.folder)
    assert not file_of(world).exists()
    assert carry_out(world.hub, "invite.list", {})["rows"] == []


def test_it_is_made_once_until_it_has_ended(
    world: KeptWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    invite_owner(world.hub, world.folder)
    first = file_of(world).read_text()
    capsys.readouterr()
    invite_owner(world.hub, world.folder)
    assert file_of(world).read_text() == first
    said = capsys.readouterr().err
    assert f"still good\nand stands in\n  {file_of(world)}\nanother one" in said
    where = f"--data-dir {world.folder}"
    assert said.endswith(f"my_server.py {where} invite --role owner\n")
    world.pass_time(86_400 + 1)
    invite_owner(world.hub, world.folder)
    assert file_of(world).read_text() != first


def test_an_owner_needs_none(
    world: KeptWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"name": "alice", "password": hash_password(PASSWORD), "role": "owner"}
    carry_out(world.hub, "user.add", asked)
    invite_owner(world.hub, world.folder)
    assert capsys.readouterr().err == ""
    assert not file_of(world).exists()


def test_a_server_that_keeps_nothing_has_no_owner(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invite_owner(World().hub, tmp_path)
    said = capsys.readouterr().err
    assert said.startswith("who comes in: everybody who reaches the port")
    assert "owner" not in said


def test_a_server_for_this_machine_only_has_a_line_for_it() -> None:
    lines = join_lines(Place(("127.0.0.1", "::1"), 7777), Secret("inv_x"))
    assert lines == ["127.0.0.1:7777#&invite=inv_x"]
