"""Identify this machine, so that a home copied to another one is noticed."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from decorators import log

__all__ = ["is_copy", "machine_id", "origin_of"]

_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_DIGITS = 32


@functools.cache
@log
def machine_id() -> str:
    """Return what tells this machine from others; "" where nothing does.

    Addresses of the network would not do: they change while a machine stays the same.
    Who reads the answer learns nothing of the system's own id, which is a secret.
    """
    for file in _FILES:
        try:
            text = file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        # At its first start a machine may say "uninitialized".
        if len(text) == _DIGITS:
            return hashlib.sha256(f"messenger {text}".encode()).hexdigest()[:16]
    return ""


@log
def origin_of(file: int | Path) -> str:
    """Return where a file is, as it may be noted in it; "" where nothing tells that.

    Raises OSError.
    """
    machine = machine_id()
    return f"{machine} {os.stat(file).st_ino}" if machine else ""


@log
def is_copy(noted: str, origin: str) -> bool:
    """Tell whether a file is a copy from another machine than where it was noted.

    A home that several machines share has the same files on all of them, and files that
    were copied or restored on one machine are still that machine's.
    """
    if not (noted and origin):
        return False
    machine, _, file = noted.partition(" ")
    machine_here, _, file_here = origin.partition(" ")
    return machine != machine_here and file != file_here
