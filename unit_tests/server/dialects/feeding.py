"""Ways to feed a dialect, and to compare what it makes of the bytes."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from common.limits import Limits
from common.names import Name
from server.dialects.base import Dialect
from server.dialects.jim import JimDialect
from server.dialects.text import TextDialect
from server.dialects.text_steps import Ask
from server.events import (
    CaughtUp,
    Event,
    Faulty,
    MessageList,
    Outgoing,
    Said,
    Welcome,
)

__all__ = [
    "NOW",
    "WALL",
    "canonical",
    "comparable",
    "cut",
    "fed",
    "jim",
    "line",
    "objects",
    "presence",
    "said",
    "sent",
    "talking",
    "told",
    "welcome",
]

NOW = 1000.0
WALL = 1_700_000_000.5


def line(fields: object) -> bytes:
    """Return an object as a line."""
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def presence(name: str = "alice", **fields: Any) -> bytes:
    """Return the canonical presence: it names a store."""
    user = {"account_name": name, "status": "here"}
    return line({"action": "presence", "time": 1, "user": user, "store": "", **fields})


def said(text: str = "hi", to: str = "bob", **fields: Any) -> bytes:
    """Return the canonical message, as our clients send it."""
    return line(
        {
            "action": "msg",
            "time": 1,
            "to": to,
            "from": "alice",
            "encoding": "utf-8",
            "message": text,
            **fields,
        }
    )


def jim(**limits: Any) -> JimDialect:
    """Return a new dialect."""
    return JimDialect(Limits(**limits))


def canonical(**limits: Any) -> JimDialect:
    """Return a dialect on which a canonical client has signed in."""
    dialect = jim(**limits)
    dialect.receive_data(presence())
    return dialect


def welcome(name: str = "alice") -> Welcome:
    """Return the answer to a sign-in at the text door."""
    return Welcome(Name(name), True, "s", 0, 0, [], Limits(), Ask.SIGN_IN)


def talking(*, newlines: bool = True, **limits: Any) -> TextDialect:
    """Return a text dialect on which alice has signed in; nothing was said before."""
    dialect = TextDialect(Limits(**limits))
    dialect.receive_data(b"alice\n" if newlines else b"alice")
    dialect.receive_silence()
    recent = MessageList([], False, request=Ask.RECENT)
    sent(dialect, [welcome(), CaughtUp(0), recent], NOW - 1)
    return dialect


def fed(dialect: Dialect, pieces: Iterable[bytes]) -> list[Event]:
    """Return all events that the pieces make."""
    return [event for piece in pieces for event in dialect.receive_data(piece)]


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """Return `data` in pieces, cut at the places."""
    edges = [0, *sorted(places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def comparable(events: Iterable[Event]) -> list[Any]:
    """Return events so that they can be compared: texts one by one, errors as text."""
    found: list[Any] = []
    for event in events:
        if isinstance(event, Said):
            assert event.texts
            assert event.numbers is None or len(event.numbers) == len(event.texts)
            numbers: Sequence[int | None] = event.numbers or [None] * len(event.texts)
            for text, number in zip(event.texts, numbers, strict=True):
                found.append(("said", event.to, text, number))
        elif isinstance(event, Faulty):
            error = event.error
            found.append(
                ("faulty", error.code, str(error), event.request, event.number)
            )
        else:
            found.append(event)
    return found


def objects(data: bytes) -> list[Any]:
    """Return the objects of what a dialect wants written; each has its own line."""
    assert data == b"" or data.endswith(b"\n")
    return [json.loads(one) for one in data.splitlines()]


def sent(dialect: Dialect, events: Sequence[Outgoing], now: float = NOW) -> bytes:
    """Return what is written of events at once, as the loop does it."""
    return dialect.send(events, now, WALL) + dialect.data_to_send(now)


def told(dialect: Dialect, events: Sequence[Outgoing]) -> list[Any]:
    """Return the objects that a dialect makes of events at once."""
    return objects(sent(dialect, events))
