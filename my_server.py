"""Start the server: `python my_server.py -p 7777`."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import log_config.requirements  # noqa: F401  what is missing is said first
from common.client_settings import ClientSettings
from common.command_line import command_line, program_name
from common.completion import add_completion_flag
from common.launcher_settings import LauncherSettings
from common.script_settings import ScriptSettings
from common.server_settings import ServerSettings
from common.settings import Resolved, resolve, show
from common.sources import gather
from decorators import log
from errors import ExitCode
from log_config.program import run_program

__all__ = ["main"]

_EXAMPLES = """examples:
  my_server.py                          for everybody on your network, port 7777
  my_server.py -p 8888 -a 127.0.0.1     only this machine, another port
  my_server.py --settings server.yaml   settings from a file (port: 8888)
  JIM_PORT=8888 my_server.py            settings from the environment or .env
  my_server.py --show-settings          what is in force, and where it came from
  my_server.py invite                   let somebody in; user, room, backup and more:
  my_server.py help                     what the owner can do from the shell

Flags come before the environment, then .env, the settings file and the defaults.
A limit of 0 is switched off. Ctrl-C stops it, as does closing its terminal (SIGHUP);
as a service it reads certificate and logging file again on SIGHUP.
"""

# All programs may share one environment and one settings file.
_OTHERS = (ClientSettings, LauncherSettings, ScriptSettings)

_logger = logging.getLogger("server")


@log
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is stopped; return its exit code."""
    return run_program(_name(), _logger, lambda: _start(arguments))


@log
def _name() -> str:
    return program_name(sys.argv[0], "my_server.py")


@log
def _start(arguments: Sequence[str] | None) -> int:
    usage = "[-p PORT] [-a ADDRESS] [--settings FILE] [settings] [COMMAND …]"
    examples = _EXAMPLES.replace("my_server.py", _name())
    parser = command_line(_name(), usage, examples, ServerSettings)
    add_completion_flag(parser)
    before, command = _split(sys.argv[1:] if arguments is None else arguments)
    flags = vars(parser.parse_args(before))
    if "print_completion" in flags:
        from server.admin.completing import server_completion

        sys.stdout.write(server_completion(_name(), flags["print_completion"]))
        return ExitCode.DONE
    show_only = flags.pop("show_settings")
    if command and not show_only:
        from server.admin.program import run

        return run(_name(), command, flags, lambda given: _resolve(given).values)
    resolved = _resolve(flags)
    if show_only:
        sys.stdout.write(show(resolved, _chosen()))
        return ExitCode.DONE
    # Imported late: --help and --version need none of it.
    from server.serving import serve

    return serve(resolved.values)


@log
def _chosen() -> dict[str, str]:
    """Return what is taken where the settings leave the choice to us."""
    # Imported late, like what serves: --help and --version need none of it.
    from log_config import loader
    from server.store.files import default_folder

    folders = {"data_dir": default_folder(), "log_dir": loader.default_folder()}
    return {name: str(folder) for name, folder in folders.items()}


@log
def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the flags of the server, and a command of the owner's shell with its own.

    A command begins with the first word that can't be a flag's value.
    """
    may_be_value = False
    for place, word in enumerate(arguments):
        if not (word.startswith("-") or may_be_value):
            return arguments[:place], arguments[place:]
        may_be_value = word.startswith("-") and "=" not in word
    return arguments, ()


@log
def _resolve(flags: dict[str, object]) -> Resolved[ServerSettings]:
    sources = gather(flags, os.environ, lambda name: Path(name).read_text("utf-8"))
    return resolve(ServerSettings, sources, known=_OTHERS)


if __name__ == "__main__":
    sys.exit(main())
