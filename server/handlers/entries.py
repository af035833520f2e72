"""A row of a list of people: what others may see of somebody."""

from decorators import log
from server.events import UserEntry
from server.people import Person

__all__ = ["shown_seen", "shown_status", "user_entry"]


@log
def user_entry(person: Person) -> UserEntry:
    """Return the row of somebody in a list."""
    return UserEntry(
        name=person.name,
        status=shown_status(person),
        guest=not person.is_account,
        online=person.is_here,
        role=person.role.word,
        away=person.away and person.is_here,
        seen=shown_seen(person),
    )


@log
def shown_status(person: Person) -> str:
    """Return what somebody says of themselves: for all, else on the last session."""
    if person.status or not person.is_here:
        return person.status
    newest_first = reversed(person.all_sessions())
    return next((one.status for one in newest_first if one.status), "")


@log
def shown_seen(person: Person) -> float | None:
    """Return when somebody was here last, if they are not now and let it be shown."""
    if person.is_here or not (person.is_account and person.shows_seen):
        return None
    return person.seen
