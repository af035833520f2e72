"""Keep who was here last, at which server and in which conversation.

One file in the config folder, of people at a terminal alone: a script says what it
wants. It is a help and no more: where it can't be read or written nothing is kept.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import msgspec

from common.client_settings import ClientSettings
from common.names import Name, RoomName, fold
from common.settings import Resolved, Source
from decorators import log

__all__ = ["Remembered", "own_remembered"]

# Past it the conversations that were left longest ago go.
_MOST_CONVERSATIONS = 100

_logger = logging.getLogger(__name__)


class _Last(msgspec.Struct):
    """What stands in the file.

    `names` are by HOST:PORT as it was typed, `conversations` by the server's store and
    the folded name, the latest last.
    """

    address: str = ""
    port: int = 0
    names: dict[str, str] = {}
    conversations: dict[str, str] = {}


class Remembered:
    """The file `path`; each call reads it anew, for other clients write it too."""

    @log
    def __init__(self, path: Path) -> None:
        """Touch nothing yet."""
        self._path = path

    @property
    @log
    def is_new(self) -> bool:
        """Tell whether nobody has been here yet."""
        return not self._path.exists()

    @log
    def complete(self, resolved: Resolved[ClientSettings]) -> Resolved[ClientSettings]:
        """Return settings with what nobody has chosen as it was last.

        The server goes as a whole: whoever names a port means this machine's.
        """
        last, sources = self._read(), dict(resolved.sources)
        chosen = {name for name, one in sources.items() if one.kind != "default"}
        values: dict[str, str | int] = {}
        if last.address and not chosen & {"address", "port"}:
            values |= {"address": last.address, "port": last.port}
        settings = msgspec.structs.replace(resolved.values, **values)
        name = last.names.get(f"{settings.address}:{settings.port}")
        if name and "name" not in chosen:
            values["name"] = name
            settings = msgspec.structs.replace(settings, name=name)
        here = Source("remembered", str(self._path))
        return Resolved(settings, sources | dict.fromkeys(values, here))

    @log
    def conversation(self, store: str, name: Name | str) -> Name | RoomName | str:
        """Return whom plain lines went to last; "" for nobody."""
        return self._read().conversations.get(_key(store, name), "")

    @log
    def note_entry(self, address: str, port: int, name: Name | str) -> None:
        """Remember which server was entered, and under which name."""
        last = self._read()
        last.address, last.port = address, port
        last.names[f"{address}:{port}"] = name
        self._write(last)

    @log
    def note_conversation(
        self, store: str, name: Name | str, whom: Name | RoomName | str
    ) -> None:
        """Remember whom plain lines go to, "" for nobody."""
        last = self._read()
        last.conversations.pop(_key(store, name), None)
        if whom:
            last.conversations[_key(store, name)] = whom
        while len(last.conversations) > _MOST_CONVERSATIONS:
            del last.conversations[next(iter(last.conversations))]
        self._write(last)

    @log
    def _read(self) -> _Last:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Last)
        except (OSError, ValueError, RecursionError):
            return _Last()

    @log
    def _write(self, last: _Last) -> None:
        """Replace the file; readers see the old one or the new one."""
        new = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new.touch(0o600)
            new.write_bytes(msgspec.json.format(msgspec.json.encode(last)))
            new.replace(self._path)
        except OSError as error:
            _logger.info("%s can't be written: %s", self._path, error.strerror)


@log
def own_remembered() -> Remembered:
    """Return what the person at this machine has in the config folder."""
    # Imported late: scripts remember nothing.
    import platformdirs

    return Remembered(platformdirs.user_config_path("messenger") / "last.json")


@log
def _key(store: str, name: Name | str) -> str:
    return f"{store} {fold(name)}"
