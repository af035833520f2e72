"""What the readers of requests share: what a reading is, and the checks of fields.

No complaint quotes what it complains of: it may be a password, a token or a device id.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import UnsetType

from common.messages import UNSET
from common.names import Label, Secret
from decorators import log
from errors import BadRequest
from server.events import Event

__all__ = [
    "RECIPIENT_KEYS",
    "SENDER_KEYS",
    "TEXT_KEYS",
    "Habits",
    "Reading",
    "has_field_of_ours",
    "invite_of",
    "maybe_device",
    "maybe_invite",
    "maybe_seconds",
    "maybe_secret",
    "maybe_text",
    "maybe_whole",
    "optional",
    "search_text",
    "short_text",
    "whole",
    "with_name",
]

#: The keys under which course clients say a message, the commonest first.
TEXT_KEYS = ("mess_text", "message_text", "text", "message")
RECIPIENT_KEYS = ("to", "destination", "message_receiver", "recipient")
SENDER_KEYS = ("from", "sender", "account_name", "user")
_FIELDS_OF_OURS = frozenset({"id", "device", "store", "since"})
_NAME_KEYS = ("account_name", "client_name")

_HIGHEST = 2**53 - 1  # what every reader of JSON keeps exactly
_LONGEST_DEVICE = 64
_LONGEST_INVITE = 64
_LONGEST_SEARCH = 1000
# Of a ban, a mute or an invitation; what is longer is for good.
_LONGEST_SECONDS = 10 * 365 * 86400


class Habits(NamedTuple):
    """The keys under which a course client says, and so expects, a message.

    Those that it has not shown yet are all that there are.
    """

    action: str = "message"
    senders: tuple[str, ...] = SENDER_KEYS
    recipients: tuple[str, ...] = RECIPIENT_KEYS
    texts: tuple[str, ...] = TEXT_KEYS


class Reading(NamedTuple):
    """What one object means.

    `canonical`: only who knows this protocol says it so; else it may be the course's.
    """

    event: Event
    canonical: bool = False
    habits: Habits | None = None
    has_pubkey: bool = False


@log
def has_field_of_ours(fields: Mapping[str, Any]) -> bool:
    """Tell whether a request that the course knows too is said as only we say it."""
    return not fields.keys().isdisjoint(_FIELDS_OF_OURS)


@log
def with_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return who signs in with the name where ours stands, wherever the course has it.

    A status that is null is none, and of the `type` nothing is asked.
    """
    user = fields.get("user")
    within = user if isinstance(user, dict) else {}
    places = [place.get(key) for place in (within, fields) for key in _NAME_KEYS]
    name = next((one for one in (*places, user) if isinstance(one, str)), None)
    if name is None:
        raise BadRequest(
            "user.account_name: expected your name, a text"
            " (user.client_name, account_name or user itself are read as well)"
        )
    known = {key: value for key, value in within.items() if value is not None}
    return {**fields, "type": "status", "user": {**known, "account_name": name}}


@log
def optional(value: Any) -> Any:
    """Return the value of a field, or None where it is absent. No secrets here."""
    return None if value is UNSET else value


@log
def whole(value: int, field: Label) -> int:
    """Return an id, a limit or a position: a whole number up to 2^53 - 1."""
    if not 0 <= value <= _HIGHEST:
        raise BadRequest(f"{field}: expected a whole number from 0 to {_HIGHEST}")
    return value


@log
def maybe_whole(value: int | UnsetType, field: Label) -> int | None:
    """Return such a number, or None where the field is absent."""
    return None if value is UNSET else whole(value, field)


@log
def maybe_device(device: Secret | UnsetType) -> Secret | None:
    """Return the id of a device, or None where none is named."""
    if device is UNSET:
        return None
    if not 0 < len(device) <= _LONGEST_DEVICE:
        raise BadRequest(f"device: expected 1 to {_LONGEST_DEVICE} characters")
    return device


@log
def maybe_secret(secret: Secret | UnsetType) -> Secret | None:
    """Return a password or a token as it came, or None where none is given."""
    return None if secret is UNSET else secret


@log
def invite_of(invite: Secret) -> Secret:
    """Return an invitation as it came."""
    if not 0 < len(invite) <= _LONGEST_INVITE:
        raise BadRequest(f"invite: expected 1 to {_LONGEST_INVITE} characters")
    return invite


@log
def maybe_invite(invite: Secret | UnsetType) -> Secret | None:
    """Return an invitation, or None where there is none."""
    return None if invite is UNSET else invite_of(invite)


@log
def maybe_seconds(seconds: float | UnsetType) -> float | None:
    """Return how long something is to last, or None where that is not said."""
    if seconds is UNSET:
        return None
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise BadRequest(
            f"seconds: expected more than 0 and at most {_LONGEST_SECONDS:,}"
        )
    return seconds


@log
def short_text(text: str, field: Label, longest: int) -> str:
    """Return a text of at most `longest` characters, perhaps of none."""
    if len(text) > longest:
        raise BadRequest(f"{field}: expected at most {longest} characters")
    return text


@log
def maybe_text(text: str | UnsetType, field: Label, longest: int) -> str:
    """Return such a text, the empty one where the field is absent."""
    return "" if text is UNSET else short_text(text, field, longest)


@log
def search_text(text: str) -> str:
    """Return what is to be searched for."""
    if not 0 < len(text) <= _LONGEST_SEARCH:
        raise BadRequest(f"text: expected 1 to {_LONGEST_SEARCH:,} characters")
    return text
