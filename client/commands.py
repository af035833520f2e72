"""What a person can type: the table of commands, and a line read as one of them.

A line is a command when its first word is one. While plain lines go to somebody (`to
NAME`), people write sentences that begin with such words, so then the rest must fit
the command too, and `message` counts only alone: "message me later" is a sentence.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from common.names import is_room
from decorators import log

__all__ = ["COMMANDS", "Need", "Order", "Unclear", "Verb", "help_text", "read_line"]


class Verb(enum.Enum):
    """What is to be done."""

    NOTHING = "an empty line"
    SAY = "send a text; without a target it goes to whom plain lines go"
    MESSAGE = "ask for a recipient and a text"
    HELP = "show the help"
    EXIT = "leave"
    USERS = "list people"
    ROOMS = "list rooms"
    JOIN = "enter a room"
    LEAVE = "leave a room"
    TO = "set or show whom plain lines go to"


class Order(NamedTuple):
    """A line that is understood."""

    verb: Verb
    target: str = ""
    text: str = ""


class Unclear(NamedTuple):
    """A line that is not; `hint` says what would be."""

    hint: str


class Need(enum.Enum):
    """What follows a command's word, as its user reads it."""

    NOTHING = ""
    ROOM = "#ROOM"
    MAYBE_ROOM = "[#ROOM]"
    MAYBE_ANYBODY = "[NAME or #ROOM]"
    MAYBE_MESSAGE = "[NAME TEXT]"


class Command(NamedTuple):
    """One row of the table."""

    verb: Verb
    words: tuple[str, ...]
    need: Need
    help: str


COMMANDS: Final = (
    Command(
        Verb.MESSAGE,
        ("1", "message", "msg"),
        Need.MAYBE_MESSAGE,
        "write to somebody: asks to whom, then what",
    ),
    Command(Verb.HELP, ("2", "help"), Need.NOTHING, "show this help"),
    Command(Verb.EXIT, ("3", "exit", "quit"), Need.NOTHING, "leave"),
    Command(Verb.USERS, ("users",), Need.MAYBE_ROOM, "who is here, or in a room"),
    Command(Verb.ROOMS, ("rooms",), Need.NOTHING, "which rooms there are"),
    Command(Verb.JOIN, ("join",), Need.ROOM, "enter a room; a new one is made"),
    Command(Verb.LEAVE, ("leave",), Need.ROOM, "leave a room"),
    Command(
        Verb.TO,
        ("to",),
        Need.MAYBE_ANYBODY,
        "send plain lines there; alone: say where",
    ),
)

_BY_WORD: Final[Mapping[str, Command]] = {
    word: command for command in COMMANDS for word in command.words
}
_SHAPES: Final[Mapping[Need, re.Pattern[str]]] = {
    Need.NOTHING: re.compile(r"\Z"),
    Need.ROOM: re.compile(r"#\S+\Z"),
    Need.MAYBE_ROOM: re.compile(r"(?:#\S+)?\Z"),
    Need.MAYBE_ANYBODY: re.compile(r"\S*\Z"),
    Need.MAYBE_MESSAGE: re.compile(r"(?:\S+\s+\S.*)?\Z", re.DOTALL),
}
# No name holds punctuation: "@bob, look" to a room is a sentence.
_AT_ONCE: Final = re.compile(r"(?:@([^\s,;:!?]+)|(#[^\s,;:!?]+))\s+(\S.*)", re.DOTALL)
_VERBATIM: Final = "//"
_SURELY: Final = "/"


@log
def read_line(line: str, *, addressed: bool) -> Order | Unclear:
    """Return what `line` asks for; `addressed` tells whether plain lines go anywhere.

    `//text` is always a text, `/word` always a command if there is one of that name.
    """
    stripped = line.strip()
    if not stripped:
        return Order(Verb.NOTHING)
    if stripped.startswith(_VERBATIM):
        return _say(stripped.removeprefix(_VERBATIM), addressed=addressed)
    at_once = _AT_ONCE.fullmatch(stripped)
    if at_once is not None:
        return Order(Verb.SAY, at_once[1] or at_once[2], at_once[3])
    word, *rest = stripped.split(None, 1)
    surely = word.startswith(_SURELY)
    command = _BY_WORD.get(word.removeprefix(_SURELY).casefold())
    if command is not None:
        order = _read_command(command, rest[0] if rest else "")
        plainly = rest and command.verb is Verb.MESSAGE
        if surely or not addressed or (isinstance(order, Order) and not plainly):
            return order
    return _say(line, addressed=addressed)


@log
def _read_command(command: Command, rest: str) -> Order | Unclear:
    if not _SHAPES[command.need].match(rest):
        word = command.verb.name.lower()
        usage = f"{word} {command.need.value}".rstrip()
        return Unclear(f"{word} is used like this: {usage}")
    if command.verb is Verb.MESSAGE and rest:
        target, text = rest.split(None, 1)
        return Order(Verb.SAY, target.removeprefix("@"), text)
    return Order(command.verb, rest.removeprefix("@"))


@log
def _say(text: str, *, addressed: bool) -> Order | Unclear:
    if not text.strip():
        return Order(Verb.NOTHING)
    if addressed:
        return Order(Verb.SAY, "", text)
    if text[0] in "@#" and len(text.split(None, 1)) == 1:
        whom = text.strip().removeprefix("@")
        kind = "room" if is_room(whom) else "name"
        return Unclear(f"a text is missing behind the {kind}; to {whom} keeps it")
    return Unclear("say to whom: @NAME text or #ROOM text; help lists the commands")


@log
def help_text() -> str:
    """Return the help, one line per command and way to write."""
    rows = [(f"{', '.join(one.words)} {one.need.value}", one.help) for one in COMMANDS]
    rows += [
        ("@NAME TEXT", "send at once to one person"),
        ("#ROOM TEXT", "send at once to a room"),
        ("//TEXT", "send what looks like a command"),
    ]
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:<{width}}  {right}" for left, right in rows)
