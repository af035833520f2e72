"""What a half-typed line may become."""

from __future__ import annotations

from client.commands import COMMANDS, Need
from client.known_names import KnownNames
from decorators import log

__all__ = ["complete"]

_TAKES_ROOM = (Need.ROOM, Need.MAYBE_ROOM)
_TAKES_ANYBODY = (Need.MAYBE_ANYBODY, Need.MAYBE_MESSAGE, Need.MAYBE_PAGE)
_MARKS = ("@", "#")


@log
def complete(before: str, known: KnownNames) -> list[str]:
    """Return what the last word of `before` may become: commands, names, rooms."""
    words = before.split(" ")
    if len(words) == 1:
        return _first_words(before, known)
    if len(words) > 2:
        return []
    for command in COMMANDS:
        if words[0].removeprefix("/").casefold() in command.words:
            if command.need in _TAKES_ANYBODY:
                return known.beginning_with(words[1])
            if command.need in _TAKES_ROOM:
                return known.rooms_beginning_with(words[1])
            if command.need is Need.MAYBE_NAME:
                return known.people_beginning_with(words[1])
            if command.need is Need.WORDS and words[1][:1] in _MARKS:
                return _first_words(words[1], known)
            if command.need is Need.ACCOUNT:
                return [word for word in ("account",) if word.startswith(words[1])]
    return []


@log
def _first_words(beginning: str, known: KnownNames) -> list[str]:
    if beginning.startswith("@"):
        return [f"@{name}" for name in known.people_beginning_with(beginning[1:])]
    if beginning.startswith("#"):
        return known.rooms_beginning_with(beginning)
    return [
        word
        for command in COMMANDS
        for word in command.words
        if word.isalpha() and word.startswith(beginning.casefold())
    ]
