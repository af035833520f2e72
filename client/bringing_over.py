"""Move what was filed under an address to what the server there has turned out to be.

So all was filed before servers were known by their certificates, and so is what a first
meeting leaves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from client.archive.slots import SLOTS, Slot, claim_slot, move_slot, used_slots
from client.credentials import TokenFile
from client.filing import file_key
from client.stream import Address
from common.names import Name
from decorators import log

__all__ = ["bring_over", "own_token"]


@log
def own_token(
    state: Path, server: Address, earlier: Iterable[Address], name: Name | str
) -> TokenFile:
    """Return where the token for `name` is kept, after bringing over what is filed.

    `state` is the folder above those of tokens and devices.
    """
    bring_over(state, server, earlier, name)
    return TokenFile(state / "tokens", server, name)


@log
def bring_over(
    state: Path, server: Address, earlier: Iterable[Address], name: Name | str
) -> None:
    """Move what is filed for `name` under the `earlier` spellings to `server`.

    What another process uses just now, or what can't be moved, is left for the next
    start. Of two tokens the later one stays; of several archives each is a device of
    this person.
    """
    with contextlib.suppress(OSError):
        for one in earlier:
            _move_token(state / "tokens", file_key(one, name), file_key(server, name))
        for kind in ("devices", "senders"):
            _move_slots(state / kind, server, earlier, name)


@log
def _move_token(folder: Path, old: str, new: str) -> None:
    before, after = folder / f"{old}.json", folder / f"{new}.json"
    if not before.exists():
        return
    if after.exists() and after.stat().st_mtime > before.stat().st_mtime:
        before.unlink()
    else:
        before.replace(after)


@log
def _move_slots(
    folder: Path, server: Address, earlier: Iterable[Address], name: Name | str
) -> None:
    """Move slot after slot; the one that was used last becomes the first one."""
    found = [
        (used, number, one)
        for one in earlier
        for used, number in used_slots(folder, one, name)
    ]
    for _, number, one in sorted(found, reverse=True):
        slot = claim_slot(folder, one, name, number)
        if slot is not None:
            try:
                _move_to_free(folder, slot, server, name)
            finally:
                slot.release()


@log
def _move_to_free(folder: Path, slot: Slot, server: Address, name: Name | str) -> None:
    taken = {number for _, number in used_slots(folder, server, name)}
    for number in range(SLOTS):
        target = None
        if number not in taken:
            target = claim_slot(folder, server, name, number)
        if target is not None:
            try:
                move_slot(slot, target)
            finally:
                target.release()
            return
