"""Start a server and clients in windows, or a demo of them: `python launcher.py`."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import log_config.requirements  # noqa: F401  what is missing is said first
from common.client_settings import ClientSettings
from common.command_line import command_line
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
  launcher.py                            then s starts a server and three clients,
                                         x closes them, l lists them, q leaves
  launcher.py --start --names alice bob  start at once, two clients
  launcher.py --no-server --port 8888    clients only, for a server that runs
  launcher.py --terminal 'xterm -e'      in windows of your choice
  launcher.py --terminal 'foot sh -c "{command}"'
                                         the client's command line at {command}
  launcher.py --demo --seconds 10        no windows: clients that talk by themselves

Each client gets a window of its own: in tmux when this runs in it or can be attached
to, or an X terminal; without any, --start ends in the demo. When the launcher ends,
however it ends, all that it started ends too. Settings come from flags, the
environment (JIM_CLIENTS=5) and .env; server and clients read their own as always. Exit
codes: 0 done, 1 refused or something lost, 2 usage, 69 no server there, 75 no answer
in time, 77 not allowed, 78 settings wrong, 130 Ctrl-C.
"""

_GUARD = "--guard"
# All programs may share one environment and one settings file.
_OTHERS = (ClientSettings, ScriptSettings, ServerSettings)

_logger = logging.getLogger("client.launcher")


@log
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the launcher until it is left; return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program("launcher.py", _logger, lambda: _start(given))


@log
def _start(given: Sequence[str]) -> int:
    if given[:1] == [_GUARD]:
        # Not for people: what `launch.windows` starts in a window.
        from launch.guard import run_guard

        return run_guard(given[1:])
    flags = vars(_parser().parse_args(given))
    start, demo = flags.pop("start"), flags.pop("demo")
    show_only = flags.pop("show_settings")
    resolved = _resolve(flags)
    if show_only:
        from log_config import loader

        chosen = {"log_dir": str(loader.default_folder())}
        sys.stdout.write(show(resolved, chosen))
        return ExitCode.DONE
    return _run(resolved, start=start, demo=demo)


@log
def _parser() -> argparse.ArgumentParser:
    usage = "[--start] [--clients N] [--names NAME…] [settings]"
    parser = command_line("launcher.py", usage, _EXAMPLES, LauncherSettings)
    parser.add_argument(
        "--start", action="store_true", help="start at once, as s would"
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="let clients without a screen talk for a while, then say how it went",
    )
    # The setting is one word, the flag takes several.
    parser.add_argument(
        "--names",
        nargs="+",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="the clients' names (default: alice bob carol …)",
    )
    return parser


@log
def _resolve(flags: dict[str, object]) -> Resolved[LauncherSettings]:
    names = flags.get("names")
    if isinstance(names, list):
        flags["names"] = " ".join(names)
    sources = gather(flags, os.environ, lambda name: Path(name).read_text("utf-8"))
    return resolve(LauncherSettings, sources, known=_OTHERS)


@log
def _run(resolved: Resolved[LauncherSettings], *, start: bool, demo: bool) -> int:
    # Imported late: --help and --version need none of it.
    from launch.names import choose_names
    from launch.program import Plan, run
    from log_config import loader

    settings = resolved.values
    by_default = resolved.sources["clients"].kind == "default"
    clients = None if settings.names and by_default else settings.clients
    names = choose_names(settings.names, clients)
    folder = Path(settings.log_dir) if settings.log_dir else loader.default_folder()
    config = Path(settings.log_config) if settings.log_config else None
    loader.configure("client", folder, config, texts=settings.log_texts)
    try:
        return run(Plan(settings, names, folder.absolute(), start, demo))
    finally:
        loader.flush("client")


if __name__ == "__main__":
    sys.exit(main())
