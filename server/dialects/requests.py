"""One JIM object to one event: the canonical form, and what course clients send.

The course's code spells one thing in many ways (`docs/protocol.md` lists them), so a
reading also says which vocabulary it was, and the keys that a course client used.
Messages, accounts, history, rules and people have files of their own.
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
from server.dialects.reading import (
    Habits,
    Reading,
    has_field_of_ours,
    maybe_device,
    maybe_whole,
    optional,
    with_name,
)
from server.dialects.requests_account import ACCOUNT_READERS
from server.dialects.requests_history import HISTORY_READERS
from server.dialects.requests_messages import MESSAGE_READERS
from server.dialects.requests_people import PEOPLE_READERS
from server.dialects.requests_rules import RULES_READERS
from server.events import (
    Faulty,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    Quitting,
    SignIn,
)

__all__ = ["read_request"]


@log
def read_request(raw: bytes) -> Reading:
    """Read one object; whatever is wrong with it becomes a Faulty event."""
    fields: dict[str, Any] = {}
    try:
        fields = read_object(raw)
        fields.pop("time", None)  # whatever it is: the server's own counts
        action = fields.get("action")
        if not isinstance(action, str):
            raise BadRequest("every object needs an action, which is a string")
        fields["action"] = action.lower()
        read = _READERS.get(fields["action"])
        if read is None:
            raise BadRequest(f"unknown action; known are {', '.join(_READERS)}")
        reading = read(fields)
        return _in_capitals(reading) if action.isupper() else reading
    except RequestError as error:
        # A new one: the one that was raised keeps its frames, and the bytes in them.
        return Reading(_faulty(type(error)(*error.args), fields))
    except msgspec.ValidationError as error:
        problem = str(error).replace("`", "").replace("$.", "")
        return Reading(_faulty(BadRequest(problem), fields))


@log
def _in_capitals(reading: Reading) -> Reading:
    """Return what was read of a client that writes its actions in capitals."""
    habits = reading.habits
    if habits is None:
        return reading
    return reading._replace(habits=habits._replace(action=habits.action.upper()))


@log
def _faulty(error: RequestError, fields: Mapping[str, Any]) -> Faulty:
    number = fields.get("id")
    if type(number) is not int:
        return Faulty(error)
    is_message = fields.get("action") == "msg"
    return Faulty(error, number, number if is_message else None)


@log
def _presence(fields: Mapping[str, Any]) -> Reading:
    presence = msgspec.convert(with_name(fields), messages.Presence)
    user = presence.user
    event = SignIn(
        name=user.account_name,
        status=optional(user.status) or "",
        device=maybe_device(presence.device),
        request=optional(presence.id),
        store=optional(presence.store),
        since=maybe_whole(presence.since, Label("since")),
    )
    return Reading(
        event,
        has_field_of_ours(fields),
        # It has not said a message yet. The course text's own presence has a type, and
        # the text's own word for a message is another one than most of the code's.
        Habits("msg" if "type" in fields else "message"),
        has_pubkey=user.pubkey is not UNSET,
    )


@log
def _join(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Join)
    return Reading(
        JoinRoom(request.room, optional(request.id)), has_field_of_ours(fields)
    )


@log
def _leave(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Leave)
    return Reading(
        LeaveRoom(request.room, optional(request.id)), has_field_of_ours(fields)
    )


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
    return Reading(event, not fields.keys() <= {"action", "account_name"})


@log
def _probe(fields: Mapping[str, Any]) -> Reading:
    raise BadRequest("only the server sends probes")


@log
def _quit(fields: Mapping[str, Any]) -> Reading:
    return Reading(Quitting())


_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "presence": _presence,
    **MESSAGE_READERS,
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
