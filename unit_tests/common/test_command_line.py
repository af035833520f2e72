"""The command line that the programs share."""

import tomllib

import pytest

from common import __version__
from common.client_settings import ClientSettings
from common.command_line import command_line, how_to_join, program_name
from unit_tests.helpers import ROOT

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


@pytest.mark.parametrize(
    ("argv0", "name"),
    [
        ("/usr/local/bin/chat", "chat"),
        ("chat-server", "chat-server"),
        ("/home/ann/messenger/my_client.py", "my_client.py"),
        ("/usr/bin/pytest", "my_client.py"),
        ("/opt/chat/other", "my_client.py"),
        ("", "my_client.py"),
    ],
)
def test_an_installed_program_calls_itself_as_it_was_called(
    argv0: str, name: str
) -> None:
    assert program_name(argv0, "my_client.py") == name


def test_every_installed_name_is_known() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for name in project["project"]["scripts"]:
        assert program_name(f"/usr/bin/{name}", "other") == name


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


def test_how_to_join_names_the_file_that_is_built_and_what_it_installs() -> None:
    rows = how_to_join()
    assert f"  pipx install messenger-{__version__}-py3-none-any.whl" in rows
    page = (ROOT / "docs" / "installing.md").read_text("utf-8")
    for command in (row.strip() for row in rows if row.startswith("  ")):
        assert f"\n{command}\n" in page, command
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "\nclient: " in makefile
    assert "\nwheel: " in makefile
