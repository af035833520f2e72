"""One JIM object to one event: the canonical form, and what course clients send.

The course's code spells one thing in many ways (`docs/protocol.md` lists them), so a
reading also says which vocabulary it was, and the keys that a course client used.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import msgspec

from common import messages
from common.messages import UNSET
from common.objects import read_object
from decorators import log
from errors import BadRequest
from server.events import (
    Event,
    Faulty,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    Quitting,
    Said,
    Secret,
    SignIn,
)

__all__ = ["Habits", "Reading", "read_request"]

_TEXT_KEYS = ("mess_text", "message_text", "text", "message")
_RECIPIENT_KEYS = ("to", "destination", "message_receiver", "recipient")
_SENDER_KEYS = ("from", "sender", "account_name", "user")
_COURSE_PRESENCE = frozenset({"action", "time", "user"})
_COURSE_USER = frozenset({"account_name", "status", "pubkey"})


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
def read_request(raw: bytes) -> Reading:
    """Read one object; whatever is wrong with it becomes a Faulty event."""
    fields: Mapping[str, Any] = {}
    try:
        fields = read_object(raw)
        action = fields.get("action")
        if not isinstance(action, str):
            raise BadRequest("every object needs an action, which is a string")
        read = _READERS.get(action.lower())
        if read is None:
            raise BadRequest(f"unknown action; known are {', '.join(_READERS)}")
        return read(fields)
    except BadRequest as error:
        # A new one: the one that was raised keeps its frames, and the bytes in them.
        return Reading(_faulty(BadRequest(error.problem), fields))
    except msgspec.ValidationError as error:
        problem = str(error).replace("`", "").replace("$.", "")
        return Reading(_faulty(BadRequest(problem), fields))


@log
def _faulty(error: BadRequest, fields: Mapping[str, Any]) -> Faulty:
    number = fields.get("id")
    if type(number) is not int:
        return Faulty(error)
    is_message = fields.get("action") == "msg"
    return Faulty(error, number, number if is_message else None)


@log
def _presence(fields: Mapping[str, Any]) -> Reading:
    presence = msgspec.convert(fields, messages.Presence)
    user = presence.user
    of_course = fields.keys() <= _COURSE_PRESENCE and (
        fields["user"].keys() <= _COURSE_USER
    )
    event = SignIn(
        name=user.account_name,
        status=_optional(user.status) or "",
        device=_device(cast("Secret | msgspec.UnsetType", presence.device)),
        request=_optional(presence.id),
    )
    has_pubkey = user.pubkey is not UNSET
    return Reading(event, not of_course, Habits() if of_course else None, has_pubkey)


_LONGEST_DEVICE = 64


@log
def _device(device: "Secret | msgspec.UnsetType") -> "Secret | None":
    if device is UNSET:
        return None
    if not 0 < len(device) <= _LONGEST_DEVICE:
        raise BadRequest(f"device: expected 1 to {_LONGEST_DEVICE} characters")
    return Secret(device)


@log
def _message(fields: Mapping[str, Any]) -> Reading:
    if fields["action"] == "msg" and "message" in fields:
        return _canonical_message(fields)
    text_key = _first(_TEXT_KEYS, fields)
    recipient = _first(_RECIPIENT_KEYS, fields)
    sender = next((key for key in _SENDER_KEYS if key in fields), "from")
    text, to = fields[text_key], fields[recipient]
    if not isinstance(text, str) or not isinstance(to, str):
        raise BadRequest("the text and the recipient of a message are strings")
    number = fields.get("id", UNSET)
    habits = Habits(fields["action"], sender, recipient, text_key)
    return Reading(
        Said(to, [text], None if number is UNSET else [_number(number)]),
        canonical=number is not UNSET or None,
        habits=habits,
    )


@log
def _canonical_message(fields: Mapping[str, Any]) -> Reading:
    filled = {"time": 0, "from": "", "encoding": ""} | dict(fields)
    message = msgspec.convert(filled, messages.Message)
    number = _optional(message.id)
    return Reading(
        Said(message.to, [message.text], None if number is None else [number]), True
    )


@log
def _first(keys: tuple[str, ...], fields: Mapping[str, Any]) -> str:
    for key in keys:
        if key in fields:
            return key
    raise BadRequest(f"a message needs one of {', '.join(keys)}")


@log
def _number(value: object) -> int:
    if type(value) is not int:
        raise BadRequest("the id of a message is a whole number")
    return value


@log
def _join(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Join)
    return Reading(JoinRoom(request.room, _optional(request.id)), True)


@log
def _leave(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Leave)
    return Reading(LeaveRoom(request.room, _optional(request.id)), True)


@log
def _rooms(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Rooms)
    event = ListRooms(
        _optional(request.id), _optional(request.after), _optional(request.limit)
    )
    return Reading(event, True)


@log
def _get_users(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.GetUsers)
    event = ListUsers(
        _optional(request.room),
        _optional(request.id),
        _optional(request.after),
        _optional(request.limit),
    )
    of_course = fields.keys() <= {"action", "time", "account_name"}
    return Reading(event, None if of_course else True)


@log
def _probe(fields: Mapping[str, Any]) -> Reading:
    raise BadRequest("only the server sends probes")


@log
def _quit(fields: Mapping[str, Any]) -> Reading:
    return Reading(Quitting())


@log
def _optional(value: Any) -> Any:
    return None if value is UNSET else value


_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "presence": _presence,
    "msg": _message,
    "message": _message,
    "join": _join,
    "leave": _leave,
    "rooms": _rooms,
    "get_users": _get_users,
    "probe": _probe,
    "quit": _quit,
    "exit": _quit,
}
