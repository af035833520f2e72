"""Passwords for the owner's shell: typed without echo, or from a file."""

import getpass
import stat
import sys
from pathlib import Path

from common.byte_order_mark import without_mark
from common.names import Secret
from common.safe_text import visible
from decorators import log
from errors import ExitCode, ProgramError, SettingsError
from server.admin.printing import Printer

__all__ = ["new_password_hash"]

# A little more than a password may have: too long must be told, not cut.
_MOST_BYTES = 1024


@log
def new_password_hash(file: str | None, name: str, out: Printer) -> Secret:
    """Return the hash of a password that somebody is to get.

    It comes from `file` ("-": standard input) or is asked for twice. It is hashed
    here: the server's loop has no time for it, and need not know the password. Raises
    a ProgramError, or a RequestError for a password that is none.
    """
    from server.passwords import check_new_password, hash_password

    password = _ask(name) if file is None else _read(file, out)
    check_new_password(password)
    return hash_password(password)


@log
def _ask(name: str) -> Secret:
    if not sys.stdin.isatty():
        raise ProgramError(
            "there is no terminal to ask for the password on: use --password-file "
            "FILE, or --password-file - and standard input",
            ExitCode.USAGE,
        )
    password = Secret(getpass.getpass(f"new password for {visible(name)}: "))
    if getpass.getpass("the same again: ") != password:
        raise ProgramError("the two are not the same; nothing was changed")
    return password


@log
def _read(file: str, out: Printer) -> Secret:
    """Return the first line; nothing of it is ever quoted."""
    what = "standard input" if file == "-" else f"the password file {file}"
    try:
        if file == "-":
            data = sys.stdin.buffer.readline(_MOST_BYTES)
        else:
            path = Path(file)
            with path.open("rb") as stream:
                data = stream.readline(_MOST_BYTES)
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
                out.say(f"others can read {what}: chmod 600 mends it")
    except OSError as error:
        raise SettingsError(f"{what} can't be read: {error.strerror}") from error
    try:
        return Secret(without_mark(data).decode().rstrip("\r\n"))
    except UnicodeDecodeError:
        # Not `from`: that error holds the bytes.
        raise SettingsError(f"{what} is not UTF-8 text") from None
