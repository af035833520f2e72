"""The command lines of `read` and `send`, and what they come to with all settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from client.scripts.talk import complain
from client.scripts.wanted import Wanted
from common.client_settings import ClientSettings
from common.command_line import command_line
from common.launcher_settings import LauncherSettings
from common.names import ALL, Name, RoomName, Secret, is_room
from common.script_settings import ScriptSettings, as_found, as_scripts_spell
from common.server_settings import ServerSettings
from common.settings import Resolved, resolve, show
from common.sources import gather
from decorators import log

__all__ = [
    "ReadArguments",
    "SendArguments",
    "read_arguments",
    "read_parser",
    "send_arguments",
    "send_parser",
]

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
_DOTENV = ".env"
# All programs may share one environment and one settings file.
_OTHERS = (ClientSettings, LauncherSettings, ServerSettings)
# The stronger comes first.
_KINDS = ("flag", "environment", ".env", "file", "default")


class ReadArguments(NamedTuple):
    """What `read` is to do; `since` is the message behind which it begins."""

    settings: ScriptSettings
    wanted: Wanted
    since: int | None
    as_json: bool
    once: bool


class SendArguments(NamedTuple):
    """What `send` is to do; without a text it comes from standard input."""

    settings: ScriptSettings
    text: str | None
    to: Name | RoomName
    wait: str
    lines: bool


@log
def read_parser(program: str) -> argparse.ArgumentParser:
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
def send_parser(program: str) -> argparse.ArgumentParser:
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
def _parser(name: str, usage: str, examples: str) -> argparse.ArgumentParser:
    program = name.rpartition(" ")[0]
    examples = (examples + _EXIT_CODES).replace("my_client.py", program)
    return command_line(name, usage, examples, ScriptSettings)


@log
def _room(text: str) -> RoomName:
    return RoomName(text if is_room(text) else f"#{text}")


@log
def _message_id(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**53:
        raise ValueError(text)
    return number


@log
def read_arguments(program: str, words: Sequence[str]) -> ReadArguments | None:
    """Return what to do; None where showing the settings was all."""
    parser = read_parser(program)
    flags = vars(parser.parse_args(words))
    own = {
        name: flags.pop(name) for name in ("room", "sender", "since", "as_json", "once")
    }
    settings = _settings(flags)
    if settings is None:
        return None
    if settings.read_port and (own["room"] or own["since"] is not None or own["once"]):
        parser.error(
            "a MineChat server has neither rooms nor a history: --room, --since and "
            "--once don't go with --read-port"
        )
    wanted = Wanted(own["room"] or "", own["sender"])
    return ReadArguments(settings, wanted, own["since"], own["as_json"], own["once"])


@log
def send_arguments(program: str, words: Sequence[str]) -> SendArguments | None:
    """Return what to do; None where showing the settings was all."""
    parser = send_parser(program)
    flags = vars(parser.parse_args(words))
    own = {name: flags.pop(name) for name in ("text", "to", "wait", "lines")}
    settings = _settings(flags)
    if settings is None:
        return None
    text = _text(parser, own["text"], lines=own["lines"])
    _check_wait(parser, settings, own["to"], own["wait"])
    return SendArguments(settings, text, own["to"], own["wait"], own["lines"])


@log
def _text(
    parser: argparse.ArgumentParser, words: list[str], *, lines: bool
) -> str | None:
    """Return the text that was given; None where it comes from standard input."""
    if words not in ([], ["-"]):
        if lines:
            parser.error("--lines takes what to say from standard input")
        text = " ".join(words)
        if not text.strip():
            parser.error("the text is empty: there is nothing to send")
        return text
    if not words and not lines and os.isatty(0):
        parser.error("what is to be sent? give a TEXT, or - to type it")
    return None


@log
def _check_wait(
    parser: argparse.ArgumentParser,
    settings: ScriptSettings,
    to: Name | RoomName,
    wait: str,
) -> None:
    """Refuse to wait for what will never be told."""
    if settings.send_port and (wait != "stored" or to != ALL):
        parser.error(
            "a MineChat server has one room, and says of a message only that it has "
            "come: --to and --wait don't go with --send-port"
        )
    if is_room(to) and (wait == "delivered" or (wait == "read" and to == ALL)):
        parser.error(
            f"nobody is told who has got a message in {to}: --wait {wait} needs --to "
            "NAME"
        )


@log
def _settings(flags: dict[str, object]) -> ScriptSettings | None:
    show_only = flags.pop("show_settings")
    if "token" in flags:
        complain(
            "a token on the command line can be read by everybody on this machine, in "
            "the list of processes: --token-file FILE, JIM_TOKEN or TOKEN in .env "
            "hide it"
        )
    found = gather(flags, os.environ, _read_text)
    resolved = resolve(ScriptSettings, as_scripts_spell(found), known=_OTHERS)
    resolved = _one_token(resolved)
    if show_only:
        origins = {
            name: as_found(source, found) for name, source in resolved.sources.items()
        }
        sys.stdout.write(show(_hidden(resolved)._replace(sources=origins)))
        return None
    return resolved.values


@log
def _read_text(name: str) -> str:
    """Return a file's text; `.env` is looked for here, then beside the program."""
    path = Path(name)
    if name == _DOTENV and not path.exists():
        path = Path(sys.argv[0]).resolve().parent / name
    return path.read_text("utf-8")


@log
def _one_token(resolved: Resolved[ScriptSettings]) -> Resolved[ScriptSettings]:
    """Return the settings with the stronger one of a token and a token's file."""
    kinds = resolved.sources
    token, file = (_KINDS.index(kinds[name].kind) for name in ("token", "token_file"))
    weaker = {"token": Secret("")} if file < token else {"token_file": ""}
    values = resolved.values
    if not (values.token and values.token_file):
        return resolved
    return resolved._replace(values=replace(values, **weaker))


@log
def _hidden(resolved: Resolved[ScriptSettings]) -> Resolved[ScriptSettings]:
    if not resolved.values.token:
        return resolved
    shown = replace(resolved.values, token=Secret("(not shown)"))
    return resolved._replace(values=shown)
