"""What a shell needs to complete our command lines: a script made from a parser."""

import argparse
from collections.abc import Mapping

__all__ = ["SHELLS", "add_completion_flag", "completion_script"]

SHELLS = ("bash", "zsh", "fish")


def add_completion_flag(parser: argparse.ArgumentParser) -> None:
    """Give `parser` --print-completion; not given it stays out of the namespace."""
    parser.add_argument(
        "--print-completion",
        choices=SHELLS,
        metavar="SHELL",
        default=argparse.SUPPRESS,
        help="print what completes this command in bash, zsh or fish, and end",
    )


def completion_script(
    parser: argparse.ArgumentParser, shell: str, commands: Mapping[str, str]
) -> str:
    """Return a script for `shell` that completes what `parser` takes.

    `commands` are shell commands, by what a value is called in the help, that print
    what it may be. Files and folders are known by themselves.
    """
    # Only here: it is needed once, and takes time to load.
    import shtab

    known = {"FILE": shtab.FILE, "FOLDER": shtab.DIRECTORY}
    known |= {word: shtab.cmd(command) for word, command in commands.items()}
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()
            elif isinstance(action.metavar, str) and action.metavar in known:
                action.complete = known[action.metavar]  # type: ignore[attr-defined]
    script: str = shtab.complete(parser, shell)
    return script
