"""Requests as bytes: one JSON object a line, in the form of common.messages."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from client.asking import AnyRequest
from client.keeping import Kept
from client.outbox import Pending
from common.messages import (
    UNSET,
    Authenticate,
    Conversations,
    GetUsers,
    Message,
    Presence,
    Quit,
    Received,
    Rooms,
    User,
)
from common.messages_rules import Blocked, GetContacts
from common.names import Name, Secret
from decorators import log
from errors import NotUtf8

__all__ = [
    "Credentials",
    "encode_pending",
    "encode_presence",
    "encode_quit",
    "encode_received",
    "encode_sign_in",
]

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, repr=False)
class Credentials:
    """What an account signs in with: a token, or else a password; neither for guests.

    Its `repr` shows neither.
    """

    password: Secret | None = None
    token: Secret | None = None


@log
def encode_sign_in(
    name: Name | str, time: float, wire_id: int, kept: Kept, credentials: Credentials
) -> bytes:
    """Return what signs in: a presence, or with credentials `authenticate`.

    Of `kept` the device is told, and which message it has last in which store.
    """
    password, token = credentials.password or UNSET, credentials.token or UNSET
    device, store = kept.device or UNSET, kept.store or UNSET
    since = UNSET if kept.since is None else kept.since
    if password is UNSET and token is UNSET:
        presence = _presence(name, time)
        presence.id, presence.device = wire_id, device
        presence.store, presence.since = store, since
        return _line(presence)
    user = User(account_name=name, token=token)
    if token is UNSET:
        user.password = password
    return _line(
        Authenticate(
            time=time, id=wire_id, user=user, device=device, store=store, since=since
        )
    )


@log
def encode_presence(name: Name | str, time: float, status: str) -> bytes:
    """Return the answer to a probe, with what others see of us."""
    return _line(_presence(name, time, status))


@log
def encode_received(time: float, message_id: int) -> bytes:
    """Return the word that we have all messages up to one; it asks for no answer."""
    return _line(Received(time=time, message_id=message_id))


@log
def _presence(name: Name | str, time: float, status: str = "here") -> Presence:
    user = User(account_name=name, status=status)
    return Presence(time=time, type="status", user=user)


@log
def encode_quit(time: float) -> bytes:
    """Return the goodbye."""
    return _line(Quit(time=time))


@log
def encode_pending(pending: Pending, sender: Name | str) -> bytes:
    """Return a request with its id; raises NotUtf8."""
    return _line(_request(pending, sender))


@log
def _line(request: AnyRequest) -> bytes:
    try:
        return _encode(request) + b"\n"
    except UnicodeEncodeError as error:
        # Half of a surrogate pair, from bytes that were no UTF-8.
        raise NotUtf8("the request") from error


@log
def _request(pending: Pending, sender: Name | str) -> AnyRequest:
    """Return what goes onto the wire, on the page of a list that is to come."""
    time, wire_id = pending.time, pending.wire_id
    match pending.request:
        case None:
            return Message(time, pending.target, sender, "utf-8", pending.text, wire_id)
        case GetUsers() | Rooms() | Blocked() | GetContacts() as request:
            return replace(request, time=time, id=wire_id, after=pending.page or UNSET)
        case Conversations() as request:
            return replace(request, time=time, id=wire_id, before=pending.page or UNSET)
        case request:
            return replace(request, time=time, id=wire_id)
