"""What a recording comes to: changes of files, syncs, and what was told to whom.

All that a power cut can take apart, in the order of strace's lines. Whatever can change
a file in a way that is not followed here raises NotFollowed: nothing is overlooked.
SQLite's shared memory (-shm) is left out, because it is made anew after a power cut.
"""

import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from bench.numbered import text_of
from bench.syscalls import Call, path_of

__all__ = [
    "Change",
    "FolderSync",
    "Naming",
    "NotFollowed",
    "Promise",
    "Record",
    "Sync",
]

_CHANGES = {"pwrite64", "pwritev", "ftruncate", "fallocate"}
_SENDS = {"sendto", "sendmsg", "write", "writev"}
_SYNCS = {"fdatasync", "fsync"}
_UNFOLLOWED = {
    "mmap", "write", "writev", "pwritev2", "copy_file_range", "sendfile", "splice",
}  # fmt: skip
_DONE = (200, 202)


class NotFollowed(Exception):
    """A file was changed in a way that can't be replayed."""


class Change(NamedTuple):
    """A write of `data` at `offset`; without data: the file now ends at `offset`."""

    line: int
    ended: float
    file: int
    offset: int
    data: bytes | None


class Sync(NamedTuple):
    """What of a file had ended before `started` is on the disk from `line` on."""

    line: int
    started: int
    file: int


class Naming(NamedTuple):
    """Paths lost their file, paths got one."""

    line: int
    ended: float
    gone: tuple[str, ...]
    born: dict[str, int]


class FolderSync(NamedTuple):
    """The names of a folder, as they were before `started`, are on the disk."""

    line: int
    started: int
    folder: str


class Promise(NamedTuple):
    """Somebody was told that this text is message `message_id`.

    Its sender by an acknowledgement, others by a delivery.
    """

    line: int
    message_id: int
    text: str
    acknowledges: bool


def _is_beside(path: str) -> bool:
    """Tell whether a file is none that the messages' promises rest on."""
    name = path.rpartition("/")[2]
    others = ("tls.", "audit.log", "owner-invitation", "admin.sock")
    return path.endswith("-shm") or name.startswith(others)


class Record:
    """The recording of a folder, empty at first, over one or more runs of a program.

    Files are numbers: `paths` has the first name of each, `names` those that stand in
    the folder at the end. `failed` has the line and the path of each call that was made
    to fail. `end` is the last line.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder.resolve())
        self.events: list[Change | Sync | Naming | FolderSync] = []
        self.promises: list[Promise] = []
        self.paths: list[str] = []
        self.names: dict[str, int] = {}
        self.failed: list[tuple[int, str]] = []
        self.end = 0
        self._lengths: dict[int, int] = {}
        self._talks: dict[str, _Talk] = {}

    def add(self, calls: Iterable[Call]) -> None:
        """Take the calls of one run, which began where the one before had ended."""
        self._talks = {}
        for call in sorted(calls, key=lambda call: call.started):
            self.end = max(self.end, call.started)
            if call.ended < math.inf:
                self.end = max(self.end, int(call.ended))
            self._take(call)
        self.events.sort(key=lambda event: event.line)

    def files(self, ending: str) -> set[int]:
        """Return the files whose first name ended so."""
        return {n for n, path in enumerate(self.paths) if path.endswith(ending)}

    def _take(self, call: Call) -> None:
        path = path_of(call.arguments[0])
        if call.result is not None and call.result < 0:
            if "INJECTED" in call.note and path.startswith(self.folder):
                self.failed.append((call.started, path))
        elif path.startswith("socket:"):
            if call.name in _SENDS:
                self._hear(call, path)
        elif call.name in _CHANGES:
            if (file := self._file(path)) is not None:
                self._change(call, file)
        elif call.name in _SYNCS:
            self._sync(call, path)
        elif call.name in _UNFOLLOWED:
            self._refuse(call)
        else:
            self._name(call)

    def _file(self, path: str) -> int | None:
        """Return the number of the file at a path; None if it is none of ours."""
        if not path.startswith(self.folder + "/") or _is_beside(path):
            return None
        # Nobody finds again what is written to a file without a name.
        if path.endswith("(deleted)"):
            return None
        if path not in self.names:
            raise NotFollowed(f"{path} was there before the recording")
        return self.names[path]

    def _change(self, call: Call, file: int) -> None:
        if call.name == "ftruncate":
            self._cut(call, file, int(call.arguments[1]))
        elif call.name == "fallocate":
            self._allocate(call, file)
        else:
            self._write(call, file, int(call.arguments[-1]))

    def _write(self, call: Call, file: int, offset: int) -> None:
        data = b"".join(call.strings)[: call.result]
        end = offset + len(data)
        self._lengths[file] = max(self._lengths[file], end)
        self.events.append(Change(call.started, call.ended, file, offset, data))

    def _cut(self, call: Call, file: int, length: int) -> None:
        if length != self._lengths[file]:
            self._lengths[file] = length
            self.events.append(Change(call.started, call.ended, file, length, None))

    def _allocate(self, call: Call, file: int) -> None:
        mode, offset, length = call.arguments[1:4]
        if mode != "0":
            raise NotFollowed(f"fallocate with {mode}")
        self._cut(call, file, max(self._lengths[file], int(offset) + int(length)))

    def _sync(self, call: Call, path: str) -> None:
        if call.ended == math.inf or call.result is None:
            return
        line = int(call.ended)
        if Path(path).is_relative_to(self.folder) and path not in self.names:
            # A file that has no name any more is taken for a folder without names.
            self.events.append(FolderSync(line, call.started, path))
        elif (file := self._file(path)) is not None:
            self.events.append(Sync(line, call.started, file))

    def _refuse(self, call: Call) -> None:
        words = set("|".join(call.arguments).split("|"))
        if call.name == "mmap" and not {"MAP_SHARED", "PROT_WRITE"} <= words:
            return
        for argument in call.arguments:
            if self._file(path_of(argument)) is not None:
                raise NotFollowed(f"{call.name} of {path_of(argument)}")

    def _name(self, call: Call) -> None:
        """Follow files that get a name, another one, or lose it."""
        bases = [path_of(argument) for argument in call.arguments if "<" in argument]
        bases += [""] * len(call.strings)
        paths = [
            os.path.normpath(os.path.join(base, name.decode("utf-8", "replace")))
            for base, name in zip(bases, call.strings, strict=False)
        ]
        inside = [path.startswith(self.folder + "/") for path in paths]
        if not any(inside) or _is_beside(paths[0]):
            return
        if call.name.startswith("open"):
            self._open(call, paths[0])
        elif call.name.startswith("unlink"):
            self.names.pop(paths[0], None)
            self._note_names(call, (paths[0],), {})
        elif call.name.startswith("rename"):
            if paths[0] not in self.names or "RENAME_EXCHANGE" in call.arguments:
                raise NotFollowed(f"{call.name} of {paths[0]} to {paths[1]}")
            file = self.names.pop(paths[0])
            self._note_names(call, (paths[0],), {paths[1]: file})
        else:
            raise NotFollowed(f"{call.name} of {paths}")

    def _open(self, call: Call, path: str) -> None:
        flags = set("|".join(call.arguments[-2:]).split("|"))
        if path in self.names:
            if "O_TRUNC" in flags:
                self._cut(call, self.names[path], 0)
        elif "O_CREAT" in flags:
            file = len(self.paths)
            self.paths.append(path)
            self._lengths[file] = 0
            self._note_names(call, (), {path: file})

    def _note_names(
        self, call: Call, gone: tuple[str, ...], born: dict[str, int]
    ) -> None:
        self.names.update(born)
        self.events.append(Naming(call.started, call.ended, gone, born))

    def _hear(self, call: Call, connection: str) -> None:
        talk = self._talks.setdefault(connection, _Talk())
        talk.rest += b"".join(call.strings)[: call.result]
        *lines, talk.rest = talk.rest.split(b"\n")
        for line in lines:
            if promise := talk.promise(call.started, line):
                self.promises.append(promise)


class _Talk:
    """What one connection was told, whose it is, and the line that is not whole yet."""

    def __init__(self) -> None:
        self.name = ""
        self.rest = b""

    def promise(self, number: int, line: bytes) -> Promise | None:
        """Return the promise that a line of the server makes."""
        if b'"session"' not in line and b'"message_id"' not in line:
            return None
        said: dict[str, Any] = json.loads(line)
        if "session" in said:
            self.name = said["session"]["name"]
        message_id = said.get("message_id")
        if message_id is None:
            return None
        if said.get("response") in _DONE:
            text = text_of(self.name, said["id"])
            return Promise(number, message_id, text, acknowledges=True)
        if said.get("action") == "msg":
            return Promise(number, message_id, said["message"], acknowledges=False)
        return None
