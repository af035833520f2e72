"""The words in capitals at the text door, as a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from common.names import ALL, is_room
from decorators import log
from server.dialects.text_steps import Ask, Step
from server.dialects.text_words import HELP, MENU, TO_EVERYBODY, WHAT
from server.events import (
    Aside,
    AskHistory,
    Event,
    JoinRoom,
    LeaveRoom,
    ListUsers,
    Quitting,
)

if TYPE_CHECKING:
    from server.dialects.text_dialogs import Dialog

__all__ = ["Order", "addressee", "find_order"]

_HISTORY_MESSAGES = 20


class _Word(NamedTuple):
    """A row of the table: who carries it out, and what may stand behind the word."""

    carry_out: Callable[[Dialog, str], list[Event]]
    argument: re.Pattern[str] = re.compile("")


class Order(NamedTuple):
    """A line that is one of the words; `argument` is what stands behind it."""

    word: _Word
    argument: str

    @log
    def obey(self, dialog: Dialog) -> list[Event]:
        """Do it; return what it asks for."""
        return self.word.carry_out(dialog, self.argument)


@log
def find_order(text: str) -> Order | None:
    """Return what a line orders; None for a message, also if it only begins alike."""
    name, _, argument = text.partition(" ")
    word = _WORDS.get(name)
    if word is None:
        return None
    # What is told keeps its spaces at the end, as every text does.
    argument = argument.lstrip() if name == "TELL" else argument.strip()
    return Order(word, argument) if word.argument.fullmatch(argument) else None


@log
def addressee(name: str) -> str:
    """Return a name as it was typed, but `#all` without capitals."""
    return ALL if name.casefold() == ALL else name


@log
def _help(dialog: Dialog, _: str) -> list[Event]:
    return [Aside(line) for line in HELP]


@log
def _list(dialog: Dialog, _: str) -> list[Event]:
    after, dialog.people_after = dialog.people_after, None
    return [ListUsers(after=after, request=Ask.LIST)]


@log
def _quit(dialog: Dialog, _: str) -> list[Event]:
    return [Quitting()]


@log
def _choose(dialog: Dialog, _: str) -> list[Event]:
    dialog.go(Step.CHOOSING)
    return [Aside(MENU)]


@log
def _tell(dialog: Dialog, argument: str) -> list[Event]:
    name, _, text = argument.partition(" ")
    name = addressee(name)
    if text.strip():
        return [dialog.say(name, [text])]
    if not name:
        dialog.go(Step.TELLING_WHOM)
        return [Aside("Server: whom? Type a name")]
    dialog.wanted = name
    dialog.go(Step.TELLING_WHAT)
    return [Aside(WHAT)]


@log
def _join(dialog: Dialog, room: str) -> list[Event]:
    if not room:
        return [Aside("Sorry! Say which room: JOIN #room")]
    dialog.wanted = addressee(room)
    dialog.go(Step.MOVING)
    return [JoinRoom(room, Ask.MOVE)]


@log
def _leave(dialog: Dialog, argument: str) -> list[Event]:
    room = argument or dialog.target
    if not is_room(room):
        dialog.target = ALL
        return [Aside(TO_EVERYBODY)]
    is_here = room.casefold() == dialog.target.casefold()
    dialog.wanted = ALL if is_here else dialog.target
    dialog.go(Step.MOVING)
    return [LeaveRoom(room, Ask.MOVE)]


@log
def _history(dialog: Dialog, argument: str) -> list[Event]:
    limit = int(argument) if argument else _HISTORY_MESSAGES
    return [AskHistory(dialog.target, limit=limit, request=Ask.HISTORY)]


_ROOM = re.compile(r"(#\S+)?")
_WORDS = {
    "HELP": _Word(_help),
    "LIST": _Word(_list),
    "QUIT": _Word(_quit),
    "q": _Word(_quit),
    "CHOOSE": _Word(_choose),
    "TELL": _Word(_tell, re.compile(r".*", re.DOTALL)),
    "JOIN": _Word(_join, _ROOM),
    "LEAVE": _Word(_leave, _ROOM),
    "HISTORY": _Word(_history, re.compile(r"[0-9]{0,4}")),
}
