"""The command line that the programs share."""

import pytest

from common import __version__
from common.client_settings import ClientSettings
from common.command_line import command_line

EXAMPLES = "examples:\n  prog -n alice   talk\n"
PARSER = command_line("prog", "[-n NAME]", EXAMPLES, ClientSettings)


def test_the_help_leads_with_examples() -> None:
    lines = PARSER.format_help().splitlines()
    assert lines[0] == "usage: prog [-n NAME]"
    assert lines[2] == "examples:"


def test_only_given_flags_are_in_the_namespace() -> None:
    flags = vars(PARSER.parse_args(["-n", "alice", "--plain", "--settings", "f"]))
    assert flags == {
        "name": "alice",
        "plain": True,
        "settings": "f",
        "show_settings": False,
    }


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        PARSER.parse_args(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_a_wrong_flag_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        PARSER.parse_args(["--nmae", "alice"])
    assert end.value.code == 2
    assert "--nmae" in capsys.readouterr().err
