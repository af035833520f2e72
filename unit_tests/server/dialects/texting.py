"""People at the text door: what they type, and what they are told."""

import time
from collections.abc import Iterable

from common.limits import Limits
from common.names import ALL, Name, RoomName
from server.dialects.text import TextDialect
from server.dialects.text_steps import Ask
from server.events import (
    Aside,
    AskHistory,
    Delivery,
    Event,
    HearEverybody,
    KeptMessage,
    MessageList,
    Outgoing,
    UserEntry,
)
from unit_tests.server.dialects.feeding import (
    NOW,
    WALL,
)

__all__ = [
    "ALICE",
    "BOB",
    "ENTRANCE",
    "ROOM",
    "THEN",
    "answered",
    "entering",
    "heard",
    "here",
    "recent",
    "row",
    "said",
    "stamp",
]

ALICE, BOB, ROOM = Name("alice"), Name("bob"), RoomName("#r")
THEN = WALL - 3600
ENTRANCE: list[Event] = [
    HearEverybody(),
    AskHistory(ALL, limit=50, request=Ask.RECENT),
]


def stamp(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))


def heard(dialect: TextDialect, *events: Outgoing) -> list[str]:
    """Return the lines that a dialect makes of events, without the time of now."""
    data = dialect.send(events, NOW, WALL)
    assert not data or data.endswith(b"\n")
    now = f"{stamp(WALL)}: "
    return [line.removeprefix(now) for line in data.decode().split("\n")[:-1]]


def answered(dialect: TextDialect, line: str) -> list[str]:
    """Return what the dialect itself answers to a line."""
    events = list(dialect.receive_data(line.encode() + b"\n"))
    assert all(isinstance(event, Aside) for event in events)
    return heard(dialect, *(one for one in events if isinstance(one, Aside)))


def entering(name: str = "alice", **options: bool) -> TextDialect:
    """Return a dialect whose sign-in is to be answered."""
    dialect = TextDialect(Limits(), **options)
    dialect.receive_data(name.encode() + b"\n")
    return dialect


def row(at: int, text: str = "hi", to: str = ALL, sender: Name = BOB) -> KeptMessage:
    return KeptMessage(at, THEN, sender, Name(to), text)


def said(at: int, *texts: str, to: str = ALL, sender: Name = BOB) -> Delivery:
    return Delivery(sender, Name(to), list(texts), at, time=WALL)


def recent(rows: Iterable[KeptMessage] = ()) -> MessageList:
    return MessageList(list(rows), False, request=Ask.RECENT)


def here(*names: str) -> list[UserEntry]:
    return [UserEntry(Name(name), "", True, True) for name in names]
