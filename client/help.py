"""The help: short at a start, the words by group, and each group or word in full."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from client.command_table import COMMANDS, GROUPS, Command, commands_of
from decorators import log

__all__ = ["help_text", "is_subject", "subjects"]

_COLUMNS: Final = 78
_LONGEST_LEFT: Final = 28
_SHORTCUTS: Final = (
    ("@NAME TEXT", "send at once to one person"),
    ("#ROOM TEXT", "send at once to a room"),
    ("//TEXT", "send what looks like a command"),
)
_WHERE: Final = (
    "Without a #ROOM it is about the room that plain lines go to (to #ROOM), and where "
    "they go to none about the whole server; everywhere always means the whole server."
)
_FOR: Final = (
    "Without a time it is for good. for 10m, 2h, 3d or 2w ends it by itself; a reason "
    "may stand behind it."
)
_OF_PERSON: Final = (
    "While plain lines go somewhere, name the person as @bob or begin with /, for it "
    "could be a sentence."
)
#: What is worth more than a line, by the word that it is asked for with.
_DETAILS: Final = {
    "to": ("Say // before a line that looks like a command, / before a command.",),
    "edit": (
        "Without a name the text goes where plain lines go. Nothing is sent where the "
        "editor fails or leaves the file empty; what was too long is there again.",
    ),
    "topic": (
        "Without a text it shows the topic. Without a #ROOM it is about the room that "
        "plain lines go to.",
    ),
    "open": ("Alone it needs to #ROOM before it, and / where plain lines go there.",),
    "close": ("Alone it needs to #ROOM before it, and / where plain lines go there.",),
    "invite": (
        "With a NAME it lets somebody into a room. Alone it makes an invitation to "
        "this server, for one new account and one day unless said otherwise, as: "
        "invite as moderator 5 times for 3d to #tea.",
    ),
    "kick": (_WHERE, _OF_PERSON),
    "ban": (_FOR, _WHERE, _OF_PERSON),
    "mute": (_FOR, _WHERE, _OF_PERSON),
    "unban": (_WHERE, _OF_PERSON),
    "unmute": (_WHERE, _OF_PERSON),
    "bans": (_WHERE,),
    "add": (_OF_PERSON,),
    "forget": (_OF_PERSON,),
    "block": (_OF_PERSON,),
    "unblock": (_OF_PERSON,),
    "away": ("While plain lines go somewhere, write /away with a text.",),
    "status": ("While plain lines go somewhere, write /status.",),
    "bell": ("Alone it says how it is set; the setting bell keeps it.",),
    "redeem": ("The line that joins may be given too; nothing of it is shown.",),
}


@log
def subjects() -> list[str]:
    """Return what help can be asked about: groups, then words."""
    words = (word for one in COMMANDS for word in one.words if word.isalpha())
    return list(dict.fromkeys([*GROUPS, *words]))


@log
def is_subject(word: str) -> bool:
    """Tell whether there is help about a word."""
    return word.casefold() in GROUPS or bool(commands_of(word.casefold()))


@log
def help_text(subject: str = "", *, briefly: bool = False) -> str:
    """Return the words by group, a group or a word in full, or what a start says."""
    if briefly:
        first = _rows(one for one in COMMANDS if one.first)
        groups = f"help GROUP: {', '.join(GROUPS)}"
        return "\n".join([*_table([*first, *_SHORTCUTS]), f"  {groups}"])
    if not subject:
        return _overview()
    word = subject.casefold()
    if word in GROUPS:
        return _group(word)
    commands = commands_of(word)
    details = [_filled(one, "  ") for one in _DETAILS.get(commands[0].word, ())]
    return "\n".join([*_table(_rows(commands)), *details])


@log
def _overview() -> str:
    lines = []
    for group, meaning in GROUPS.items():
        words = [_called(one) for one in COMMANDS if one.group == group]
        lines.append(f"{group}: {meaning}")
        lines.append(_filled(", ".join(dict.fromkeys(words)), "  "))
    return "\n".join([*lines, "help GROUP or help WORD says more; Tab completes"])


@log
def _group(group: str) -> str:
    rows = _rows(one for one in COMMANDS if one.group == group)
    if group == "talking":
        rows += _SHORTCUTS
    return "\n".join([f"{group}: {GROUPS[group]}", *_table(rows)])


@log
def _called(command: Command) -> str:
    """Return a command's words, the shortest ones behind it."""
    others = [word for word in command.words if word != command.word]
    return f"{command.word} ({', '.join(others)})" if others else command.word


@log
def _rows(commands: Iterable[Command]) -> list[tuple[str, str]]:
    return [
        (f"{', '.join(one.words)} {one.form.usage}".rstrip(), one.help)
        for one in commands
    ]


@log
def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return two columns; what is too long for the left one has a line of its own."""
    fitting = [len(left) for left, _ in rows if len(left) <= _LONGEST_LEFT]
    width = max(fitting, default=0)
    lines = []
    for left, right in rows:
        if len(left) > width:
            lines += [f"  {left}", f"  {'':<{width}}  {right}"]
        else:
            lines.append(f"  {left:<{width}}  {right}")
    return lines


@log
def _filled(text: str, indent: str) -> str:
    return textwrap.fill(
        text, _COLUMNS, initial_indent=indent, subsequent_indent=indent
    )
