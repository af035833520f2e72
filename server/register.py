"""Names in use and whom they belong to: one register for people, one for rooms."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from common.lookalikes import skeletons
from common.names import Name, RoomName, fold
from decorators import log
from errors import NameTaken

__all__ = ["Register"]

Owner = TypeVar("Owner")


class Register(Generic[Owner]):
    """Finds an owner by any spelling of its name, and keeps look-alikes out.

    `by_spelling` is for reading only: the owners by their names as first spelled.
    """

    __slots__ = ("_by_look", "_by_name", "_in_order", "by_spelling")

    @log
    def __init__(self, reserved: Iterable[str] = ()) -> None:
        """Make an empty register; nobody gets a name that looks like a reserved one."""
        self.by_spelling: dict[str, Owner] = {}
        self._by_name: dict[str, Owner] = {}
        self._in_order: list[str] = []
        self._by_look: dict[str, list[str]] = {}
        for name in reserved:
            self._note_looks(name)

    @log
    def __len__(self) -> int:
        return len(self._by_name)

    @log
    def find(self, name: str) -> Owner | None:
        """Return who has `name` in any spelling, or None."""
        # Not a Name for the log: what somebody typed there may be their password.
        # As it was first spelled costs one look; any other spelling is folded.
        found = self.by_spelling.get(name)
        return self._by_name.get(fold(name)) if found is None else found

    @log
    def add(self, name: Name | RoomName, owner: Owner) -> None:
        """Give `name` to `owner`; raise NameTaken if it is in use or looks like one."""
        if fold(name) in self._by_name:
            raise NameTaken(name)
        for look in skeletons(name):
            if look in self._by_look:
                raise NameTaken(name, self._by_look[look][0])
        self.put_back(name, owner)

    @log
    def put_back(self, name: Name | RoomName, owner: Owner) -> None:
        """Take in a name of before the start, even one that looks like another.

        It was given when less was known of what looks alike, and it stays.
        """
        folded = fold(name)
        if folded in self._by_name:
            raise NameTaken(name)
        self.by_spelling[name] = self._by_name[folded] = owner
        insort(self._in_order, folded)
        self._note_looks(name)

    @log
    def _note_looks(self, name: str) -> None:
        for look in skeletons(name):
            self._by_look.setdefault(look, []).append(name)

    @log
    def remove(self, name: Name | RoomName) -> None:
        """Free `name`, which must be spelled as it was added."""
        folded = fold(name)
        del self.by_spelling[name]
        del self._by_name[folded]
        del self._in_order[bisect_left(self._in_order, folded)]
        for look in skeletons(name):
            self._by_look[look].remove(name)
            if not self._by_look[look]:
                del self._by_look[look]

    @log
    def after(self, name: str | None) -> Iterator[Owner]:
        """Return the owners in the order of their names, from behind `name`."""
        start = "" if name is None else fold(name)
        first = bisect_right(self._in_order, start)
        for place in range(first, len(self._in_order)):
            yield self._by_name[self._in_order[place]]
