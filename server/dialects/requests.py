"""One JIM object to one event: the canonical form, and what course clients send.

The course's code spells one thing in many ways (`docs/protocol.md` lists them), so a
reading also says which vocabulary it was, and the keys that a course client used.
Accounts, history, rules and people have files of their own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from common import messages
from common.messages import UNSET
from common.names import Label
from common.objects import read_object
from decorators import log
from errors import BadRequest, RequestError
from server.dialects.reading import Habits, Reading, maybe_device, maybe_whole, optional
from server.dialects.requests_account import ACCOUNT_READERS
from server.dialects.requests_history import HISTORY_READERS
from server.dialects.requests_people import PEOPLE_READERS
from server.dialects.requests_rules import RULES_READERS
from server.events import (
    Faulty,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    Quitting,
    Said,
    SignIn,
)

__all__ = ["read_request"]

_TEXT_KEYS = ("mess_text", "message_text", "text", "message")
_RECIPIENT_KEYS = ("to", "destination", "message_receiver", "recipient")
_SENDER_KEYS = ("from", "sender", "account_name", "user")
_COURSE_PRESENCE = frozenset({"action", "time", "user"})
_COURSE_USER = frozenset({"account_name", "status", "pubkey"})


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
    except RequestError as error:
        # A new one: the one that was raised keeps its frames, and the bytes in them.
        return Reading(_faulty(type(error)(*error.args), fields))
    except msgspec.ValidationError as error:
        problem = str(error).replace("`", "").replace("$.", "")
        return Reading(_faulty(BadRequest(problem), fields))


@log
def _faulty(error: RequestError, fields: Mapping[str, Any]) -> Faulty:
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
        status=optional(user.status) or "",
        device=maybe_device(presence.device),
        request=optional(presence.id),
        store=optional(presence.store),
        since=maybe_whole(presence.since, Label("since")),
    )
    has_pubkey = user.pubkey is not UNSET
    return Reading(event, not of_course, Habits() if of_course else None, has_pubkey)


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
    number = optional(message.id)
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
    return Reading(JoinRoom(request.room, optional(request.id)), True)


@log
def _leave(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Leave)
    return Reading(LeaveRoom(request.room, optional(request.id)), True)


@log
def _rooms(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Rooms)
    event = ListRooms(
        optional(request.id),
        optional(request.after),
        maybe_whole(request.limit, Label("limit")),
    )
    return Reading(event, True)


@log
def _get_users(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.GetUsers)
    event = ListUsers(
        optional(request.room),
        optional(request.id),
        optional(request.after),
        maybe_whole(request.limit, Label("limit")),
    )
    of_course = fields.keys() <= {"action", "time", "account_name"}
    return Reading(event, None if of_course else True)


@log
def _probe(fields: Mapping[str, Any]) -> Reading:
    raise BadRequest("only the server sends probes")


@log
def _quit(fields: Mapping[str, Any]) -> Reading:
    return Reading(Quitting())


_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "presence": _presence,
    "msg": _message,
    "message": _message,
    "join": _join,
    "leave": _leave,
    "rooms": _rooms,
    "get_users": _get_users,
    **ACCOUNT_READERS,
    **HISTORY_READERS,
    **RULES_READERS,
    **PEOPLE_READERS,
    "probe": _probe,
    "quit": _quit,
    "exit": _quit,
}
