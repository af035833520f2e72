"""The command line of the owner's shell: examples first, then a parser per command."""

import argparse
import math
from collections.abc import Callable
from typing import Any, NoReturn

from common.command_parser import CommandParser
from decorators import log
from server.admin import audit_log, health, inviting, keeping, people, ruling, tracing
from server.admin.durations import seconds_of

__all__ = ["build"]

_EXAMPLES = """examples:
  {0} user add alice --role owner       asks for the password
  {0} user list                         who has an account
  {0} invite --room team --for 3d       a line that joins, and its QR code
  {0} who                               who is here
  {0} ban mallory --for 2h --reason spam
  {0} say back in five minutes          a notice to all
  {0} room set team --topic 'plans for May' --access invited
  {0} backup /mnt/stick/monday.db       while the server runs
  {0} export --room team team.jsonl     what was said, as JSON lines
  {0} trace 4721 --for bob              why has bob not got this message?
  {0} check                             is anything wrong?
  {0} audit verify                      has anybody changed the audit log?

They are carried out by the running server, and on its files where none runs. Every
command takes --json and --data-dir. A room's # may be left out.
"""
_ROLES = ("member", "moderator", "owner")
Parsers = Any  # argparse does not name the type of what add_subparsers returns


class _Parser(CommandParser):
    """Quotes no word that belongs nowhere: it may be a password.

    Nor is a flag known by its beginning: --password would be --password-file, and the
    password a name of a file.
    """

    @log
    def __init__(self, **given: Any) -> None:
        super().__init__(allow_abbrev=False, **given)

    @log
    def error(self, message: str) -> NoReturn:
        what, mark, words = message.partition("unrecognized arguments: ")
        if mark:
            flags = [word.partition("=")[0] for word in words.split() if word[0] == "-"]
            message = f"{what}unknown: {' '.join(flags) or 'a word too many'}"
        super().error(message)


@log
def build(program: str) -> CommandParser:
    """Return the parser; what it gives has `run`, a function of a Shell."""
    parser = _Parser(
        prog=program,
        description=_EXAMPLES.format(program),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_people(commands)
    _add_invitations(commands)
    _add_rooms(commands)
    _add_rulings(commands)
    _add_keeping(commands)
    _add_health(commands)
    return parser


@log
def _command(
    parsers: Parsers, name: str, run: Callable[..., int], meaning: str
) -> argparse.ArgumentParser:
    """Add a command with the flags that all have."""
    parser: argparse.ArgumentParser = parsers.add_parser(
        name, help=meaning, description=meaning
    )
    parser.set_defaults(run=run)
    nothing = argparse.SUPPRESS
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--data-dir", metavar="FOLDER", default=nothing, help="folder of the database"
    )
    parser.add_argument(
        "--settings", metavar="FILE", default=nothing, help="settings file, YAML"
    )
    return parser


@log
def _group(parsers: Parsers, name: str, meaning: str) -> Parsers:
    parser = parsers.add_parser(name, help=meaning, description=meaning)
    return parser.add_subparsers(metavar="WHAT", required=True)


@log
def _amount(text: str) -> float | str:
    """Read --keep-days and the like: a number, or what the settings say."""
    try:
        amount = math.inf if text == "default" else float(text)
    except ValueError:
        amount = math.nan
    if not amount >= 0 or (math.isinf(amount) and text != "default"):
        raise argparse.ArgumentTypeError("it takes a number from 0 on, or default")
    return "default" if text == "default" else amount


@log
def _number(text: str) -> int:
    number = _count(text)
    if not number:
        raise argparse.ArgumentTypeError("it takes a whole number from 1 on")
    return number


@log
def _count(text: str) -> int:
    # More digits than that would fit no number of ours.
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise argparse.ArgumentTypeError("it takes a whole number")
    return int(text)


@log
def _seconds(text: str) -> float:
    try:
        return seconds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


@log
def _add_people(commands: Parsers) -> None:
    group = _group(commands, "user", "accounts")
    file = "file with the password, - for standard input; without it you are asked"
    one = _command(group, "add", people.add, "make an account")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--role", choices=_ROLES, default="member")
    one.add_argument("--password-file", metavar="FILE", help=file)
    one.add_argument("--open", action="store_true", help="without a password")
    _command(group, "list", people.list_users, "list the accounts")
    one = _command(group, "show", people.show, "show what is known of somebody")
    one.add_argument("name", metavar="NAME")
    one = _command(group, "passwd", people.set_password, "give a new password")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--password-file", metavar="FILE", help=file)
    one = _command(group, "remove", people.remove, "give an account up")
    one.add_argument("name", metavar="NAME")
    one = _command(group, "role", people.set_role, "make somebody owner, moderator …")
    one.add_argument("name", metavar="NAME")
    one.add_argument("role", choices=_ROLES)
    meaning = "make a token, which signs in without the password, and show it once"
    one = _command(commands, "token", people.token, meaning)
    one.add_argument("name", metavar="NAME")
    what = one.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list NAME's tokens instead")
    what.add_argument(
        "--revoke",
        type=_number,
        metavar="NUMBER",
        help="make this one worthless instead",
    )


@log
def _add_invitations(commands: Parsers) -> None:
    one = _command(commands, "invite", inviting.invite, "print a line that joins")
    one.add_argument("--role", choices=_ROLES, default="member")
    often = "how often it works (default: once)"
    one.add_argument("--uses", type=_number, metavar="N", default=1, help=often)
    one.add_argument(
        "--for",
        dest="seconds",
        metavar="TIME",
        type=_seconds,
        help="how long, as 2h or 3d (default: a day)",
    )
    one.add_argument("--room", metavar="ROOM", help="they are let into this room too")
    one.add_argument(
        "--qr",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="its QR code, on a terminal",
    )
    meaning = "list the invitations that are still good"
    one = _command(commands, "invites", inviting.invites, meaning)
    one.add_argument(
        "--revoke",
        type=_number,
        metavar="NUMBER",
        help="make this one worthless instead",
    )


@log
def _add_rooms(commands: Parsers) -> None:
    group = _group(commands, "room", "rooms")
    _command(group, "list", ruling.list_rooms, "list the rooms")
    one = _command(group, "show", ruling.show_room, "show what is known of a room")
    one.add_argument("room", metavar="ROOM")
    one = _command(group, "remove", ruling.remove_room, "end a room")
    one.add_argument("room", metavar="ROOM")
    one = _command(group, "set", ruling.set_room, "change a room")
    one.add_argument("room", metavar="ROOM")
    one.add_argument("--topic", metavar="TEXT", help="what it is about")
    one.add_argument("--access", choices=("open", "invited"), help="who may enter")
    one.add_argument(
        "--keep-days",
        type=_amount,
        metavar="DAYS",
        help="what is older is deleted; 0: never; default: as the settings say",
    )
    one.add_argument(
        "--keep-mbytes",
        type=_amount,
        metavar="MB",
        help="the oldest is deleted above it; 0: never; default: as the settings say",
    )


@log
def _add_rulings(commands: Parsers) -> None:
    _command(commands, "who", ruling.who, "list who is here")
    where = "out of this room only"
    one = _command(commands, "kick", ruling.kick, "send somebody away")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--room", metavar="ROOM", help=where)
    one.add_argument("--reason", metavar="TEXT", default="", help="told to them")
    one = _command(commands, "ban", ruling.ban, "keep somebody out")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--room", metavar="ROOM", help=where)
    one.add_argument("--reason", metavar="TEXT", default="", help="told to them")
    one.add_argument(
        "--for",
        dest="seconds",
        metavar="TIME",
        type=_seconds,
        help="how long, as 2h or 3d (default: for good)",
    )
    one = _command(commands, "unban", ruling.unban, "let somebody in again")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--room", metavar="ROOM", help="into this room")
    one = _command(commands, "bans", ruling.list_bans, "list who is banned or muted")
    one.add_argument("--room", metavar="ROOM", help="in this room")
    one = _command(commands, "say", ruling.say, "tell everybody who is here")
    one.add_argument("text", metavar="TEXT", nargs="+")


@log
def _add_keeping(commands: Parsers) -> None:
    one = _command(commands, "backup", keeping.back_up, "copy the database")
    one.add_argument("file", metavar="FILE", help="a new file")
    one = _command(commands, "restore", keeping.restore, "put a copy in its place")
    one.add_argument("file", metavar="FILE", help="a copy that backup has made")
    meaning = "write what was said as JSON lines; who is concerned is told"
    one = _command(commands, "export", keeping.export, meaning)
    one.add_argument("--person", metavar="NAME", help="what one person said and got")
    one.add_argument("--room", metavar="ROOM", help="what was said in one room")
    one.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="(default: print it)"
    )


@log
def _add_health(commands: Parsers) -> None:
    _command(commands, "status", health.status, "does it run, and how is it?")
    _command(commands, "check", health.check, "is anything wrong?")
    meaning = "what became of a message, and where it has not come, why"
    one = _command(commands, "trace", tracing.trace, meaning)
    one.add_argument("message", metavar="ID", type=_number)
    one.add_argument("--for", dest="person", metavar="NAME", help="one reader only")
    one = _command(commands, "clock", health.clock, "by which time does it delete?")
    one.add_argument(
        "--trust",
        action="store_true",
        help="this machine's clock is right: delete what is old by it",
    )
    group = _group(commands, "audit", "the audit log")
    _command(group, "verify", audit_log.verify, "has anybody changed it?")
    one = _command(group, "show", audit_log.show, "print its last entries")
    one.add_argument(
        "--last", type=_count, metavar="N", default=50, help="(default: 50; 0: all)"
    )
