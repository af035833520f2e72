"""This client's device: a random id for a name at a server, kept on disk.

One small file per server, name and slot, locked while a process uses it; a second
process of the same person takes the next slot. The server recognises by the id what
is sent again, and gives a guest's name back to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

import msgspec

from client.session import DeviceId
from common.names import Name, fold
from decorators import log

__all__ = ["Device", "claim_device", "is_kept"]

# Processes of one person at one server at once; the next has a device without a file.
_SLOTS = 64


class _Content(msgspec.Struct, omit_defaults=True):
    """What stands in the file; server and name are for people who look into it."""

    id: DeviceId
    number: int = 0
    server: str = ""
    name: str = ""


class Device(NamedTuple):
    """A claimed device; `problem` says why it lasts for this run only, if it does."""

    id: DeviceId
    number: int = 0
    slot: int = 0
    file: int | None = None
    path: Path | None = None
    problem: str = ""

    @log
    def keep(self, number: int, server: str, name: Name | str) -> None:
        """Write the device down, with the last number it used."""
        if self.file is None:
            return
        data = msgspec.json.encode(_Content(self.id, number, server, name))
        # A full disk costs the name's reservation, not the conversation.
        with contextlib.suppress(OSError):
            os.ftruncate(self.file, 0)
            os.pwrite(self.file, data, 0)

    @log
    def release(self) -> None:
        """Let another process have it; a file that was never written goes."""
        if self.file is None or self.path is None:
            return
        with contextlib.suppress(OSError):
            if not os.fstat(self.file).st_size:
                self.path.unlink(missing_ok=True)
        os.close(self.file)


@log
def claim_device(
    folder: Path, server: str, name: Name | str, first_slot: int = 0
) -> Device:
    """Return the first free device of `name` at `server` ("address:port").

    Keep it once the server has welcomed it, release it at the end.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for slot in range(first_slot, _SLOTS):
            device = _claim_slot(folder / _file_name(server, name, slot), slot)
            if device is not None:
                return device
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "an error"
        return Device(
            _new_id(),
            problem=f"{folder} can't be written ({reason}): your name is "
            "kept for you only while this client runs",
        )
    return Device(_new_id())


@log
def is_kept(folder: Path, server: str, name: Name | str, slot: int) -> bool:
    """Tell whether there is a device in `slot` that was used before."""
    return (folder / _file_name(server, name, slot)).exists()


@log
def _claim_slot(path: Path, slot: int) -> Device | None:
    """Lock one file and read it; None when another process has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        content = _read(file)
    except BlockingIOError:
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    return Device(content.id, content.number, slot, file, path)


@log
def _read(file: int) -> _Content:
    """Return the content; what can't be read (a crash, an edit) is made anew."""
    try:
        content = msgspec.json.decode(os.read(file, 65536), type=_Content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Content(_new_id())
    usable = content.id and content.number >= 0
    return content if usable else _Content(_new_id())


@log
def _new_id() -> DeviceId:
    return DeviceId(secrets.token_hex(16))


@log
def _file_name(server: str, name: Name | str, slot: int) -> str:
    """Return a name that any file system takes, whatever the person's is."""
    key = hashlib.sha256(
        f"{server}\n{fold(name)}".encode(errors="replace")
    ).hexdigest()[:32]
    return f"{key}-{slot}.json"
