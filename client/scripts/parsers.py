"""The command lines of `read` and `send`: examples first, then every flag."""

from __future__ import annotations

import argparse

from common.command_line import command_line
from common.command_parser import CommandParser
from common.names import ALL, RoomName, is_room
from common.script_settings import ScriptSettings
from decorators import log

__all__ = ["read_parser", "send_parser"]

_READ_EXAMPLES = """examples:
  my_client.py read                       what is said in #all, and into messages.txt
  my_client.py read --once                only what was said since the last time
  my_client.py read --room tea --json     one room, a JSON object a line
  my_client.py read --from bob --history bob.txt
  my_client.py read --read-port 5000      a MineChat server

It goes on where the history file ends, also after it was killed: nothing is missing in
the file or there twice. Without a token it reads as a guest.
"""
_SEND_EXAMPLES = """examples:
  my_client.py send --username oven 'dinner is ready'
  my_client.py send --to bob --wait read 'come at once'
  uptime | my_client.py send --to '#ops'
  tail -f errors.log | my_client.py send --lines
  my_client.py send --send-port 5050 --token-file token 'to a MineChat server'

The first time it makes an account of --username and keeps its token. It prints the id
of the message, and ends with 0 only when what --wait asks for has happened.
"""
_EXIT_CODES = """
Flags come before the environment, then .env, the settings file and the defaults. Exit
codes: 0 done, 1 refused, 2 usage, 69 no server there, 75 no answer in time, 76 not its
protocol, 77 not allowed, 78 settings wrong, 130 Ctrl-C.
"""
# What JSON holds exactly everywhere: below 2**53.
_LONGEST_ID = 15


@log
def read_parser(program: str) -> CommandParser:
    """Return the parser of `read`."""
    parser = _parser(f"{program} read", "[settings]", _READ_EXAMPLES)
    parser.add_argument(
        "--room", type=_room, metavar="ROOM", help="only what is said there"
    )
    parser.add_argument(
        "--from", dest="sender", default="", metavar="NAME", help="only what NAME says"
    )
    parser.add_argument(
        "--since",
        type=_message_id,
        metavar="ID",
        help="begin behind this message, also with what is older than the file",
    )
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print JSON, one per line"
    )
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument(
        "--follow",
        dest="once",
        action="store_false",
        help="go on for ever (this is so without it, too)",
    )
    ends.add_argument(
        "--once",
        action="store_true",
        help="end when everything that was said by now is read",
    )
    parser.set_defaults(once=False)
    return parser


@log
def send_parser(program: str) -> CommandParser:
    """Return the parser of `send`."""
    parser = _parser(f"{program} send", "[settings] [TEXT | -]", _SEND_EXAMPLES)
    parser.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="what to say; - or nothing: standard input, with its newlines",
    )
    parser.add_argument(
        "--to", default=ALL, metavar="NAME|#ROOM", help=f"to whom (default: {ALL})"
    )
    parser.add_argument(
        "--wait",
        choices=("stored", "delivered", "read"),
        default="stored",
        help="what must have happened for 0: stored, on a device of theirs, or read "
        "(default: stored)",
    )
    parser.add_argument(
        "--lines", action="store_true", help="each line of the input is a message"
    )
    return parser


@log
def _parser(name: str, usage: str, examples: str) -> CommandParser:
    program = name.rpartition(" ")[0]
    examples = (examples + _EXIT_CODES).replace("my_client.py", program)
    return command_line(name, usage, examples, ScriptSettings)


@log
def _room(text: str) -> RoomName:
    return RoomName(text if is_room(text) else f"#{text}")


@log
def _message_id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID):
        raise argparse.ArgumentTypeError(
            f"a message's id is a number of at most {_LONGEST_ID} digits"
        )
    return int(text)
