"""The command line that our programs share: examples first, then a flag per setting."""

import argparse

import msgspec

from common import __version__
from common.command_parser import CommandParser
from common.settings import add_flags

__all__ = ["INSTALLED", "command_line", "how_to_join", "program_name"]

#: What an installed copy is called (pyproject.toml, [project.scripts]), by the file of
#: the program; each user has one of the two pairs in mind.
INSTALLED = (
    {"my_server.py": "chat-server", "my_client.py": "chat"},
    {"my_server.py": "server", "my_client.py": "client"},
)


def program_name(argv0: str, otherwise: str) -> str:
    """Return the name that the user has typed: an installed one, or `otherwise`.

    `argv0` is the program's own path, `otherwise` the name of its file in a checkout.
    """
    name = argv0.rpartition("/")[2]
    return name if any(name in pair.values() for pair in INSTALLED) else otherwise


def how_to_join() -> list[str]:
    """Return where the client asks for the line: rows, the commands indented.

    It is for a machine of somebody else's, of which nothing is known.
    """
    return [
        "in a copy of the messenger's folder:",
        "  make client",
        "or, installed by the file that `make wheel` writes in such a copy:",
        f"  pipx install messenger-{__version__}-py3-none-any.whl",
        "  chat join",
    ]


def command_line(
    program: str, usage: str, examples: str, table: type[msgspec.Struct]
) -> CommandParser:
    """Return a parser with --version, --show-settings, --settings and `table`'s flags.

    `usage` follows the program's name; `examples` open the help. Flags that are not
    given stay out of the namespace, but for `show_settings`.
    """
    parser = CommandParser(
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
