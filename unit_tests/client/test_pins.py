from pathlib import Path

import pytest

from client.known_servers import KnownServers
from client.pins import Pins
from common.fingerprints import shown

FIRST, SECOND = "A" * 43, "E" * 43


@pytest.fixture
def known(tmp_path: Path) -> KnownServers:
    return KnownServers(tmp_path / "known")


@pytest.fixture
def notes(tmp_path: Path) -> KnownServers:
    return KnownServers(tmp_path / "notes")


def test_a_server_is_known_however_its_place_is_spelled(known: KnownServers) -> None:
    known.pin("[::1]:7777", FIRST)
    here = Pins("localhost", 7777, known, None)
    assert (here.is_here, here.find()) == (True, known.find("[::1]:7777"))
    # A new one takes the place of the old one where that stands.
    here.pin(SECOND, replace=True)
    for spelled in ("localhost", "127.0.0.1", "::1"):
        found = Pins(spelled, 7777, known, None).find()
        assert found is not None
        assert found.fingerprint == SECOND
    assert Pins("localhost", 7778, known, None).find() is None


def test_what_a_server_says_of_itself_counts_from_the_next_start_on(
    notes: KnownServers,
) -> None:
    here = Pins("127.0.0.1", 7777, None, notes)
    here.note(shown(FIRST))
    here.note("no fingerprint")
    assert here.find() is None
    again = Pins("localhost", 7777, None, notes)
    found = again.find()
    assert found is not None
    assert (found.fingerprint, again.is_note(found)) == (FIRST, True)
    assert str(notes.path) in again.line_of(found)
    assert again.is_noted(FIRST)


def test_elsewhere_what_was_met_last_is_no_pin(notes: KnownServers) -> None:
    Pins("chat.example", 7777, None, notes).note(shown(FIRST))
    far = Pins("chat.example", 7777, None, notes)
    assert (far.find(), far.former, far.is_noted(FIRST)) == (None, FIRST, False)


def test_all_places_of_a_certificate_are_found(
    known: KnownServers, notes: KnownServers
) -> None:
    known.pin("chat.example:1", FIRST)
    notes.pin("localhost:2", FIRST)
    pins = Pins("chat.example", 3, known, notes)
    assert pins.known_as(FIRST) == "chat.example:1"
    assert pins.known_as(SECOND) == ""
    places = {"chat.example:3", "chat.example:1", "127.0.0.1:2", "[::1]:2"}
    assert set(pins.places(FIRST)) == places | {"localhost:2"}
    assert pins.places() == ["chat.example:3"]


def test_notes_that_can_not_be_read_are_as_good_as_none(tmp_path: Path) -> None:
    notes = KnownServers(tmp_path)
    here = Pins("localhost", 7777, None, notes)
    here.note(shown(FIRST))
    assert (here.find(), here.are_any) == (None, False)
