"""Who watches whom, and who has blocked whom: always noted on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from decorators import log

if TYPE_CHECKING:
    from server.people import Person

__all__ = ["NOBODY", "Group", "hear_again", "shut_out", "untie", "unwatch", "watch"]

#: Persons in the order in which they came to it.
Group = Mapping["Person", None]
#: What most people have of each: one for all of them, for memory's sake.
NOBODY: Group = MappingProxyType({})


@log
def watch(person: Person, other: Person) -> None:
    """Have `person` told of the coming and going of `other`."""
    person.contacts = _with(person.contacts, other)
    other.watchers = _with(other.watchers, person)


@log
def unwatch(person: Person, other: Person) -> None:
    """Have `person` told of `other` no more."""
    person.contacts = _without(person.contacts, other)
    other.watchers = _without(other.watchers, person)


@log
def shut_out(person: Person, other: Person) -> None:
    """Let nothing of `other` reach `person`; neither is told."""
    person.blocks = _with(person.blocks, other)
    other.blocked_by = _with(other.blocked_by, person)


@log
def hear_again(person: Person, other: Person) -> None:
    """Let `person` hear `other` again."""
    person.blocks = _without(person.blocks, other)
    other.blocked_by = _without(other.blocked_by, person)


@log
def untie(person: Person) -> None:
    """Take somebody who is gone for good from the ties of all others."""
    for other in list(person.contacts):
        unwatch(person, other)
    for other in list(person.watchers):
        unwatch(other, person)
    for other in list(person.blocks):
        hear_again(person, other)
    for other in list(person.blocked_by):
        hear_again(other, person)


@log
def _with(group: Group, person: Person) -> Group:
    found = group if isinstance(group, dict) else {}
    found[person] = None
    return found


@log
def _without(group: Group, person: Person) -> Group:
    if isinstance(group, dict):
        group.pop(person, None)
    return group or NOBODY
