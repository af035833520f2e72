"""What completes the client's command line: its commands, its flags, and names."""

from __future__ import annotations

from collections.abc import Callable

import platformdirs

from client.archive.names import known_names
from client.scripts.parsers import read_parser, send_parser
from common.command_parser import CommandParser
from common.completion import completion_script
from common.names import is_room
from decorators import log

__all__ = ["client_completion", "names_text"]

_MEANINGS = {
    "read": "print what is said, and keep it in a file",
    "send": "send a message",
    "join": "make an account by the line that you were given",
}


@log
def client_completion(
    program: str, make_parser: Callable[[], CommandParser], shell: str
) -> str:
    """Return the script of a shell for `program`, whose own flags a parser holds."""
    parser = make_parser()
    # An address could stand there as well, but nothing is known of those.
    commands = parser.add_subparsers(metavar="COMMAND")
    parents = {"read": read_parser(program), "send": send_parser(program)}
    for word, meaning in _MEANINGS.items():
        parent = [parents[word]] if word in parents else []
        commands.add_parser(word, parents=parent, add_help=False, help=meaning)
    names = f"{program} --print-names"
    return completion_script(
        parser,
        shell,
        {
            "NAME": f"{names} people 2>/dev/null",
            "ROOM": f"{names} rooms 2>/dev/null",
            "NAME|#ROOM": f"{names} all 2>/dev/null",
        },
    )


@log
def names_text(which: str) -> str:
    """Return whom this client has talked with, one a line; "people", "rooms", "all".

    Rooms by themselves lack their #, which to a shell begins a comment.
    """
    names = known_names(platformdirs.user_state_path("messenger") / "devices")
    if which == "people":
        names = [name for name in names if not is_room(name)]
    elif which == "rooms":
        names = [name.removeprefix("#") for name in names if is_room(name)]
    return "".join(f"{name}\n" for name in names)
