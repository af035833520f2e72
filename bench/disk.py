"""A disk that loses power: what may stand on it at a moment of a recording.

What is certain: all that had been written to a file when its last finished sync began,
and the names that a folder had when its last finished sync began. Of what came after:

- every sector (512 or 4096 bytes) holds, independent of all others, one of the contents
  that it had since: so writes are lost, torn and reordered, also between files;
- a file has one of the lengths that it had since; what lies inside and was never
  written out is zeros or noise;
- a change of names has happened or not; where it has not, later ones of the same name
  have not either. A sync of a file doesn't make its name certain (on ext4 it does).

Not modelled: a sector that is torn in itself or takes its neighbours along (SQLite
trusts disks there too, "powersafe overwrite"), a disk that lies about syncs, and bits
that change later. The folder itself is certain.
"""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.record import Change, FolderSync, Naming, Record, Sync

__all__ = ["Disk", "Image"]

_SECTORS = (512, 4096)
# How likely a sector or length is at its newest: a whole file lost, kept, or a mixture.
_SURVIVALS = (0.0, 0.1, 0.5, 0.9, 1.0)


class _File:
    """The certain content of a file, and its changes since."""

    def __init__(self) -> None:
        self.certain = bytearray()
        self.pending: list[Change] = []

    def sync(self, started: int) -> None:
        """Make certain what had ended by then."""
        for change in self.pending:
            if change.ended < started:
                _apply(self.certain, change)
        self.pending = [c for c in self.pending if c.ended >= started]


class _Luck(NamedTuple):
    """How one file fares in one power cut."""

    dice: random.Random
    survival: float

    def kept(self, count: int) -> int:
        """Return how many of `count` changes, in their order, have come through."""
        if not count or self.dice.random() < self.survival:
            return count
        return self.dice.randrange(count)


class Image(NamedTuple):
    """What is left after a power cut: contents by path in the folder."""

    files: dict[str, bytes]

    @contextmanager
    def written(self) -> Iterator[Path]:
        """Write it to a temporary folder while the block lasts."""
        with tempfile.TemporaryDirectory(prefix="jim-image-") as name:
            for path, content in self.files.items():
                target = Path(name, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            yield Path(name)


class Disk:
    """Replays a record up to a moment, and makes images of what may be there then."""

    def __init__(self, record: Record) -> None:
        self._events = iter([*record.events, None])
        self._next = next(self._events)
        self._folder = record.folder
        self._files = [_File() for _ in record.paths]
        self._names: dict[str, int] = {}
        self._namings: list[Naming] = []

    def advance(self, moment: int) -> None:
        """Go on to a line of the record; moments never go back."""
        while self._next is not None and self._next.line <= moment:
            match self._next:
                case Change():
                    self._files[self._next.file].pending.append(self._next)
                case Sync():
                    self._files[self._next.file].sync(self._next.started)
                case Naming():
                    self._namings.append(self._next)
                case FolderSync():
                    self._sync_names(self._next)
            self._next = next(self._events)

    def image(self, dice: random.Random) -> Image:
        """Return the files as one power cut at this moment might leave them."""
        grain = dice.choice(_SECTORS)
        noise = dice.random() < 0.5
        files = {}
        for path, number in self._surviving_names(dice).items():
            luck = _Luck(dice, dice.choice(_SURVIVALS))
            content = _content(self._files[number], luck, grain, noise)
            files[str(Path(path).relative_to(self._folder))] = content
        return Image(files)

    def _sync_names(self, sync: FolderSync) -> None:
        late = []
        for naming in self._namings:
            inside = all(
                str(Path(path).parent) == sync.folder
                for path in (*naming.gone, *naming.born)
            )
            if inside and naming.ended < sync.started:
                _rename(self._names, naming)
            else:
                late.append(naming)
        self._namings = late

    def _surviving_names(self, dice: random.Random) -> dict[str, int]:
        names = dict(self._names)
        survival = dice.choice(_SURVIVALS)
        held_back: set[str] = set()
        for naming in self._namings:
            touched = {*naming.gone, *naming.born}
            if touched & held_back or dice.random() >= survival:
                held_back |= touched
            else:
                _rename(names, naming)
        return names


def _rename(names: dict[str, int], naming: Naming) -> None:
    for path in naming.gone:
        names.pop(path, None)
    names.update(naming.born)


def _apply(content: bytearray, change: Change) -> None:
    if change.data is None:
        del content[change.offset :]
        content.extend(bytes(change.offset - len(content)))
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.data)] = change.data


def _content(file: _File, luck: _Luck, grain: int, noise: bool) -> bytes:
    """Return what a file may hold: certain sectors, and some version of the others."""
    lengths = [len(file.certain)]
    versions: dict[int, list[tuple[int, bytes]]] = {}
    for change in file.pending:
        offset, data = change.offset, change.data
        if data is None:
            data = bytes(max(0, lengths[-1] - offset))
            lengths.append(offset)
        else:
            lengths.append(max(lengths[-1], offset + len(data)))
        for sector, at, part in _sectors(offset, data, grain):
            versions.setdefault(sector, []).append((at, part))
    content = bytearray(file.certain)
    room = max(lengths) - len(content)
    content += luck.dice.randbytes(room) if noise else bytes(room)
    for sector, parts in versions.items():
        kept = parts[: luck.kept(len(parts))]
        if kept:  # a sector that was written out has no noise between its writes
            start = max(len(file.certain), sector * grain)
            end = min((sector + 1) * grain, len(content))
            content[start:end] = bytes(max(0, end - start))
        for at, part in kept:
            content[at : at + len(part)] = part
    return bytes(content[: lengths[luck.kept(len(lengths) - 1)]])


def _sectors(offset: int, data: bytes, grain: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield the pieces of a write: sector number, offset, bytes."""
    start = 0
    while start < len(data):
        sector = (offset + start) // grain
        end = (sector + 1) * grain - offset
        yield sector, offset + start, data[start:end]
        start = end
