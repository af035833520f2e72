import argparse

import pytest

from common.command_parser import CommandParser
from common.completion import SHELLS, add_completion_flag, completion_script


def a_parser() -> CommandParser:
    parser = CommandParser(prog="prog")
    add_completion_flag(parser)
    command = parser.add_subparsers().add_parser("send", help="send it")
    command.add_argument("--to", metavar="NAME")
    command.add_argument("--bell", metavar="off|mention|all")
    command.add_argument("--token-file", metavar="FILE")
    command.add_argument("--address", metavar="ADDRESS[:PORT]")
    return parser


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_that_asks_for_names(shell: str) -> None:
    script = completion_script(a_parser(), shell, {"NAME": "prog --print-names"})
    assert "prog --print-names" in script
    assert "off mention all" in script


def test_the_flag_takes_shells_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert vars(a_parser().parse_args([])) == {}
    with pytest.raises(SystemExit):
        a_parser().parse_args(["--print-completion", "cmd"])
    assert "cmd" in capsys.readouterr().err


def test_a_parser_knows_its_arguments_and_those_of_commands_and_parents() -> None:
    parent = CommandParser(add_help=False)
    flag = parent.add_argument("--parent")
    parser = CommandParser(add_help=False)
    commands = parser.add_subparsers()
    group = commands.add_parser("a", add_help=False, parents=[parent])
    word = group.add_subparsers().add_parser("b", add_help=False).add_argument("word")
    assert parser.arguments == [flag, word]
    assert parser.parse_args(["a", "--parent", "x", "b", "y"]) == argparse.Namespace(
        parent="x", word="y"
    )
