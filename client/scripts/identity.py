"""Who a script is: a token that was given or is kept, or an account made just now."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from client.registering import register
from client.scripts.stay import introduce
from client.scripts.token_place import Account, TokenPlace, read_account
from client.tls import Trust
from common.messages import Answer
from common.names import Name, Secret
from common.safe_text import visible
from common.script_settings import ScriptSettings
from decorators import log
from errors import ExitCode, ProgramError, Refused

__all__ = ["Identity", "find_identity", "make_account", "no_name"]

_TAKEN = 409
_REFUSED = range(401, 404)


class Identity(NamedTuple):
    """A name, which may be empty where the token says it, and perhaps a token."""

    name: Name
    token: Secret | None


@log
def find_identity(settings: ScriptSettings, place: TokenPlace) -> Identity:
    """Return who we are as far as it is known; raises SettingsError."""
    if settings.token:
        account = read_account(settings.token)
    else:
        found = place.read()
        if found is None:
            return Identity(settings.username, None)
        account = found
    # A token is one account's, whatever else we would like to be called.
    return Identity(account.nickname or settings.username, account.account_hash)


@log
async def make_account(
    settings: ScriptSettings, trust: Trust, place: TokenPlace
) -> Identity:
    """Make an account of our name, by a password that nobody will know.

    Raises ProgramError where there will be none.
    """
    name = settings.username
    if not name:
        raise no_name()
    await place.reserve(settings.timeout)
    try:
        found = find_identity(settings, place)
        return found if found.token else await _register(settings, trust, place)
    finally:
        place.release()


@log
async def _register(
    settings: ScriptSettings, trust: Trust, place: TokenPlace
) -> Identity:
    name, password = settings.username, Secret(secrets.token_urlsafe(24))
    answer: Answer | str = ""
    while not isinstance(answer, Answer):
        answer = await register(trust, settings.for_client(), name, password, None)
        if not isinstance(answer, Answer):
            await introduce(trust, answer)
    if answer.response >= 300 or not answer.token:
        raise _refusal(answer, name)
    place.write(Account(name, answer.token))
    return Identity(name, answer.token)


@log
def no_name() -> ProgramError:
    """Return why nobody can be made an account."""
    return ProgramError(
        "who are you? give --username NAME, or a token with --token-file, JIM_TOKEN "
        "or TOKEN in .env",
        ExitCode.USAGE,
    )


@log
def _refusal(answer: Answer, name: Name) -> Refused:
    reason = visible(answer.error or f"the server answered {answer.response}")
    if answer.response == _TAKEN:
        return Refused(
            f"{reason}; if {visible(name)} is yours, give its token: --token-file, "
            "JIM_TOKEN, or TOKEN in .env",
            ExitCode.NOT_ALLOWED,
        )
    refused = answer.response in _REFUSED
    return Refused(reason, ExitCode.NOT_ALLOWED if refused else None)
