"""The command line that our programs share: examples first, then a flag per setting."""

import argparse

import msgspec

from common import __version__
from common.settings import add_flags

__all__ = ["client_of", "command_line", "program_name"]

# What an installed copy is called (pyproject.toml, [project.scripts]).
_INSTALLED = frozenset({"chat", "chat-server", "client", "server"})
_CLIENTS = {"chat-server": "chat", "server": "client"}


def program_name(argv0: str, otherwise: str) -> str:
    """Return the name that the user has typed: an installed one, or `otherwise`.

    `argv0` is the program's own path, `otherwise` the name of its file in a checkout.
    """
    name = argv0.rpartition("/")[2]
    return name if name in _INSTALLED else otherwise


def client_of(argv0: str) -> str:
    """Return what the client is called where the server is called `argv0`."""
    return _CLIENTS.get(argv0.rpartition("/")[2], "my_client.py")


def command_line(
    program: str, usage: str, examples: str, table: type[msgspec.Struct]
) -> argparse.ArgumentParser:
    """Return a parser with --version, --show-settings, --settings and `table`'s flags.

    `usage` follows the program's name; `examples` open the help. Flags that are not
    given stay out of the namespace, but for `show_settings`.
    """
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} {usage}",
        description=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # A program may spell a setting of its own way: its flag takes the place.
        conflict_handler="resolve",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--show-settings", action="store_true", help="print what is in force, and end"
    )
    parser.add_argument(
        "--settings",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="settings file, YAML",
    )
    add_flags(parser, table)
    return parser
