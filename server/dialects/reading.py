"""What the readers of requests share: what a reading is, and the checks of fields.

No complaint quotes what it complains of: it may be a password, a token or a device id.
"""

from typing import Any, NamedTuple

from msgspec import UnsetType

from common.messages import UNSET
from common.names import Label, Secret
from decorators import log
from errors import BadRequest, TooLong
from server.events import Event

__all__ = [
    "Habits",
    "Reading",
    "maybe_device",
    "maybe_password",
    "maybe_token",
    "maybe_whole",
    "optional",
    "password_of",
    "search_text",
    "whole",
]

_HIGHEST = 2**53 - 1  # what every reader of JSON keeps exactly
_LONGEST_DEVICE = 64
_LONGEST_SEARCH = 1000
# A password is hashed; a page of text is none.
_PASSWORD_BYTES = 256


class Habits(NamedTuple):
    """The keys under which a course client says, and so expects, a message."""

    action: str = "message"
    sender: str = "from"
    recipient: str = "to"
    text: str = "mess_text"


class Reading(NamedTuple):
    """What one object means. `canonical` is None where both vocabularies agree."""

    event: Event
    canonical: bool | None = None
    habits: Habits | None = None
    has_pubkey: bool = False


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
def maybe_token(token: Secret | UnsetType) -> Secret | None:
    """Return a token as it came, or None where none is given."""
    return None if token is UNSET else token


@log
def password_of(password: Secret) -> Secret:
    """Return a password as it came; raise TooLong past 256 bytes of UTF-8."""
    if not password:
        raise BadRequest("the password is empty")
    if len(password.encode()) > _PASSWORD_BYTES:
        raise TooLong("the password", _PASSWORD_BYTES)
    return password


@log
def maybe_password(password: Secret | UnsetType) -> Secret | None:
    """Return such a password, or None where none is given."""
    return None if password is UNSET else password_of(password)


@log
def search_text(text: str) -> str:
    """Return what is to be searched for."""
    if not 0 < len(text) <= _LONGEST_SEARCH:
        raise BadRequest(f"text: expected 1 to {_LONGEST_SEARCH:,} characters")
    return text
