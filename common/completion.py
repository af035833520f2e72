"""What a shell needs to complete our command lines: a script made from a parser."""

import argparse
import re
from collections.abc import Mapping

from common.command_parser import CommandParser

__all__ = ["SHELLS", "add_completion_flag", "completion_script"]

SHELLS = ("bash", "zsh", "fish")
# How the help writes a few values that are all there are.
_CHOICES = re.compile(r"[a-z0-9-]+(\|[a-z0-9-]+)+")

# $1 is the word as it was typed, perhaps in quotes that are not closed yet. What bash
# is told goes into the line as it is, and a # must not begin a comment there; only what
# functions find whose name says that they are about files is quoted by bash itself.
_BASH = r"""
_{own}_typed() {{
  case $1 in
    [\'\"]*) printf '%s\n' "${{1:1}}" ;;
    *) printf '%s\n' "${{1//\\/}}" ;;
  esac
}}
_{own}_files() {{
  compgen -f -- "$(_{own}_typed "$1")"
}}
_{own}_dirs() {{
  compgen -d -- "$(_{own}_typed "$1")"
}}
"""
_BASH_VALUES = r"""
{function}() {{
  local value word escaped='\#'
  word=$(_{own}_typed "$1")
  case $1 in [\'\"]*) escaped='#' ;; esac
  while IFS= read -r value; do
    [[ $value == "$word"* ]] && printf '%s\n' "${{value/#\#/$escaped}}"
  done < <({command})
}}
"""
_ZSH = """
{function}() {{
  local -a values
  values=("${{(@f)$({command})}}")
  compadd "$@" -a values
}}
"""
# What fish itself says of a command that it knows nothing of: quotes and ~ count.
_FISH = r"""
function _{own}_files
  complete -C "messenger-file "(commandline -ct | string collect)
end
function _{own}_dirs
  _{own}_files | string replace -rf '^([^\t]*/)(\t.*)?$' '$1'
end
"""


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
    parser: CommandParser, shell: str, commands: Mapping[str, str]
) -> str:
    """Return a script for `shell` that completes what `parser` takes, and spoil it.

    `commands` are shell commands, by what a value is called in the help, that print
    what it may be, one a line. Files and folders are known by themselves.
    """
    # Only here: it is needed once, and takes time to load.
    import shtab

    own = re.sub(r"\W", "_", parser.prog)
    preamble = {"bash": _BASH.format(own=own), "zsh": "", "fish": _FISH.format(own=own)}
    files, folders = f"_{own}_files", f"_{own}_dirs"
    known = {
        "FILE": {"bash": files, "zsh": "_files", "fish": f"({files})"},
        "FOLDER": {"bash": folders, "zsh": "_files -/", "fish": f"({folders})"},
    }
    for number, (value, command) in enumerate(commands.items()):
        function = f"_{own}_values_{number}"
        known[value] = {"bash": function, "zsh": function, "fish": f"({command})"}
        words = {"own": own, "function": function, "command": command}
        preamble["bash"] += _BASH_VALUES.format(**words)
        preamble["zsh"] += _ZSH.format(**words)
    for action in parser.arguments:
        if not isinstance(action.metavar, str):
            continue
        word: str = action.metavar
        if word in known:
            action.complete = known[word]  # type: ignore[attr-defined]
        elif _CHOICES.fullmatch(word):
            action.choices = word.split("|")
        elif not action.option_strings and not action.choices:
            # Zsh would rather say what is wanted than complete a flag in its place.
            action.complete = {"zsh": "()"}  # type: ignore[attr-defined]
        # To zsh a colon ends what the value is called.
        action.metavar = word.replace(":", r"\:")
    script: str = shtab.complete(parser, shell, preamble=preamble[shell])
    return script
