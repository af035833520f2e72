"""Start the console client: `python my_client.py [ADDRESS] [PORT] -n alice`."""

import argparse
import itertools
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import log_config.requirements  # noqa: F401  what is missing is said first
from common.client_settings import ClientSettings
from common.command_line import command_line, program_name
from common.command_parser import CommandParser
from common.completion import add_completion_flag
from common.join_line import JoinLine, read_join_line
from common.launcher_settings import LauncherSettings
from common.names import Secret
from common.script_settings import ScriptSettings
from common.server_settings import ServerSettings
from common.settings import Resolved, resolve, show
from common.sources import gather
from decorators import log
from errors import ExitCode, SettingsError
from log_config.program import run_program

__all__ = ["main"]

_EXAMPLES = """examples:
  my_client.py -n alice                       the server on this machine
  my_client.py 192.168.1.5 -n alice           a server on your network
  my_client.py 192.168.1.5:8888 -n alice      another port; also [::1]:8888, or the
                                              port as a word of its own
  echo '@bob dinner is ready' | my_client.py -n oven
                                              send and leave; 0 means it is stored
  tail -f /dev/null | my_client.py -n ear     print what comes, line by line
  my_client.py --plain -n alice               for screen readers: nothing moves
  JIM_NAME=alice my_client.py                 settings from the environment or .env
  my_client.py join                           make an account by the line that you
                                              were given: asks for it
  my_client.py read                           for scripts: what is said, and into a
  my_client.py send --username oven 'hot'     file; one message (--help of each)
  my_client.py -n alice --password            sign in to an account: asks, and keeps
                                              a token, so that the next start need not

Once it runs, help lists what you can type. Flags come before the environment, then
.env, the settings file and the defaults. Exit codes: 0 done, 1 refused, 2 usage, 69 no
server there, 75 no answer in time, 76 not our protocol, 77 not allowed, 78 settings
wrong, 130 Ctrl-C.
"""
# Whatever begins like the flag and brings a word along, which then is a password.
_PASSWORD_FLAG = re.compile(r"--(?:no-)?pass[a-z]*(=.*)?", re.DOTALL)

# In the place of an address: what follows is the line, if anything does.
_JOIN = "join"
# Likewise, but nothing of what follows is for a conversation.
_SCRIPTS = ("read", "send")
# All programs may share one environment and one settings file.
_OTHERS = (LauncherSettings, ScriptSettings, ServerSettings)

_logger = logging.getLogger("client")


@log
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the client until it is left; return its exit code."""
    return run_program(_name(), _logger, lambda: _start(arguments))


@log
def _name() -> str:
    return program_name(sys.argv[0], "my_client.py")


@log
def _start(arguments: Sequence[str] | None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in _SCRIPTS:
        from client.scripts.program import run

        return run(_name(), arguments)
    parser = _parser()
    if _says_password(arguments):
        parser.error(
            "--password takes no value, for everybody can read a command line: it "
            "asks, or use --password-file or --password-command; an ADDRESS goes first"
        )
    flags = vars(parser.parse_args(arguments))
    if "print_completion" in flags or "print_names" in flags:
        return _help_shell(flags)
    show_only = flags.pop("show_settings")
    joins = flags.get("address_given") == _JOIN
    line = _take_line(flags, parser) if joins else None
    if "#" in str(flags.get("address_given", "")):
        parser.error("a line that joins goes behind the word join")
    resolved = _resolve(flags)
    if os.isatty(0) and not joins:
        # Imported late: a script and --help need none of it.
        from client.remembered import own_remembered

        resolved = own_remembered().complete(resolved)
    if show_only:
        from log_config import loader

        chosen = {"log_dir": str(loader.default_folder())}
        sys.stdout.write(show(resolved, chosen))
        return ExitCode.DONE
    return _run(resolved.values, joins=joins, line=line)


@log
def _help_shell(flags: dict[str, str]) -> int:
    """Print what a shell wants to know."""
    from client.scripts.completing import client_completion, names_text

    shell = flags.get("print_completion")
    sys.stdout.write(
        client_completion(_name(), _flags, shell)
        if shell
        else names_text(flags["print_names"])
    )
    return ExitCode.DONE


@log
def _take_line(
    flags: dict[str, object], parser: argparse.ArgumentParser
) -> JoinLine | None:
    """Take `join` and its line, if there is one, out of the flags."""
    del flags["address_given"]
    text = flags.pop("port_given", None)
    try:
        return read_join_line(Secret(str(text))) if text is not None else None
    except ValueError as error:
        parser.error(str(error))


@log
def _says_password(arguments: Sequence[str]) -> bool:
    """Tell whether a password seems to stand on the command line."""
    for word, following in itertools.pairwise([*arguments, "-"]):
        flag = _PASSWORD_FLAG.fullmatch(word)
        if flag is not None and (flag[1] or not following.startswith("-")):
            return True
    return False


@log
def _parser() -> CommandParser:
    parser = _flags()
    for word, meaning in (
        ("ADDRESS", "server's name or address, as --address"),
        ("PORT", "server's port, as --port"),
    ):
        parser.add_argument(
            f"{word.lower()}_given",
            nargs="?",
            metavar=word,
            default=argparse.SUPPRESS,
            help=meaning,
        )
    return parser


@log
def _flags() -> CommandParser:
    """Return the parser without what stands before the flags."""
    usage = (
        "[ADDRESS] [PORT] [-n NAME] [settings] | join [LINE] [settings] | read … | "
        "send …"
    )
    examples = _EXAMPLES.replace("my_client.py", _name())
    parser = command_line(_name(), usage, examples, ClientSettings)
    add_completion_flag(parser)
    parser.add_argument(
        "--print-names",
        choices=("people", "rooms", "all"),
        default=argparse.SUPPRESS,
        help="print whom you have talked with, one a line, and end",
    )
    return parser


@log
def _resolve(flags: dict[str, object]) -> Resolved[ClientSettings]:
    for name in ("address", "port"):
        if f"{name}_given" in flags:
            flags[name] = flags.pop(f"{name}_given")
    sources = gather(flags, os.environ, lambda name: Path(name).read_text("utf-8"))
    return resolve(ClientSettings, sources, known=_OTHERS)


@log
def _run(settings: ClientSettings, *, joins: bool, line: JoinLine | None) -> int:
    # Imported late: --help and --version need none of it.
    from client.application import run
    from log_config import loader

    folder = Path(settings.log_dir) if settings.log_dir else loader.default_folder()
    config = Path(settings.log_config) if settings.log_config else None
    try:
        loader.configure("client", folder, config, texts=settings.log_texts)
    except SettingsError as error:
        if settings.log_config and error.exit_code != ExitCode.NOT_ALLOWED:
            raise
        # People talk also where nothing can be written.
        print(f"{_name()}: {error}; going on without a log", file=sys.stderr)
        logging.getLogger("client").addHandler(logging.NullHandler())
    try:
        return run(settings, joins=joins, line=line)
    finally:
        loader.flush("client")


if __name__ == "__main__":
    sys.exit(main())
