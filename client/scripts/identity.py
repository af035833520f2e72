"""Who a script is: a token that was given or is kept, or an account made just now."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import NamedTuple

import msgspec

from client.credentials import TokenFile
from client.registering import register
from client.scripts.stay import introduce
from client.scripts.talk import complain
from client.tls import Trust
from common.messages import Answer
from common.names import Name, Secret
from common.safe_text import visible
from common.script_settings import ScriptSettings
from decorators import log
from errors import ExitCode, ProgramError, Refused, SettingsError

__all__ = [
    "Account",
    "Identity",
    "TokenPlace",
    "find_identity",
    "make_account",
    "no_name",
]

_LONGEST_FILE_BYTES = 4096
_TAKEN = 409
_REFUSED = range(401, 404)


class Account(msgspec.Struct):
    """An account as MineChat servers write it, in one line; our token files too."""

    nickname: Name
    account_hash: Secret


class Identity(NamedTuple):
    """A name, which may be empty where the token says it, and perhaps a token."""

    name: Name
    token: Secret | None


class TokenPlace:
    """Where a token is kept: the file that was named, or one of our own."""

    @log
    def __init__(self, settings: ScriptSettings, own: TokenFile) -> None:
        """Touch nothing."""
        self._named = Path(settings.token_file) if settings.token_file else None
        self._own = own

    @log
    def read(self) -> Account | None:
        """Return what is kept; None where there is nothing. Raises SettingsError."""
        if self._named is None:
            token = self._own.read()
            return Account(Name(""), token) if token else None
        return _read_file(self._named)

    @log
    def check(self) -> None:
        """Raise SettingsError where the file that was named could not be written."""
        if self._named is None:
            return
        try:
            os.close(_open_new(self._named))
        except OSError as error:
            raise SettingsError(
                f"the token file {self._named} can't be written: {error.strerror}"
            ) from error

    @log
    def write(self, account: Account) -> None:
        """Keep a token that was made for us, and say where."""
        if self._named is None:
            problem = self._own.write(account.account_hash)
            place = self._own.folder
        else:
            problem = _write_file(self._named, account)
            place = self._named
        name = visible(account.nickname)
        complain(problem or f"made the account {name}; its token is kept in {place}")


@log
def find_identity(settings: ScriptSettings, place: TokenPlace) -> Identity:
    """Return who we are as far as it is known; raises SettingsError."""
    if settings.token:
        account = _read_account(settings.token)
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
    place.check()
    password = Secret(secrets.token_urlsafe(24))
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


# ------------------------------------------------------------------ token files


@log
def _read_file(path: Path) -> Account | None:
    """Return what a token file holds: a bare token, or a line of JSON with the name.

    None where there is no file or an empty one. Nothing of it is quoted in errors.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(_LONGEST_FILE_BYTES + 1)
            mode = os.fstat(stream.fileno()).st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(
            f"the token file {path} can't be read: {error.strerror}"
        ) from error
    if len(data) > _LONGEST_FILE_BYTES:
        raise SettingsError(f"the token file {path} holds more than a token")
    if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        complain(f"others can read the token file {path}: chmod 600 mends it")
    try:
        text = Secret(data.decode().strip())
    except UnicodeDecodeError:
        # Not `from`: that error holds the bytes.
        raise SettingsError(f"the token file {path} is not UTF-8 text") from None
    return _read_account(text) if text else None


@log
def _read_account(text: Secret) -> Account:
    """Return a token, and whose it is if that is said."""
    with contextlib.suppress(msgspec.DecodeError):
        account = msgspec.json.decode(text, type=Account)
        if account.account_hash:
            return account
    return Account(Name(""), text)


@log
def _open_new(path: Path) -> int:
    """Open a file that is ours to write; one of our own making only we may read."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)


@log
def _write_file(path: Path, account: Account) -> str:
    """Write a token file; return what prevents it, or ""."""
    try:
        with open(_open_new(path), "wb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            stream.truncate()
            stream.write(msgspec.json.encode(account) + b"\n")
    except OSError as error:
        return (
            f"{path} can't be written ({error.strerror}): the token of the account "
            "that was made is lost"
        )
    return ""
