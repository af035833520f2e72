"""What the launcher says to type next."""

from pathlib import Path
from typing import Any

import pytest

from common.join_line import read_join_line
from common.names import Name, Secret
from launch.advice import after_demo, while_it_runs
from launch.local_server import Place
from unit_tests.helpers import ROOT

_PLACE = Place("127.0.0.1", 7777)
_PRINT = "A" * 43


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["launcher.py", "--start"])
    monkeypatch.setattr("sys.executable", str(ROOT / ".venv" / "bin" / "python"))
    monkeypatch.setenv("PATH", "/bin")


def state(*addresses: str) -> dict[str, Any]:
    """Return what a server says of itself."""
    place = {"addresses": addresses, "port": 7777, "fingerprint": _PRINT}
    return {"place": place, "comes_in": {"sentence": "everybody"}}


def commands(rows: list[str]) -> list[str]:
    """Return what is to be typed or pasted."""
    return [row.strip() for row in rows if row.startswith("  ")]


def test_while_it_runs_there_is_a_line_for_here_for_elsewhere_and_for_the_owner(
    tmp_path: Path,
) -> None:
    names = [Name("alice"), Name("bob")]
    told = state("192.0.2.1", "127.0.0.1")
    rows = while_it_runs(names, _PLACE, tmp_path, told)
    client, make, line, invite = commands(rows)
    assert client == ".venv/bin/python my_client.py -n carol"
    assert make == "make client"
    read = read_join_line(Secret(line))
    assert (read.host, read.port, read.fingerprint) == ("192.0.2.1", 7777, _PRINT)
    assert invite == f".venv/bin/python my_server.py --data-dir {tmp_path} invite"
    # As long as there is no owner.
    (tmp_path / "owner-invitation").touch()
    first, *rows = while_it_runs(names, _PLACE, tmp_path, told)
    assert first == "who comes in: everybody"
    assert commands(rows)[-1] == f"cat {tmp_path}/owner-invitation"


def test_a_server_of_this_machine_alone_sends_nobody_to_another(tmp_path: Path) -> None:
    rows = while_it_runs([Name("alice")], _PLACE, tmp_path, state("127.0.0.1", "::1"))
    assert "make client" not in commands(rows)
    assert any(row.startswith("only this machine reaches") for row in rows)


def test_of_a_server_that_is_not_ours_only_the_way_to_it_is_told(
    tmp_path: Path,
) -> None:
    place = Place("chat.example", 8888)
    assert commands(while_it_runs([], place, tmp_path, None)) == [
        ".venv/bin/python my_client.py chat.example:8888 -n alice"
    ]


@pytest.mark.parametrize(
    ("port", "flag", "where"), [(7777, "", ""), (8888, " -p 8888", " 127.0.0.1:8888")]
)
def test_after_the_demo_each_command_can_be_typed_as_it_stands(
    port: int, flag: str, where: str
) -> None:
    rows = after_demo(Place("127.0.0.1", port), ROOT / "data")
    assert commands(rows) == [
        f".venv/bin/python my_server.py{flag}",
        f".venv/bin/python my_client.py{where} -n alice",
        "make client",
        "cat data/owner-invitation",
        ".venv/bin/python launcher.py --start",
    ]
