"""One JIM object to one event: accounts, their tokens and their devices."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from common import messages
from common.names import Label
from decorators import log
from errors import BadRequest
from server.dialects.reading import (
    Habits,
    Reading,
    has_field_of_ours,
    maybe_device,
    maybe_invite,
    maybe_secret,
    maybe_whole,
    optional,
    whole,
    with_name,
)
from server.events import (
    Authenticate,
    ChangePassword,
    CreateToken,
    DeleteAccount,
    ForgetDevice,
    ListDevices,
    ListTokens,
    Register,
    RevokeToken,
)

__all__ = ["ACCOUNT_READERS"]


@log
def _register(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Register)
    event = Register(
        name=request.user.account_name,
        password=maybe_secret(request.user.password),
        request=optional(request.id),
        invite=maybe_invite(request.invite),
    )
    return Reading(event, True)


@log
def _authenticate(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(with_name(fields), messages.Authenticate)
    user = request.user
    event = Authenticate(
        name=user.account_name,
        password=maybe_secret(user.password),
        token=maybe_secret(user.token),
        device=maybe_device(request.device),
        request=optional(request.id),
        store=optional(request.store),
        since=maybe_whole(request.since, Label("since")),
    )
    if (event.password is None) == (event.token is None):
        raise BadRequest("user: expected either a password or a token")
    # By password the course text does it in these very words.
    of_ours = event.token is not None or has_field_of_ours(fields)
    return Reading(event, of_ours, Habits("msg"))


@log
def _create_token(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.CreateToken)
    return Reading(CreateToken(optional(request.id)), True)


@log
def _tokens(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Tokens)
    return Reading(ListTokens(optional(request.id)), True)


@log
def _revoke_token(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.RevokeToken)
    token_id = whole(request.token_id, Label("token_id"))
    return Reading(RevokeToken(token_id, optional(request.id)), True)


@log
def _devices(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.Devices)
    return Reading(ListDevices(optional(request.id)), True)


@log
def _forget_device(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.ForgetDevice)
    device_id = whole(request.device_id, Label("device_id"))
    return Reading(ForgetDevice(device_id, optional(request.id)), True)


@log
def _change_password(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.ChangePassword)
    event = ChangePassword(request.password, request.new_password, optional(request.id))
    return Reading(event, True)


@log
def _delete_account(fields: Mapping[str, Any]) -> Reading:
    request = msgspec.convert(fields, messages.DeleteAccount)
    event = DeleteAccount(maybe_secret(request.password), optional(request.id))
    return Reading(event, True)


ACCOUNT_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "authenticate": _authenticate,
    "register": _register,
    "create_token": _create_token,
    "tokens": _tokens,
    "revoke_token": _revoke_token,
    "devices": _devices,
    "forget_device": _forget_device,
    "change_password": _change_password,
    "delete_account": _delete_account,
}
