"""Limit who makes how many rooms, so that the others find room too."""

from collections import Counter

from common.limits import Limits
from common.roles import Role
from decorators import log
from errors import TooMany
from server.people import Person

__all__ = ["GUESTS", "Shares", "makers_of"]

# Whatever others have made, an account finds room for so many of its own.
_ALWAYS = 10
# Of the rooms that one has made one may leave so many to others, or to come back to.
_MADE_FOR_EACH = 2
#: All guests together.
GUESTS = "guests"


@log
def makers_of(person: Person, network: str | None) -> tuple[int | str, ...]:
    """Return for whom a room counts that somebody makes from there.

    An account may come from anywhere, and its rooms last; a guest is whoever has the
    address, under one name or a hundred (None: this machine).
    """
    if person.is_account:
        return (person.number,)
    return (person.number, f"guests from {network}", GUESTS)


class Shares:
    """How many rooms there are by who made them."""

    @log
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._made: Counter[int | str] = Counter()
        self._count = 0

    @log
    def add(self, makers: tuple[int | str, ...]) -> None:
        """Count a room; without makers nobody knows who made it."""
        self._count += 1
        self._made.update(makers)

    @log
    def remove(self, makers: tuple[int | str, ...]) -> None:
        """Count a room that has ended no more."""
        self._count -= 1
        self._made.subtract(makers)
        for maker in makers:
            if not self._made[maker]:
                del self._made[maker]

    @log
    def check(self, person: Person, network: str | None) -> None:
        """Raise TooMany where somebody may not make one more room.

        Guests together fill half of what there is at most. An account always finds room
        for some rooms, and an owner for all that one person may make.
        """
        limits, made = self._limits, self._made
        own = made[person.number]
        most = limits.rooms_per_person * _MADE_FOR_EACH
        _check("rooms that you have made", own, most)
        if person.role is Role.OWNER or (person.is_account and own < _ALWAYS):
            return
        if not limits.rooms:
            return  # nobody can fill them
        _check("rooms", self._count, limits.rooms)
        if not person.is_account:
            _, address, everybody = makers_of(person, network)
            most = limits.guest_rooms_per_address
            _check("rooms that guests from your address made", made[address], most)
            half = max(1, limits.rooms // 2)
            _check("rooms that guests made", made[everybody], half)


@log
def _check(what: str, count: int, limit: int) -> None:
    if limit and count >= limit:
        raise TooMany(what, limit)
