"""Find the archive that is ours, and open it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from client.archive.archive import Archive
from client.archive.slots import SLOTS, claim_slot, is_kept
from client.stream import Address
from common.names import Name
from decorators import log
from log_config.private_files import make_private_folder

__all__ = ["open_archive"]


@log
def open_archive(
    folder: Path,
    server: Address,
    name: Name | str,
    first_slot: int = 0,
    *,
    tell: Callable[[str], None],
) -> Archive:
    """Return the archive of `name` at `server` ("address:port"); `release` it.

    It is the first free one from `first_slot` on; but an account's later one with
    messages that wait to be sent comes first. `tell` takes sentences about trouble, now
    and later.
    """
    chosen = None
    try:
        make_private_folder(folder)
        for number in range(first_slot, SLOTS):
            if chosen is not None and not is_kept(folder, server, name, number):
                continue
            slot = claim_slot(folder, server, name, number)
            if slot is None:
                continue
            archive = Archive(slot, server, tell)
            if chosen is None:
                chosen = archive
            elif archive.kept.waiting and not archive.kept.guest:
                chosen.release()
                chosen = archive
            else:
                archive.release()
            if chosen.kept.waiting:
                break
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "an error"
        tell(
            f"{folder} can't be written ({reason}): your name and what is said are "
            "kept only while this client runs"
        )
    return chosen or Archive(None, server, tell)
