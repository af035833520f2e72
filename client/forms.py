"""What may follow a command's word: patterns, and how each is read.

The groups of a pattern are named as the fields of an Order.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from client.times import DURATION, seconds_of
from client.verbs import EVERYWHERE, Order, Verb
from decorators import log

__all__ = ["BELL", "MARKED", "ROLES", "Form", "Take"]

#: What somebody can be made.
ROLES: Final = ("member", "moderator", "owner")
#: What the bell can be set to.
BELL: Final = ("off", "mention", "all")

_NAME = r"@?(?P<target>[^\s#@]\S*)"
_WHERE = rf"(?:\s+(?P<room>#\S+|{EVERYWHERE}))?"
_ROLE = f"(?P<choice>{'|'.join(ROLES)})"
#: A person or a room with its mark. No name holds punctuation: "@bob, look" to a room
#: is a sentence.
MARKED: Final = r"@?(?P<target>(?<=@)[^\s,;:!?]+|#[^\s,;:!?]+)"


class Take(enum.Enum):
    """What the first word behind a command's is, so that it can be completed."""

    NOTHING = "nothing that is known"
    PERSON = "a person"
    ROOM = "a room"
    ANYBODY = "a person or a room"
    MARKED = "@NAME or #ROOM"
    SUBJECT = "a command or a group of them"


class Form(enum.Enum):
    """A form: how a user reads it, its pattern, and more as `__init__` has it."""

    NOTHING = ("", r"")
    ROOM = ("#ROOM", r"(?P<target>#\S+)", Take.ROOM)
    MAYBE_ROOM = ("[#ROOM]", r"(?P<target>#\S+)?", Take.ROOM)
    PLACE = (
        f"[#ROOM or {EVERYWHERE}]",
        rf"(?P<room>#\S+|{EVERYWHERE})?",
        Take.ROOM,
        (EVERYWHERE,),
    )
    PERSON = ("NAME", _NAME, Take.PERSON)
    MAYBE_PERSON = ("[NAME]", rf"(?:{_NAME})?", Take.PERSON)
    ANYBODY = ("[NAME or #ROOM]", r"@?(?P<target>\S*)", Take.ANYBODY)
    MESSAGE = (
        "[NAME TEXT]",
        r"(?:@?(?P<target>\S+)\s+(?P<text>\S.*))?",
        Take.ANYBODY,
    )
    PAGE = (
        "[NAME or #ROOM] [N]",
        r"(?:(?![0-9]+\Z)@?(?P<target>\S+)(?:\s+(?=[0-9])|\Z))?"
        r"(?P<number>[1-9][0-9]{0,8})?",
        Take.ANYBODY,
    )
    WORDS = (
        "[@NAME or #ROOM] TEXT",
        rf"(?:{MARKED}\s+)?(?P<text>\S.*)",
        Take.MARKED,
    )
    NUMBER = ("N", r"(?P<number>[1-9][0-9]{0,14})")
    DEVICE = ("[DEVICE]", r"(?P<number>[1-9][0-9]{0,14})?")
    ACCOUNT = ("account", r"account", Take.NOTHING, ("account",))
    TOPIC = (
        "[#ROOM] [TEXT]",
        r"(?:(?P<target>#\S+)(?:\s+|\Z))?(?P<text>\S.*)?",
        Take.ROOM,
    )
    TEXT = ("TEXT", r"(?P<text>\S.*)")
    MAYBE_TEXT = ("[TEXT]", r"(?P<text>\S.*)?")
    INVITATION = (
        "[as ROLE] [N times] [for 3d] [to #ROOM]",
        rf"(?:(?:as\s+{_ROLE}|(?P<number>[1-9][0-9]{{0,3}})\s+times?"
        rf"|for\s+(?P<seconds>{DURATION})|to\s+(?P<room>#\S+))(?:\s+|\Z))*",
        Take.NOTHING,
        ("as", "for", "to"),
    )
    # `invite to #tea` makes an invitation; who is called "to" is written @to.
    INTO_ROOM = (
        "NAME [#ROOM]",
        rf"(?!to\s+#){_NAME}(?:\s+(?P<room>#\S+))?",
        Take.PERSON,
        (),
        Take.ROOM,
    )
    KICK = (
        "NAME [#ROOM] [REASON]",
        rf"{_NAME}{_WHERE}(?:\s+(?P<text>\S.*))?",
        Take.PERSON,
        (EVERYWHERE,),
        Take.ROOM,
    )
    SANCTION = (
        "NAME [#ROOM] [for 10m|2h|3d] [REASON]",
        rf"{_NAME}{_WHERE}(?:\s+(?:for\s+)?(?P<seconds>{DURATION}))?"
        # Bounded: a megabyte of spaces must not be searched from each of them.
        rf"(?:\s+(?P<text>\S.*?))?(?:\s{{1,9}}for\s+(?P<later>{DURATION}))?",
        Take.PERSON,
        (EVERYWHERE, "for"),
        Take.ROOM,
    )
    PARDON = (
        "NAME [#ROOM]",
        rf"{_NAME}{_WHERE}",
        Take.PERSON,
        (EVERYWHERE,),
        Take.ROOM,
    )
    ROLE = (
        "NAME member|moderator|owner",
        rf"{_NAME}\s+{_ROLE}",
        Take.PERSON,
        ROLES,
    )
    SWITCH = ("on|off", r"(?P<choice>on|off)", Take.NOTHING, ("on", "off"))
    BELL = (
        "[off|mention|all]",
        f"(?P<choice>{'|'.join(BELL)})?",
        Take.NOTHING,
        BELL,
    )
    SUBJECT = ("[GROUP or WORD]", r"(?P<choice>\w+)?", Take.SUBJECT)

    @log
    def __init__(
        self,
        usage: str,
        pattern: str,
        takes: Take = Take.NOTHING,
        words: tuple[str, ...] = (),
        then: Take = Take.NOTHING,
    ) -> None:
        """Say what the first word is, what may stand behind it, and `words` of ours."""
        self.usage = usage
        self.takes = takes
        self.words = words
        self.then = then
        self._pattern = pattern

    @log
    def maybe_read(self, verb: Verb, rest: str) -> Order | None:
        """Return what is asked for, None where `rest` has not this form."""
        # Compiled when first needed, and kept by `re`: a start pays for none.
        found = re.fullmatch(self._pattern, rest, re.IGNORECASE | re.DOTALL)
        if found is None:
            return None
        said = {name: part for name, part in found.groupdict().items() if part}
        seconds = said.get("seconds") or said.get("later")
        return Order(
            verb,
            said.get("target", ""),
            said.get("text", ""),
            int(said.get("number", 0)),
            said.get("room", ""),
            seconds_of(seconds) if seconds else None,
            said.get("choice", "").lower(),
        )
