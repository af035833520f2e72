"""What proves who we are: where a password comes from, and the token kept in its place.

A password is read from a file or a command, or typed without echo; never from the
command line, which everybody on the machine can read. A token stands in a file of its
own, one per server and name, that only its owner may read.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

import msgspec

from client.filing import file_key
from client.stream import Address
from common.byte_order_mark import without_mark
from common.names import Name, Secret
from decorators import log
from errors import SettingsError, TimedOut
from log_config.private_files import make_private_folder

__all__ = [
    "LONGEST_PASSWORD_BYTES",
    "SHORTEST_PASSWORD_CHARACTERS",
    "PasswordFile",
    "TokenFile",
    "check_new_password",
    "check_password",
    "read_password_file",
    "run_password_command",
]

#: What a server takes; a longer one would only cost it time.
LONGEST_PASSWORD_BYTES = 256
#: What our server takes as a new one: who is asked is told before it is typed twice.
SHORTEST_PASSWORD_CHARACTERS = 8
# About what a token's file takes, for a full disk has room for an empty one.
_FILE_BYTES = 512
# What programs put around a password in a file.
_MOST_AROUND_BYTES = len("\ufeff\r\n".encode())
# A command may ask its own question meanwhile, such as for the key of a safe.
_COMMAND_SECONDS = 120.0
_READ_BYTES = 64 * 1024


class PasswordFile(NamedTuple):
    """What was read; `warning` says that others could have read it too."""

    password: Secret
    warning: str = ""


class _Kept(msgspec.Struct):
    """What stands in a token's file; server and name are for who looks into it."""

    token: Secret
    server: str = ""
    name: str = ""


class TokenFile:
    """The token for one name at one server (client/filing.py), between starts."""

    @log
    def __init__(self, folder: Path, server: Address, name: Name | str) -> None:
        """Touch nothing yet."""
        self.folder = folder
        self._path = folder / f"{file_key(server, name)}.json"
        self._server = server
        self._name = name

    @log
    def read(self) -> Secret | None:
        """Return the token; None where there is none, or none that can be read."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return kept.token or None

    @log
    def write(self, token: Secret) -> str:
        """Keep a token in the place of any other; return what prevents it, or "".

        The file is whole at any moment: a crash leaves the old one or the new one.
        """
        data = msgspec.json.encode(_Kept(token, self._server, self._name))
        problem = self._write(data, keeps=True)
        return problem and (
            f"{problem}: the next start will ask for the password again"
        )

    @log
    def check(self) -> str:
        """Return what would prevent `write`, or "": before there is a token to lose."""
        return self._write(bytes(_FILE_BYTES), keeps=False)

    @log
    def _write(self, data: bytes, *, keeps: bool) -> str:
        new = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            make_private_folder(self.folder)
            new.unlink(missing_ok=True)
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(file, "wb") as stream:
                stream.write(data)
            if keeps:
                new.replace(self._path)
            else:
                new.unlink()
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            return f"{self.folder} can't be written ({_reason(error)})"
        return ""

    @log
    def forget(self, token: Secret | None = None) -> None:
        """Delete the token; with `token` only if no other has taken its place."""
        if token is None or self.read() == token:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


@log
def check_password(password: Secret) -> str:
    """Return why no server would take this password, or ""."""
    if not password:
        return "the password is empty"
    if len(password.encode(errors="surrogateescape")) > LONGEST_PASSWORD_BYTES:
        return f"the password is longer than {LONGEST_PASSWORD_BYTES} bytes"
    return ""


@log
def check_new_password(password: Secret) -> str:
    """Return why this can't become a password, or ""."""
    problem = check_password(password)
    if not problem and len(password) < SHORTEST_PASSWORD_CHARACTERS:
        return (
            f"a new password needs at least {SHORTEST_PASSWORD_CHARACTERS} characters; "
            "choose a longer one"
        )
    return problem


@log
def read_password_file(path: Path) -> PasswordFile:
    """Return what the file holds, without the newline at its end.

    Raises SettingsError, in which nothing of the file is quoted.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(LONGEST_PASSWORD_BYTES + _MOST_AROUND_BYTES + 1)
            mode = os.fstat(stream.fileno()).st_mode
    except OSError as error:
        raise SettingsError(
            f"the password file {path} can't be read: {_reason(error)}"
        ) from error
    password = _usable(data, f"the password file {path}")
    if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        return PasswordFile(
            password, f"others can read the password file {path}: chmod 600 mends it"
        )
    return PasswordFile(password)


@log
async def run_password_command(
    command: Secret, seconds: float = _COMMAND_SECONDS
) -> Secret:
    """Return the first line that a shell command prints, at most `seconds` later.

    It gets no input, which is ours, and nothing else that it says is shown, for that
    may be the secret. Raises SettingsError or TimedOut, which quote nothing of it.
    """
    process = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            data = await _read_start(process)
            code = await process.wait()
    except TimeoutError as error:
        raise TimedOut(
            f"the password command has not ended after {seconds:g} s"
        ) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code != 0:
        ended = f"with exit code {code}" if code > 0 else f"of signal {-code}"
        raise SettingsError(
            f"the password command ended {ended}: run it by hand to see why"
        )
    return _usable(data.partition(b"\n")[0], "what the password command printed")


@log
async def _read_start(process: asyncio.subprocess.Process) -> bytes:
    """Return the beginning of an output, and read all of it.

    A command whose output nobody reads would fail of it.
    """
    assert process.stdout is not None
    start = b""
    while data := await process.stdout.read(_READ_BYTES):
        if len(start) <= LONGEST_PASSWORD_BYTES:
            start += data
    return start


@log
def _usable(data: bytes, what: str) -> Secret:
    """Return a password without what programs put around it; raise SettingsError."""
    data = without_mark(data).removesuffix(b"\n").removesuffix(b"\r")
    try:
        password = Secret(data.decode())
    except UnicodeDecodeError:
        # Not `from`: that error holds the bytes.
        raise SettingsError(f"{what} is not UTF-8 text") from None
    problem = check_password(password)
    if problem:
        raise SettingsError(f"{what} can't be used: {problem}")
    return password


@log
def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "an error"
