"""One JIM object to one event: what was said before, and who has got and read it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from common import messages
from common.names import Label
from decorators import log
from errors import BadRequest
from server.dialects.reading import (
    Reading,
    maybe_whole,
    optional,
    search_text,
    whole,
)
from server.events import (
    AskConversations,
    AskHistory,
    AskSearch,
    HasRead,
    HasReceived,
)

__all__ = ["HISTORY_READERS"]

_BEFORE, _AFTER, _LIMIT = Label("before"), Label("after"), Label("limit")
_MESSAGE_ID = Label("message_id")


@log
def _history(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.History)
    event = AskHistory(
        whom=request.whom,
        before=maybe_whole(request.before, _BEFORE),
        after=maybe_whole(request.after, _AFTER),
        limit=maybe_whole(request.limit, _LIMIT),
        request=optional(request.id),
    )
    if event.before is not None and event.after is not None:
        raise BadRequest("history: expected before or after, not both")
    return Reading(event, True)


@log
def _conversations(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Conversations)
    event = AskConversations(
        before=maybe_whole(request.before, _BEFORE),
        limit=maybe_whole(request.limit, _LIMIT),
        request=optional(request.id),
    )
    return Reading(event, True)


@log
def _search(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Search)
    event = AskSearch(
        text=search_text(request.text),
        whom=optional(request.whom),
        before=maybe_whole(request.before, _BEFORE),
        limit=maybe_whole(request.limit, _LIMIT),
        request=optional(request.id),
    )
    return Reading(event, True)


@log
def _received(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Received)
    message_id = whole(request.message_id, _MESSAGE_ID)
    return Reading(HasReceived(message_id, optional(request.id)), True)


@log
def _read(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Read)
    event = HasRead(
        whom=request.whom,
        message_id=whole(request.message_id, _MESSAGE_ID),
        private=request.private is True,
        request=optional(request.id),
    )
    return Reading(event, True)


HISTORY_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "history": _history,
    "conversations": _conversations,
    "search": _search,
    "received": _received,
    "read": _read,
}
