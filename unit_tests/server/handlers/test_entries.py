"""Rows of lists of people: what others may see of somebody, whatever they have set."""

from common.names import Label, Name
from common.roles import Role
from server.events import UserEntry
from server.handlers.entries import user_entry
from server.people import Person, Session

BOB = Name("bob")


def session(status: str) -> Session:
    found = Session(None, Label("1"), Label("127.0.0.1"))
    found.status = status
    return found


def test_a_guest_that_waits_to_come_back_is_shown_with_nothing() -> None:
    bob = Person(1, BOB)
    bob.seen = 1.5
    assert user_entry(bob) == UserEntry(BOB, "", True, False, "guest")


def test_the_status_is_that_of_the_last_session_that_has_one() -> None:
    bob = Person(1, BOB)
    bob.sessions = [session("here"), session("")]
    assert user_entry(bob).status == "here"
    bob.fed = [session("back soon")]
    assert user_entry(bob).status == "back soon"
    bob.status = "at lunch"
    assert user_entry(bob).status == "at lunch"


def test_an_account_that_is_not_here_shows_when_it_was_unless_it_hides_it() -> None:
    bob = Person(1, BOB, is_account=True)
    bob.role, bob.seen = Role.MODERATOR, 1.5
    assert user_entry(bob) == UserEntry(BOB, "", False, False, "moderator", seen=1.5)
    bob.sessions = [session("")]
    assert user_entry(bob).seen is None
    bob.sessions = []
    bob.shows_seen = False
    assert user_entry(bob).seen is None
