"""The owner's shell as a program: a command line in, an exit code out."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from common.server_settings import ServerSettings
from decorators import log
from errors import ExitCode, ProgramError
from log_config.program import silence_output
from server.admin.parser import build
from server.admin.printing import Printer
from server.admin.shell import Shell

__all__ = ["run"]


@log
def run(
    program: str,
    words: Sequence[str],
    flags: dict[str, Any],
    resolve: Callable[[dict[str, Any]], ServerSettings],
) -> int:
    """Carry out the command `words`; return its exit code.

    `flags` are the settings that were given before the command; `resolve` makes the
    settings of flags. Raises a MessengerError with a sentence.
    """
    _require_text(words)
    if words[0] == "help":
        asked = itertools.takewhile(lambda word: word[:1] != "-", words[1:])
        words = [*asked, "--help"]
    given = build(program).parse_args(words)
    for name in ("data_dir", "settings"):
        if hasattr(given, name):
            flags[name] = getattr(given, name)
    shell = Shell(resolve(flags), given, Printer(as_json=given.json))
    try:
        code: int = given.run(shell)
    except BrokenPipeError:
        # Whoever reads has seen enough, as `head` does.
        silence_output()
        return ExitCode.REFUSED
    return code


@log
def _require_text(words: Sequence[str]) -> None:
    """Raise ProgramError where the shell's encoding left something that is no text."""
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise ProgramError(
            "the command line is not UTF-8: is the terminal set to another encoding?",
            ExitCode.USAGE,
        ) from None
