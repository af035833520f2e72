"""Rooms and bans from the shell."""

from collections.abc import Iterator

import pytest

from unit_tests.helpers import Server
from unit_tests.server.admin.conftest import Owner


@pytest.fixture
def team(live: Owner, server: Server) -> Iterator[Owner]:
    """Give a server with a room of an account's."""
    live.does("user", "add", "gina", "--open")
    with server.signed_in("gina") as gina:
        gina.send({"action": "join", "time": 1, "room": "#team"})
        gina.wait_for(lambda found: found.get("response") == 200)
        yield live
    live.does("user", "remove", "gina")


def test_a_room_is_changed_and_removed(team: Owner) -> None:
    said = team.does("room", "set", "team", "--topic", "plans", "--access", "invited")
    assert ["topic", "plans"] in [line.split() for line in said.out.splitlines()]
    rows = {row["room"]: row for row in team.does("room", "list", "--json").rows}
    assert rows["#team"]["access"] == "invited"
    keep = ("--keep-days", "30", "--keep-mbytes", "0")
    shown = team.does("room", "set", "#team", *keep, "--json").document
    assert (shown["keep_days"], shown["keep_mbytes"]) == (30.0, 0.0)
    team.does("room", "set", "team", "--keep-days", "default")
    shown = team.does("room", "show", "team", "--json").document
    assert (shown["keep_days"], shown["keep_mbytes"]) == (None, 0.0)
    assert shown["names"] == ["gina"]
    assert "#team" in team.does("room", "list").out
    assert team.does("room", "remove", "team").out.startswith("#team is gone")
    assert team.types("room", "show", "team").code == 1


def test_nothing_to_change_is_told(owner: Owner) -> None:
    said = owner.types("room", "set", "team")
    assert said.code == 2
    assert "--topic" in said.err


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (
            ("room", "set", "team", "--keep-days", "-1"),
            "a number from 0 on, or default",
        ),
        (("room", "set", "team", "--keep-mbytes", "nan"), "a number from 0 on"),
        (("invite", "--uses", "0"), "a whole number from 1 on"),
        (("audit", "show", "--last", "-1"), "argument --last: "),
        (("kick", "x\udcff"), "the command line is not UTF-8"),
    ],
)
def test_what_can_be_no_argument_is_a_sentence(
    owner: Owner, words: tuple[str, ...], problem: str
) -> None:
    said = owner.types(*words)
    assert said.code == 2
    assert problem in said.err


def test_a_refusal_is_said_without_its_code(team: Owner) -> None:
    said = team.types("unban", "nobody")
    assert said.code == 1
    assert said.err.endswith(": nobody of this name is banned from this server\n")


def test_help_is_of_one_command_or_of_all(owner: Owner) -> None:
    assert "--reason TEXT" in owner.types("help", "ban").out
    assert "audit verify" in owner.types("help").out


def test_a_ban_is_listed_and_ended(team: Owner) -> None:
    said = team.does("ban", "gina", "--room", "team", "--for", "2h", "--reason", "spam")
    assert said.out == "gina is banned from #team for 2 h\n"
    (row,) = team.does("bans", "--room", "team", "--json").rows
    assert (row["account_name"], row["reason"], row["from"]) == (("gina", "spam", None))
    assert "gina" in team.does("bans", "--room", "team").out
    team.does("unban", "gina", "--room", "team")
    assert team.does("bans", "--room", "team").err == "none\n"
    team.does("room", "remove", "team")
