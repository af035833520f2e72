"""What a person can type: the table of commands, and a line read as one of them.

A line is a command when its first word is one. While plain lines go to somebody (`to
NAME`), people write sentences that begin with such words, so then the rest must fit
the command too, and `message` and `login` count only alone.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from common.names import is_room
from decorators import log

__all__ = [
    "COMMANDS",
    "MOST_ROWS",
    "Need",
    "Order",
    "Unclear",
    "Verb",
    "help_text",
    "read_line",
]

#: One page of the history, at most; a server gives no more at once.
MOST_ROWS = 1_000


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
    HISTORY = "show what was said; without a target to whom plain lines go"
    SEARCH = "find messages by their words; without a target in all conversations"
    MORE = "show one page further back"
    CONVERSATIONS = "list conversations"
    REGISTER = "make an account of our name"
    LOGIN = "sign in to an account"
    PASSWD = "change the password"
    DEVICES = "list our devices"
    LOGOUT = "sign a device out, by its number; 0 is this one"
    DELETE = "delete the account"


class Order(NamedTuple):
    """A line that is understood; `number` counts rows or names a device."""

    verb: Verb
    target: str = ""
    text: str = ""
    number: int = 0


class Unclear(NamedTuple):
    """A line that is not; `hint` says what would be."""

    hint: str


class Need(enum.Enum):
    """What follows a command's word, as its user reads it."""

    NOTHING = ""
    ROOM = "#ROOM"
    MAYBE_ROOM = "[#ROOM]"
    MAYBE_NAME = "[NAME]"
    MAYBE_ANYBODY = "[NAME or #ROOM]"
    MAYBE_MESSAGE = "[NAME TEXT]"
    MAYBE_PAGE = "[NAME or #ROOM] [N]"
    WORDS = "[@NAME or #ROOM] TEXT"
    MAYBE_DEVICE = "[DEVICE]"
    ACCOUNT = "account"


class Command(NamedTuple):
    """One row of the table."""

    verb: Verb
    words: tuple[str, ...]
    need: Need
    help: str


#: Those that are shown at each start.
_FIRST: Final = (
    Command(
        Verb.MESSAGE,
        ("1", "message", "msg"),
        Need.MAYBE_MESSAGE,
        "write to somebody: asks to whom, then what",
    ),
    Command(
        Verb.HELP, ("2", "help"), Need.NOTHING, "all commands, those of accounts too"
    ),
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
    Command(
        Verb.HISTORY,
        ("history",),
        Need.MAYBE_PAGE,
        "what was said, the last 20 or N",
    ),
    Command(Verb.SEARCH, ("search",), Need.WORDS, "messages with these words"),
)
COMMANDS: Final = (
    *_FIRST,
    Command(Verb.MORE, ("more",), Need.NOTHING, "one page further back"),
    Command(
        Verb.CONVERSATIONS,
        ("conversations", "unread"),
        Need.NOTHING,
        "with whom you talk, and what is unread",
    ),
    Command(Verb.REGISTER, ("register",), Need.NOTHING, "make an account of your name"),
    Command(Verb.LOGIN, ("login",), Need.MAYBE_NAME, "sign in to an account"),
    Command(Verb.PASSWD, ("passwd",), Need.NOTHING, "change your password"),
    Command(Verb.DEVICES, ("devices",), Need.NOTHING, "where you are signed in"),
    Command(
        Verb.LOGOUT,
        ("logout",),
        Need.MAYBE_DEVICE,
        "sign out for good: here, or a device",
    ),
    Command(Verb.DELETE, ("delete",), Need.ACCOUNT, "give your account up for good"),
)

_BY_WORD: Final[Mapping[str, Command]] = {
    word: command for command in COMMANDS for word in command.words
}
_SHAPES: Final[Mapping[Need, re.Pattern[str]]] = {
    Need.NOTHING: re.compile(r"\Z"),
    Need.ROOM: re.compile(r"#\S+\Z"),
    Need.MAYBE_ROOM: re.compile(r"(?:#\S+)?\Z"),
    Need.MAYBE_NAME: re.compile(r"(?:[^\s#]\S*)?\Z"),
    Need.MAYBE_ANYBODY: re.compile(r"\S*\Z"),
    Need.MAYBE_MESSAGE: re.compile(r"(?:\S+\s+\S.*)?\Z", re.DOTALL),
    Need.MAYBE_PAGE: re.compile(r"(?:\S+(?:\s+[0-9]{1,9})?)?\Z"),
    Need.WORDS: re.compile(r"\S"),
    Need.MAYBE_DEVICE: re.compile(r"(?:[1-9][0-9]{0,15})?\Z"),
    Need.ACCOUNT: re.compile(r"account\Z", re.IGNORECASE),
}
# To others "message me later" and "login failed" are sentences.
_ALONE: Final = frozenset({Verb.MESSAGE, Verb.LOGIN})
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
        plainly = rest and command.verb in _ALONE
        if surely or not addressed or (isinstance(order, Order) and not plainly):
            return order
    return _say(line, addressed=addressed)


@log
def _read_command(command: Command, rest: str) -> Order | Unclear:
    verb, need = command.verb, command.need
    if not _SHAPES[need].match(rest):
        word = verb.name.lower()
        usage = f"{word} {need.value}".rstrip()
        return Unclear(f"{word} is used like this: {usage}")
    if verb is Verb.MESSAGE and rest:
        target, text = rest.split(None, 1)
        return Order(Verb.SAY, target.removeprefix("@"), text)
    if need is Need.MAYBE_PAGE:
        return _read_page(rest.split())
    if need is Need.WORDS:
        within = _AT_ONCE.fullmatch(rest)
        if within is not None:
            return Order(verb, within[1] or within[2], within[3])
        return Order(verb, "", rest)
    if need is Need.MAYBE_DEVICE:
        return Order(verb, number=int(rest or 0))
    return Order(verb, "" if need is Need.ACCOUNT else rest.removeprefix("@"))


@log
def _read_page(words: list[str]) -> Order:
    """Read a name and a number, each of which may be missing; `@5` is a name."""
    number = int(words.pop()) if words and words[-1].isdecimal() else 0
    target = words[0].removeprefix("@") if words else ""
    return Order(Verb.HISTORY, target, number=min(number, MOST_ROWS))


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
def help_text(*, briefly: bool = False) -> str:
    """Return the help, one line per command and way to write; `briefly` at a start."""
    table = _FIRST if briefly else COMMANDS
    rows = [(f"{', '.join(one.words)} {one.need.value}", one.help) for one in table]
    rows += [
        ("@NAME TEXT", "send at once to one person"),
        ("#ROOM TEXT", "send at once to a room"),
        ("//TEXT", "send what looks like a command"),
    ]
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:<{width}}  {right}" for left, right in rows)
