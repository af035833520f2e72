"""A typed line, read as one of the commands or as a text.

A line is a command when its first word is one. While plain lines go to somebody (`to
NAME`), people write sentences that begin with such words, so then the rest must fit
the command too, and be clearly no sentence (`client.forms`).
"""

from __future__ import annotations

import re
from typing import Final

from client.command_table import Command, commands_of
from client.forms import MARKED
from client.help import is_subject
from client.verbs import Order, Unclear, Verb
from common.names import is_room
from decorators import log

__all__ = ["MOST_ROWS", "read_line"]

#: One page of the history, at most; a server gives no more at once.
MOST_ROWS = 1_000
_AT_ONCE: Final = re.compile(rf"{MARKED}\s+(?P<text>\S.*)", re.DOTALL)
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
        return Order(Verb.SAY, at_once["target"], at_once["text"])
    word, *others = stripped.split(None, 1)
    surely = word.startswith(_SURELY)
    commands = commands_of(word.removeprefix(_SURELY).casefold())
    if not commands:
        return _say(line, addressed=addressed)
    rest = others[0] if others else ""
    order, clear = _read_command(commands, rest)
    if surely or not addressed or (order is not None and clear):
        return order or Unclear(_usage(commands))
    instead = order.target if order is not None else ""
    said = _say(line, addressed=addressed)
    return said._replace(instead=instead) if isinstance(said, Order) else said


@log
def _read_command(commands: list[Command], rest: str) -> tuple[Order | None, bool]:
    """Return what the rest of a line asks for, and whether it is clearly no text."""
    for command in commands:
        order = command.form.maybe_read(command.verb, rest)
        if order is not None:
            return _refined(order), command.form.is_clear(rest)
    return None, False


@log
def _refined(order: Order) -> Order | None:
    """Return an order with what no pattern can say."""
    match order.verb:
        case Verb.MESSAGE if order.text:
            return order._replace(verb=Verb.SAY)
        case Verb.HISTORY:
            return order._replace(number=min(order.number, MOST_ROWS))
        case Verb.HELP if order.choice and not is_subject(order.choice):
            return None
    return order


@log
def _usage(commands: list[Command]) -> str:
    ways = ", or ".join(one.usage for one in commands)
    return f"{commands[0].word} is used like this: {ways}"


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
