"""Make files and folders that are one user's alone, whatever the umask says.

What root makes in somebody's folder is theirs as well: root takes a backup, restores
one or starts a server by hand, and the service that runs as somebody else must go on.
"""

import contextlib
import os
import stat
from pathlib import Path

__all__ = ["give_to_owner_of_folder", "make_private_folder", "open_private"]

_ROOT = 0


def open_private(path: Path, flags: int) -> int:
    """Open a file as `flags` say, 0600 if it is made by that; return the descriptor.

    Raises OSError.
    """
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    give_to_owner_of_folder(descriptor, path)
    return descriptor


def make_private_folder(folder: Path) -> bool:
    """Make a folder, 0700, and those that it is to be in; tell whether it was made.

    What is there already stays as its owner wants it. Raises OSError.
    """
    if not folder.parent.exists():
        make_private_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if folder.is_dir():
            return False
        raise
    folder.chmod(0o700)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        give_to_owner_of_folder(descriptor, folder)
    finally:
        os.close(descriptor)
    return True


def give_to_owner_of_folder(descriptor: int, path: Path) -> None:
    """Give a file of root's to whom the folder belongs that it is in.

    `descriptor` is what is open at `path`. What only has its name there, as a link that
    somebody has put in root's way, stays root's.
    """
    if os.geteuid() != _ROOT:
        return
    # Without the capability, as in a container, it is nobody else's folder either.
    with contextlib.suppress(OSError):
        ours, folder = os.fstat(descriptor), path.parent.stat()
        is_here = os.path.samestat(ours, path.lstat())
        is_one = ours.st_nlink == 1 or stat.S_ISDIR(ours.st_mode)
        if ours.st_uid == _ROOT != folder.st_uid and is_here and is_one:
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
