"""What the command lines of `read` and `send` come to, with all settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from client.scripts.parsers import read_parser, send_parser
from client.scripts.talk import complain
from client.scripts.wanted import Wanted
from common.client_settings import ClientSettings
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
    "send_arguments",
]

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
    """What `send` is to do; where `text` is None it is standard input."""

    settings: ScriptSettings
    text: str | None
    to: Name | RoomName
    wait: str
    lines: bool


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
    resolved = resolve(
        ScriptSettings,
        as_scripts_spell(found),
        known=_OTHERS,
        spelled=lambda source: as_found(source, found),
    )
    resolved = _one_token(resolved)
    if show_only:
        sys.stdout.write(show(_hidden(resolved)))
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
