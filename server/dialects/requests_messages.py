"""Read a message from one JIM object, in all its spellings.

One that carries a number is of a client of ours and is read strictly; in any other the
course's words for everybody count as `#all`, or no recipient at all.
"""

from collections.abc import Callable, Mapping
from typing import Any

from common.names import ALL
from decorators import log
from errors import BadRequest
from server.dialects.reading import (
    RECIPIENT_KEYS,
    SENDER_KEYS,
    TEXT_KEYS,
    Habits,
    Reading,
)
from server.events import Said

__all__ = ["EVERYBODY", "MESSAGE_READERS"]

#: What the course calls `#all`, in any case and with any space around it.
EVERYBODY = frozenset({"", "#", "all", "for_all"})


@log
def _message(fields: Mapping[str, Any]) -> Reading:
    is_numbered = "id" in fields
    is_of_the_text = fields["action"] == "msg" and "message" in fields
    texts = ("message",) if is_of_the_text else _used(TEXT_KEYS, fields)
    recipients = _used(RECIPIENT_KEYS, fields)
    if not texts:
        raise BadRequest(f"a message needs one of {', '.join(TEXT_KEYS)}")
    text = fields[texts[0]]
    if not isinstance(text, str):
        raise BadRequest(f"{texts[0]}: the text of a message is a string")
    to = fields[recipients[0]] if recipients else None
    if is_numbered or not (to is None or isinstance(to, str)):
        to = _exact(to, recipients)
    elif to is None or to.strip().casefold() in EVERYBODY:
        to = ALL
    habits = Habits(
        fields["action"],
        _used(SENDER_KEYS, fields) or SENDER_KEYS,
        recipients or RECIPIENT_KEYS,
        texts,
    )
    numbers = [_number(fields["id"])] if is_numbered else None
    return Reading(Said(to, [text], numbers), is_numbered, habits)


@log
def _used(keys: tuple[str, ...], fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the first of the keys that is there, alone; none if none is."""
    return next(((key,) for key in keys if key in fields), ())


@log
def _exact(to: Any, recipients: tuple[str, ...]) -> str:
    """Return a recipient that must be named."""
    if not recipients:
        raise BadRequest(f"a message needs one of {', '.join(RECIPIENT_KEYS)}")
    if not isinstance(to, str):
        raise BadRequest(f"{recipients[0]}: the recipient of a message is a string")
    return to


@log
def _number(value: object) -> int:
    if type(value) is not int:
        raise BadRequest("the id of a message is a whole number")
    return value


MESSAGE_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "msg": _message,
    "message": _message,
}
