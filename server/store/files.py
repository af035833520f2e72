"""The data folder: where it is, who may read it, and that only one server uses it."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from decorators import log
from errors import ExitCode, StartError, StoreFailed
from log_config.private_files import make_private_folder, open_private
from server.holders import holder_of_file

__all__ = ["Files", "create_private", "default_folder", "locked", "sync_folder"]

_HERE = Path(__file__).resolve().parent


@log
def default_folder() -> Path:
    """Return where the database is unless one says otherwise: `data/` in a checkout."""
    checkout = _HERE.parent.parent
    if (checkout / "pyproject.toml").exists() and (checkout / "logs").is_dir():
        return checkout / "data"
    import platformdirs

    return platformdirs.user_data_path("messenger")


@log
def create_private(path: Path) -> None:
    """Make sure that `path` is there and that nobody else may read it.

    An existing file is never opened: closing it would drop the locks that SQLite holds
    on it in this process.
    """
    with contextlib.suppress(FileExistsError):
        os.close(open_private(path, os.O_CREAT | os.O_EXCL | os.O_RDWR))
    os.chmod(path, 0o600)


class Files:
    """The files of one store, locked against a second server until `release`.

    SQLite keeps `-wal` and `-shm` beside the database, with its permissions. The
    search index is another database.
    """

    __slots__ = (
        "_by_time",
        "_least_log",
        "_lock",
        "_seen",
        "_watched",
        "_written",
        "database",
        "index",
        "log",
        "shared",
    )

    @log
    def __init__(self, folder: Path) -> None:
        """Make and lock the folder; raises StartError where that can't be."""
        try:
            _make_folder(folder)
            # Beside the database itself, should ours be a link to it.
            self.database = (folder / "messenger.db").resolve()
            self.log = self.database.with_name(f"{self.database.name}-wal")
            self.shared = self.database.with_name(f"{self.database.name}-shm")
            self.index = self.database.with_name("search.db")
            self._lock = _lock(self.database.with_name("messenger.lock"))
            try:
                self._prepare()
            except BaseException:
                os.close(self._lock)
                raise
        except OSError as error:
            raise _unusable(folder, error) from error
        self._watched = [*map(os.fspath, (self.database, self.log, self.shared))]
        self._seen: list[tuple[int, int]] = []
        self._written = 0, 0
        self._by_time = True
        self._least_log = 0

    @log
    def _prepare(self) -> None:
        """Make the database file if it is new, and hide what is there from others."""
        if _size(self.log) and not _size(self.database):
            raise StartError(
                f"{self.database} is missing, but {self.log.name} beside it holds "
                f"messages: put the database back, or move {self.log.name} away"
            )
        create_private(self.database)
        sync_folder(self.database.parent)
        for path in (self.log, self.shared):
            with contextlib.suppress(FileNotFoundError):
                os.chmod(path, 0o600)

    @log
    def watch(self, *, by_time: bool = True) -> None:
        """Remember which files these are, once SQLite has made and opened them.

        With `by_time` the time of the database's last change counts, too.
        """
        self._by_time = by_time
        found = [*map(os.stat, self._watched)]
        self._seen = [(one.st_dev, one.st_ino) for one in found]
        self._least_log = found[1].st_size
        self.note_written()

    @log
    def note_written(self) -> None:
        """Remember how the database is: we have just brought the log into it."""
        found = os.stat(self.database)
        self._written = found.st_size, found.st_mtime_ns

    @log
    def check(self) -> bool:
        """Raise StoreFailed unless the files at our paths are those we write to.

        SQLite goes on with a file that somebody has removed or replaced. Tells whether
        nobody else has written to the database or cut the log: what we write goes into
        the log, and from there into the database only when we say so.
        """
        try:
            found = [*map(os.stat, self._watched)]
        except OSError:
            found = []
        if [(one.st_dev, one.st_ino) for one in found] != self._seen:
            raise StoreFailed(
                f"{self.database}, or a file beside it, was removed or replaced while "
                "the server ran: put it back and start the server again"
            )
        database, log_file, _ = found
        if log_file.st_size < self._least_log:
            return False
        size, time = self._written
        return database.st_size == size and (
            database.st_mtime_ns == time or not self._by_time
        )

    @log
    def is_read_only(self) -> bool:
        """Tell whether the file system takes nothing (any more)."""
        try:
            # No flag of the mount tells it for sure, only an attempt.
            os.utime(self._lock)
        except OSError as error:
            return error.errno == errno.EROFS
        return False

    @log
    def release(self) -> None:
        """Let another server have the folder."""
        os.close(self._lock)


@log
@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep servers out of a data folder, which is made if it is not there.

    Raises StartError where one runs, or the folder can't be used.
    """
    try:
        _make_folder(folder)
        lock = _lock((folder / "messenger.db").resolve().with_name("messenger.lock"))
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        yield
    finally:
        os.close(lock)


@log
def _make_folder(folder: Path) -> None:
    """Make the folder for us alone; one that is there stays as its owner wants it."""
    if make_private_folder(folder):
        sync_folder(folder.parent)


@log
def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@log
def _lock(path: Path) -> int:
    """Return a file descriptor that holds the lock until it is closed."""
    lock = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        os.fchmod(lock, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        holder = holder_of_file(path)
        who = "" if holder is None else f" ({holder})"
        cure = "" if holder is None else f"; this stops it:{holder.cure}"
        raise StartError(
            f"another server is using {path.parent}{who}: stop it, or choose another "
            f"folder with --data-dir{cure}"
        ) from None
    except BaseException:
        os.close(lock)
        raise
    return lock


@log
def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@log
def _unusable(folder: Path, error: OSError) -> StartError:
    if isinstance(error, PermissionError) and _is_in(folder, error.filename):
        # Root made it there, or it was copied from elsewhere.
        return StartError(
            f"{error.filename} can't be used ({error.strerror}), while its folder can: "
            f"give it to the folder's owner: chown --reference={quote(str(folder))} "
            f"{quote(error.filename)}",
            ExitCode.NOT_ALLOWED,
        )
    return StartError(
        f"the data folder {folder} can't be used ({error.strerror}); "
        "name another with --data-dir",
        ExitCode.NOT_ALLOWED if isinstance(error, PermissionError) else None,
    )


@log
def _is_in(folder: Path, file: object) -> bool:
    return (
        isinstance(file, str)
        and Path(file).parent == folder.resolve()
        and os.path.lexists(file)
    )
