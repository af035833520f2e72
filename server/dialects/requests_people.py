"""One JIM object to one event: contacts, blocking, and what others see of somebody.

Contacts the course knows too, in two generations: `add` and `remove` with the contact
as `account_name` (there `user` is who asks), and `add_contact` and `del_contact` with
it as `user_id`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, UnsetType

from common import messages_rules as messages
from common.messages import UNSET
from common.names import Label
from decorators import log
from errors import BadRequest
from server.dialects.reading import Reading, optional, short_text
from server.events import (
    AddContact,
    AskPerson,
    Block,
    ListBlocked,
    ListContacts,
    RemoveContact,
    SetProfile,
    Unblock,
)

__all__ = ["PEOPLE_READERS"]

_LONGEST_STATUS = 100  # it stands in lists, once for each person
_COURSE_KEYS = frozenset({"action", "user", "account_name", "user_id"})


class _CourseContact(Struct):
    """A contact as the course names it; `user` is who asks, unless it is all there."""

    user: str | UnsetType = UNSET
    account_name: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    id: int | UnsetType = UNSET


@log
def _block(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Block)
    return Reading(Block(request.user.account_name, optional(request.id)), True)


@log
def _unblock(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Unblock)
    return Reading(Unblock(request.user.account_name, optional(request.id)), True)


@log
def _blocked(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Blocked)
    event = ListBlocked(optional(request.id), optional(request.after))
    return Reading(event, True)


@log
def _add(fields: Mapping[str, Any]) -> Reading:
    name, request, canonical = _contact(fields)
    return Reading(AddContact(name, request), canonical)


@log
def _remove(fields: Mapping[str, Any]) -> Reading:
    name, request, canonical = _contact(fields)
    return Reading(RemoveContact(name, request), canonical)


@log
def _contact(fields: Mapping[str, Any]) -> tuple[str, int | None, bool]:
    """Return who is meant, the request's number, and whether it is canonical."""
    if isinstance(fields.get("user"), dict):
        request = msgspec.convert(fields, messages.Add | messages.Remove)
        return request.user.account_name, optional(request.id), True
    asked = msgspec.convert(fields, _CourseContact)
    for name in (asked.account_name, asked.user_id, asked.user):
        if name is not UNSET:
            return name, optional(asked.id), not fields.keys() <= _COURSE_KEYS
    raise BadRequest("user: expected who is meant, an object with account_name")


@log
def _get_contacts(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.GetContacts)
    event = ListContacts(optional(request.id), optional(request.after))
    return Reading(event, not fields.keys() <= _COURSE_KEYS)


@log
def _profile(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Profile)
    status = optional(request.status)
    if status is not None:
        short_text(status, Label("status"), _LONGEST_STATUS)
    event = SetProfile(
        status=status,
        away=optional(request.away),
        shows_seen=optional(request.show_seen),
        request=optional(request.id),
    )
    return Reading(event, True)


@log
def _whois(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Whois)
    return Reading(AskPerson(request.user.account_name, optional(request.id)), True)


PEOPLE_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "block": _block,
    "unblock": _unblock,
    "blocked": _blocked,
    "add": _add,
    "add_contact": _add,
    "remove": _remove,
    "del_contact": _remove,
    "get_contacts": _get_contacts,
    "profile": _profile,
    "whois": _whois,
}
