"""Invitations that are still good: known by their digests, counted, and ended."""

from collections.abc import Callable

from msgspec.structs import replace

from decorators import log
from server.store.base import InviteRow

__all__ = ["Invites"]


class Invites:
    """What the store knows of invitations; `wall` is in UNIX seconds."""

    @log
    def __init__(self) -> None:
        self._by_digest: dict[str, InviteRow] = {}

    @log
    def __len__(self) -> int:
        return len(self._by_digest)

    @log
    def add(self, row: InviteRow) -> None:
        """Take one in."""
        self._by_digest[row.digest] = row

    @log
    def find(self, digest: str, wall: float) -> InviteRow | None:
        """Return the one of this digest if it is good."""
        row = self._by_digest.get(digest)
        return row if row is not None and row.expires > wall else None

    @log
    def good(self, wall: float) -> list[InviteRow]:
        """Return the good ones, in the order in which they were made."""
        return [row for row in self._by_digest.values() if row.expires > wall]

    @log
    def take(self, row: InviteRow) -> None:
        """Count a use; behind the last one it is worthless."""
        if row.uses_left <= 1:
            del self._by_digest[row.digest]
        else:
            self._by_digest[row.digest] = replace(
                row, uses_left=row.uses_left - 1, used=row.used + 1
            )

    @log
    def drop(self, is_over: Callable[[InviteRow], bool]) -> list[InviteRow]:
        """Make all worthless of which that is true; return them."""
        rows = [row for row in self._by_digest.values() if is_over(row)]
        for row in rows:
            del self._by_digest[row.digest]
        return rows
