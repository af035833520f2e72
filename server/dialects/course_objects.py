"""Build the objects of a course client: each fits into one `recv(1024)` of its."""

import functools
from typing import Any

import msgspec

from common.names import Name
from decorators import log
from server.dialects.reading import Habits

__all__ = ["encoded", "fitting", "message", "parts", "shortened"]

_OBJECT_BYTES = 1000
_MARK_BYTES = len(" (999/999)")
_STEP_BYTES = 64

_encode = msgspec.json.Encoder().encode


@log
def encoded(said: dict[str, Any]) -> bytes:
    """Return an object as it is written."""
    return _encode(said) + b"\n"


@log
def message(
    habits: Habits, sender: Name, to: str, text: str, time: float
) -> dict[str, Any]:
    """Return a message in all the keys of `habits`, for the name `to`."""
    said: dict[str, Any] = {"action": habits.action, "time": time}
    said |= dict.fromkeys(habits.recipients, to)
    said |= dict.fromkeys(habits.senders, sender)
    if "user" in said:
        said["user"] = {"account_name": sender}
    return said | dict.fromkeys(habits.texts, text)


@log
def parts(
    habits: Habits, sender: Name, to: str, text: str, time: float
) -> list[dict[str, Any]]:
    """Return the text as one message, or as several marked ones that each fit."""
    whole = message(habits, sender, to, text, time)
    if len(_encode(whole)) < _OBJECT_BYTES:
        return [whole]
    room = _room(habits, sender, to, time)
    if room < _STEP_BYTES:
        # Long names in so many keys leave none: then in the commonest ones only.
        habits = Habits(habits.action, *(keys[:1] for keys in habits[1:]))
        room = _room(habits, sender, to, time)
    # In steps, so that readers whose names differ in length share the cuts.
    pieces = _pieces(text, room // _STEP_BYTES * _STEP_BYTES)
    if len(pieces) == 1:
        return [message(habits, sender, to, text, time)]
    return [
        message(habits, sender, to, f"{piece} ({number}/{len(pieces)})", time)
        for number, piece in enumerate(pieces, 1)
    ]


@log
def _room(habits: Habits, sender: Name, to: str, time: float) -> int:
    """Return how many bytes a part of a text may take in such an object."""
    frame = len(_encode(message(habits, sender, to, "", time)))
    return (_OBJECT_BYTES - frame) // len(habits.texts) - _MARK_BYTES


@functools.lru_cache(maxsize=8)  # the readers of a long text come one after the other
@log
def _pieces(text: str, room: int) -> tuple[str, ...]:
    """Cut `text` so that each piece takes at most `room` bytes in JSON."""
    pieces = []
    start = used = 0
    for position, character in enumerate(text):
        size = len(_encode(character)) - len('""')
        if used + size > room:
            pieces.append(text[start:position])
            start, used = position, 0
        used += size
    return (*pieces, text[start:])


@log
def shortened(error: str) -> str:
    """Return a complaint as it is, or its beginning: it has to fit into one object."""
    room = _OBJECT_BYTES - len('{"response":400,"error":,"time":1234567890.1234567}\n')
    return error if len(_encode(error)) <= room else f"{_pieces(error, room - 9)[0]}…"


@log
def fitting(names: list[str]) -> list[str]:
    """Return the first of the names, as many as fit into one object."""
    room = _OBJECT_BYTES - len('{"response":202,"data_list":[]}\n')
    found: list[str] = []
    for name in names:
        room -= len(_encode(name)) + 1
        if room < 0:
            break
        found.append(name)
    return found
