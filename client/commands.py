"""Read a typed line as one of the commands or as a text.

While nobody is addressed a line is a command when its first word is one. Once plain
lines go to somebody people write sentences, so then a line is a text, and `/word` alone
is a command.
"""

from __future__ import annotations

import difflib
import re
from typing import Final

from client.command_table import COMMANDS, Command, commands_of
from client.forms import MARKED
from client.help import is_subject
from client.verbs import Order, Unclear, Verb
from common.names import is_room
from decorators import log

__all__ = ["MOST_ROWS", "read_line"]

#: One page of the history, at most; a server gives no more at once.
MOST_ROWS = 1_000
_AT_ONCE: Final = re.compile(rf"{MARKED}\s+(?P<text>\S.*)", re.DOTALL)
_SLASH: Final = "/"
_VERBATIM: Final = "//"
# Who means a command and misses it writes few words; longer lines are sentences.
_MOST_WORDS_OF_A_SLIP: Final = 3
# Below it a word that was meant for another is no longer recognised in it.
_LEAST_LIKENESS: Final = 0.6


@log
def read_line(line: str, *, addressed: bool, begins: bool = False) -> Order | Unclear:
    """Return what `line` asks for; `addressed` tells whether plain lines go anywhere.

    Where they do not, a text that `begins` the first conversation may be said.
    `/word` is a command or unclear, `//word` always the text `/word`. A text that
    begins like a command, and may be meant as one, is `doubtful`.
    """
    stripped = line.strip()
    if not stripped:
        return Order(Verb.NOTHING)
    if stripped.startswith(_VERBATIM):
        return _say(stripped.removeprefix(_SLASH), addressed=addressed, begins=begins)
    at_once = _AT_ONCE.fullmatch(stripped)
    if at_once is not None:
        return Order(Verb.SAY, at_once["target"], at_once["text"])
    word, *others = stripped.split(None, 1)
    rest = others[0] if others else ""
    slashed = word.startswith(_SLASH)
    commands = commands_of(word.removeprefix(_SLASH).casefold(), slashed=slashed)
    if not commands:
        return (
            _unknown(word)
            if slashed
            else _say(line, addressed=addressed, begins=begins)
        )
    order = _read_command(commands, rest)
    if slashed or not addressed:
        return order or Unclear(_usage(commands, word if slashed else ""))
    said = _say(line, addressed=True)
    few = len(rest.split(None, _MOST_WORDS_OF_A_SLIP)) < _MOST_WORDS_OF_A_SLIP
    if word.isalpha() and (few or order is not None) and isinstance(said, Order):
        return said._replace(doubtful=True)
    return said


@log
def _read_command(commands: list[Command], rest: str) -> Order | None:
    """Return what the rest of a line asks for, None where it has no form of theirs."""
    for command in commands:
        order = command.form.maybe_read(command.verb, rest)
        if order is not None:
            return _refined(order)
    return None


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
def _usage(commands: list[Command], slashed: str) -> str:
    """Return how a command is used, by the word with its slash if it had one."""
    word = slashed.casefold() or commands[0].word
    ways = ", or ".join(f"{word} {one.form.usage}".rstrip() for one in commands)
    return f"{word} is used like this: {ways}"


@log
def _unknown(word: str) -> Unclear:
    """Name the command that is nearest to a word that is none."""
    known = [each for one in COMMANDS for each in (*one.words, *one.slashed)]
    wanted = word.removeprefix(_SLASH).casefold()
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=_LEAST_LIKENESS)
    hint = f"did you mean /{near[0]}?" if near else "/help lists the commands"
    return Unclear(f"{word} is no command: {hint} (/{word} says it as a text)")


@log
def _say(text: str, *, addressed: bool, begins: bool = False) -> Order | Unclear:
    if addressed:
        return Order(Verb.SAY, "", text)
    if text[0] in "@#" and len(text.split(None, 1)) == 1:
        whom = text.strip().removeprefix("@")
        kind = "room" if is_room(whom) else "name"
        return Unclear(f"a text is missing behind the {kind}; /to {whom} keeps it")
    if begins:
        return Order(Verb.SAY, "", text)
    return Unclear("say to whom: @NAME text or #ROOM text; /help lists the commands")
