"""The table of commands: a row for each kind of event."""

from typing import get_args

from server.commands import COMMANDS
from server.events import Event, TakeName
from server.events import asked_rules as rules
from server.events.asked import Authenticate, Register, Said, SignIn

# Of what one's own people are: it is nobody's business.
PRIVATE = {
    "AddContact",
    "AskPerson",
    "Block",
    "ListBlocked",
    "ListContacts",
    "RemoveContact",
    "SetProfile",
    "Unblock",
}


def test_every_event_has_its_row() -> None:
    assert set(COMMANDS) == set(get_args(Event))


def test_only_who_has_not_come_in_yet_need_not_have_signed_in() -> None:
    assert {kind.__name__ for kind, row in COMMANDS.items() if not row.signed_in} == {
        "Administer",
        "Aside",
        "Authenticate",
        "Faulty",
        "Foreign",
        "HearEverybody",
        "Listen",
        "Quitting",
        "Register",
        "SignIn",
        "TakeName",
    }


def test_what_an_owner_must_account_for_is_audited_and_no_message_is() -> None:
    audited = {kind for kind, row in COMMANDS.items() if row.audited}
    of_rules = {getattr(rules, name) for name in rules.__all__ if name not in PRIVATE}
    ways_in = {SignIn, Authenticate, Register, TakeName}
    assert audited == ways_in | of_rules - {rules.Administer}
    assert not COMMANDS[Said].audited
