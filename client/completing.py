"""What a half-typed line may become."""

from __future__ import annotations

from collections.abc import Iterable

from client.command_table import COMMANDS, commands_of
from client.forms import ROLES, Form, Take
from client.help import subjects
from client.known_names import KnownNames
from decorators import log

__all__ = ["complete"]

_DURATIONS = ("10m", "1h", "1d", "7d")
_MARKS = ("@", "#")
_SLASH = "/"


@log
def complete(before: str, known: KnownNames, *, addressed: bool = False) -> list[str]:
    """Return what the last word of `before` may become: commands, names, rooms.

    In a text, which goes to somebody where it is `addressed`, it may become a name.
    """
    first, *words = before.split(" ")
    slashed = first.startswith(_SLASH)
    if addressed and not slashed:
        last = words[-1] if words else first
        return _first_words(last, known) if last[:1] in _MARKS else _named(last, known)
    if not words:
        return _first_words(first, known)
    word = first.removeprefix(_SLASH).casefold()
    forms = [one.form for one in commands_of(word, slashed=slashed)]
    if len(words) > 1:
        # Of several ways to use a word the first word behind it tells.
        forms = [one for one in forms if words[0] in one.words] or forms
    found = (word for form in forms for word in _next_words(form, words, known))
    return list(dict.fromkeys(found))


@log
def _next_words(form: Form, words: list[str], known: KnownNames) -> list[str]:
    """Return what the last of the words behind a command's may become."""
    last = words[-1]
    before = words[-2].casefold() if len(words) > 1 else ""
    if before in form.words:
        opened = _opened(before, last, known)
        if opened:
            return opened
    literal = _beginning(form.words, last)
    if len(words) == 1:
        of_person = form.takes is Take.PERSON
        return [*_taken(form.takes, last, known), *([] if of_person else literal)]
    if len(words) == 2 and form.then is not Take.NOTHING:
        return [*_taken(form.then, last, known), *literal]
    # Behind them may stand a reason, which nobody else can know.
    return literal if last or form.then is Take.NOTHING else []


@log
def _opened(opener: str, beginning: str, known: KnownNames) -> list[str]:
    """Return what may stand behind a small word such as `for`."""
    match opener:
        case "for":
            return _beginning(_DURATIONS, beginning)
        case "as":
            return _beginning(ROLES, beginning)
        case "to":
            return known.rooms_beginning_with(beginning)
    return []


@log
def _taken(take: Take, beginning: str, known: KnownNames) -> list[str]:
    match take:
        case Take.PERSON if beginning.startswith("@"):
            return _first_words(beginning, known)
        case Take.PERSON:
            return known.people_beginning_with(beginning)
        case Take.ROOM:
            return known.rooms_beginning_with(beginning)
        case Take.ANYBODY if beginning.startswith("@"):
            return _first_words(beginning, known)
        case Take.ANYBODY:
            return known.beginning_with(beginning)
        case Take.MARKED if beginning[:1] in _MARKS and beginning:
            return _first_words(beginning, known)
        case Take.SUBJECT:
            return _beginning(subjects(), beginning)
    return []


@log
def _beginning(words: Iterable[str], beginning: str) -> list[str]:
    return [word for word in words if word.startswith(beginning.casefold())]


@log
def _first_words(beginning: str, known: KnownNames) -> list[str]:
    if beginning.startswith("@"):
        return [f"@{name}" for name in known.people_beginning_with(beginning[1:])]
    if beginning.startswith("#"):
        return known.rooms_beginning_with(beginning)
    words = dict.fromkeys(
        word for one in COMMANDS for word in one.words if word.isalpha()
    )
    if not beginning.startswith(_SLASH):
        return _beginning(words, beginning)
    slashed = dict.fromkeys(word for one in COMMANDS for word in one.slashed)
    return _beginning((f"/{word}" for word in words | slashed), beginning)


@log
def _named(beginning: str, known: KnownNames) -> list[str]:
    """Return the people that a word of a text may name."""
    return known.people_beginning_with(beginning) if beginning else []
