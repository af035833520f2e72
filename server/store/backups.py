"""A copy of the database that is whole, made while a server goes on writing to it."""

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from decorators import log
from errors import Refused
from log_config.private_files import give_to_owner_of_folder
from server.store.files import sync_folder
from server.store.outside import reading, trouble

__all__ = ["back_up", "copy_pages", "private_part"]

# Copied at once; in between the program can be interrupted.
_PAGES = 4096


@log
def back_up(folder: Path, target: Path) -> int:
    """Copy the database of a data folder to the new file `target`; return its bytes.

    It is the state of one moment, and of mode 0600. Half a copy never has that name.
    Raises Refused where something is there already, or the copy can't be made.
    """
    if os.path.lexists(target):
        raise _taken(target)
    with reading(folder) as source:
        try:
            with private_part(target) as part:
                copy_pages(source, part)
                _place(part, target)
            return target.stat().st_size
        except OSError as error:
            raise Refused(f"{target} can't be written: {error.strerror}") from error
        except sqlite3.Error as error:
            raise trouble(target, error) from error


@log
@contextlib.contextmanager
def private_part(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target` that only we may read, while the block lasts.

    Raises OSError.
    """
    handle, name = tempfile.mkstemp(".part", f".{target.name}.", target.parent)
    part = Path(name)
    give_to_owner_of_folder(handle, part)
    os.close(handle)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


@log
def copy_pages(source: sqlite3.Connection, path: Path) -> None:
    """Copy what `source` sees into an empty file, and have it on the disk.

    It must be in a transaction, else writers make the copying begin anew again and
    again. Raises sqlite3.Error or OSError.
    """
    copy = sqlite3.connect(path, isolation_level=None)
    try:
        copy.execute("PRAGMA synchronous = OFF")
        source.backup(copy, pages=_PAGES)
    finally:
        copy.close()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@log
def _place(part: Path, target: Path) -> None:
    """Give a file its name unless somebody else has taken that meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:
        # A file system without links, like that of a memory stick.
        if os.path.lexists(target):
            raise _taken(target) from None
        part.rename(target)
    sync_folder(target.parent)


@log
def _taken(target: Path) -> Refused:
    return Refused(f"{target} is there already: name a new file, or remove that one")
