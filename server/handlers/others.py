"""Those whom somebody names: one other person, and a list of some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from common.names import fold
from decorators import log
from errors import NoSuchName, NotAllowed
from server.events import UserList
from server.handlers.entries import user_entry
from server.people import Person, Session, page

if TYPE_CHECKING:
    from server.hub import Hub

__all__ = ["list_chosen", "other_one"]

_LONGEST_PAGE = 1000


@log
def other_one(hub: Hub, session: Session, name: str) -> tuple[Person, Person]:
    """Return who asks and whom they name; raise NoSuchName, or NotAllowed for both."""
    person = session.person
    assert person is not None
    other = hub.people.find(name)
    if other is None:
        raise NoSuchName(name)
    if other is person:
        raise NotAllowed("that is yourself; name somebody else")
    return person, other


@log
def list_chosen(
    persons: Iterable[Person], after: str | None, request: int | None
) -> UserList:
    """Return some people in the order of their names, from behind `after`."""
    by_name = {fold(person.name): person for person in persons}
    start = "" if after is None else fold(after)
    names, more = page(
        (name for name in sorted(by_name) if name > start), _LONGEST_PAGE
    )
    entries = [user_entry(by_name[name]) for name in names]
    return UserList(entries, more, request, is_chosen=True)
