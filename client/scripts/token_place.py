"""Choose the file of a script's token: the one that was named, or one of our own."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import stat
from pathlib import Path

import msgspec

from client.credentials import TokenFile
from client.scripts.talk import complain
from common.byte_order_mark import without_mark
from common.names import Name, Secret
from common.safe_text import visible
from common.script_settings import ScriptSettings
from decorators import log
from errors import SettingsError, TimedOut

__all__ = ["Account", "TokenPlace", "read_account"]

_LONGEST_FILE_BYTES = 4096
# How often it is looked whether another process is done: a loop can't wait for a lock.
_LOCK_SECONDS = 0.05


class Account(msgspec.Struct):
    """An account as MineChat servers write it, in one line; our token files too."""

    nickname: Name
    account_hash: Secret


class TokenPlace:
    """Where a token is kept: the file that was named, or one of our own."""

    @log
    def __init__(self, settings: ScriptSettings, own: TokenFile) -> None:
        """Touch nothing."""
        self._named = Path(settings.token_file) if settings.token_file else None
        self._own = own
        self._lock: int | None = None

    @log
    def read(self) -> Account | None:
        """Return what is kept; None where there is nothing. Raises SettingsError."""
        if self._named is None:
            token = self._own.read()
            return Account(Name(""), token) if token else None
        return _read_file(self._named)

    @log
    async def reserve(self, seconds: float) -> None:
        """Keep others of us from making an account meanwhile, until `release`.

        Whoever waited reads again what is kept. Raises SettingsError where a token
        could not be written, TimedOut where another has needed too long.
        """
        self._check()
        folder_or_file = self._named or self._own.folder
        self._lock = os.open(folder_or_file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            async with asyncio.timeout(seconds):
                while not _lock(self._lock):
                    await asyncio.sleep(_LOCK_SECONDS)
        except TimeoutError as error:
            self.release()
            raise TimedOut(
                f"another program of yours makes an account for {folder_or_file}, and "
                f"has not ended within {seconds:g} s"
            ) from error

    @log
    def release(self) -> None:
        """Let others make an account, if it was reserved."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @log
    def _check(self) -> None:
        """Raise SettingsError where a token could not be written."""
        if self._named is None:
            problem = self._own.check()
            if problem:
                raise SettingsError(
                    f"{problem}, so the token of a new account would be lost; "
                    "--token-file FILE names another place"
                )
            return
        try:
            os.close(_open_new(self._named))
        except OSError as error:
            raise SettingsError(
                f"the token file {self._named} can't be written: {error.strerror}"
            ) from error

    @log
    def write(self, account: Account) -> None:
        """Keep a token that was made for us, and say where; let others have it."""
        if self._named is None:
            problem = self._own.write(account.account_hash)
            place = self._own.folder
        else:
            problem = _write_file(self._named, account)
            place = self._named
        name = visible(account.nickname)
        complain(problem or f"made the account {name}; its token is kept in {place}")
        self.release()


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
        text = Secret(without_mark(data).decode().strip())
    except UnicodeDecodeError:
        # Not `from`: that error holds the bytes.
        raise SettingsError(f"the token file {path} is not UTF-8 text") from None
    return read_account(text) if text else None


@log
def read_account(text: Secret) -> Account:
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
def _lock(file: int) -> bool:
    """Tell whether a lock is ours now; where there are none it always is."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


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
