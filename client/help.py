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
    ("//TEXT", "send a text that begins with a slash"),
)
_WHERE: Final = (
    "Without a #ROOM it is about the room that plain lines go to (to #ROOM), and where "
    "they go to none about the whole server; everywhere always means the whole server."
)
_FOR: Final = (
    "Without a time it is for good. for 10m, 2h, 3d or 2w ends it by itself; a reason "
    "may stand behind it."
)
_SLASH: Final = "Once plain lines go to somebody a line is a text, and /WORD a command."
_SLASHED: Final = "a command also where plain lines go to somebody"
#: What is worth more than a line, by the word that it is asked for with.
_DETAILS: Final = {
    "to": (f"{_SLASH} //TEXT sends a text that begins with a slash.",),
    "join": (f"Plain lines go to the room from then on. {_SLASH}",),
    "edit": (
        "Without a name the text goes where plain lines go. Nothing is sent where the "
        "editor fails or leaves the file empty; what was too long is there again.",
    ),
    "topic": (
        "Without a text it shows the topic. Without a #ROOM it is about the room that "
        "plain lines go to.",
    ),
    "leave": ("Without a #ROOM it is the room that plain lines go to.",),
    "open": ("Without a #ROOM it is the room that plain lines go to.",),
    "close": ("Without a #ROOM it is the room that plain lines go to.",),
    "invite": (
        "With a NAME it lets somebody into a room. Alone it makes an invitation to "
        "this server, for one new account and one day unless said otherwise, as: "
        "invite as moderator 5 times for 3d to #tea.",
    ),
    "kick": (_WHERE,),
    "ban": (_FOR, _WHERE),
    "mute": (_FOR, _WHERE),
    "unban": (_WHERE,),
    "unmute": (_WHERE,),
    "bans": (_WHERE,),
    "nick": ("A name lasts for a whole stay; login changes to another account.",),
    "bell": ("Alone it says how it is set; the setting bell keeps it.",),
    "redeem": ("The line that joins may be given too; nothing of it is shown.",),
}


@log
def subjects() -> list[str]:
    """Return what help can be asked about: groups, then words."""
    every = (word for one in COMMANDS for word in (*one.words, *one.slashed))
    return list(dict.fromkeys([*GROUPS, *(word for word in every if word.isalpha())]))


@log
def is_subject(word: str) -> bool:
    """Tell whether there is help about a word."""
    folded = word.casefold()
    return folded in GROUPS or bool(commands_of(folded, slashed=True))


@log
def help_text(subject: str = "", *, briefly: bool = False) -> str:
    """Return the words by group, a group or a word in full, or what a start says."""
    if briefly:
        first = _rows(one for one in COMMANDS if one.first)
        # The numbered ones stand right above the prompt, where no window is too low.
        menu = [row for row in first if row[0][:1].isdigit()]
        others = [row for row in first if row not in menu]
        groups = f"help GROUP: {', '.join(GROUPS)}"
        rows = _table([*others, *_SHORTCUTS, ("/WORD", _SLASHED), *menu])
        return "\n".join([*rows[: -len(menu)], f"  {groups}", *rows[-len(menu) :]])
    if not subject:
        return _overview()
    word = subject.casefold()
    if word in GROUPS:
        return _group(word)
    commands = commands_of(word, slashed=True)
    details = [_filled(one, "  ") for one in _DETAILS.get(commands[0].word, ())]
    return "\n".join([*_table(_rows(commands)), *details])


@log
def _overview() -> str:
    lines = []
    for group, meaning in GROUPS.items():
        words = [_called(one) for one in COMMANDS if one.group == group]
        lines.append(f"{group}: {meaning}")
        lines.append(_filled(", ".join(dict.fromkeys(words)), "  "))
    more = "help GROUP or help WORD says more; Tab completes"
    return "\n".join([*lines, _filled(_SLASH, ""), more])


@log
def _group(group: str) -> str:
    rows = _rows(one for one in COMMANDS if one.group == group)
    if group == "talking":
        rows += _SHORTCUTS
    return "\n".join([f"{group}: {GROUPS[group]}", *_table(rows)])


@log
def _called(command: Command) -> str:
    """Return a command's words, the shortest ones behind it."""
    slashed = [f"/{word}" for word in command.slashed]
    if not command.words:
        return slashed[0]
    others = [word for word in (*command.words, *slashed) if word != command.word]
    return f"{command.word} ({', '.join(others)})" if others else command.word


@log
def _rows(commands: Iterable[Command]) -> list[tuple[str, str]]:
    return [
        (
            f"{', '.join(one.words) or f'/{one.word}'} {one.form.usage}".rstrip(),
            one.help,
        )
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
