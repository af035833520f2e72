"""The owner's shell as a program: a command line in, an exit code out."""

from collections.abc import Callable, Sequence
from typing import Any

from common.server_settings import ServerSettings
from decorators import log
from errors import ExitCode
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
    given = build(program).parse_args(["--help"] if words[0] == "help" else words)
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
