import stat
from pathlib import Path

import pytest

from client.remembered import Remembered
from common.client_settings import ClientSettings
from common.settings import Resolved, Sources, resolve


def given(**flags: str) -> Resolved[ClientSettings]:
    return resolve(ClientSettings, Sources(flags, {}, {}))


@pytest.fixture
def remembered(tmp_path: Path) -> Remembered:
    return Remembered(tmp_path / "messenger" / "last.json")


def test_nothing_is_remembered_at_first(remembered: Remembered) -> None:
    assert remembered.is_new
    assert remembered.complete(given()) == given()
    assert remembered.conversation("store", "alice") == ""


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, ("here.example", 8888, "alice")),
        ({"name": "bob"}, ("here.example", 8888, "bob")),
        ({"address": "there.example"}, ("there.example", 7777, "carl")),
        ({"address": "far.example"}, ("far.example", 7777, "")),
        ({"port": "8888"}, ("localhost", 8888, "")),
        ({"address": "here.example:8888"}, ("here.example", 8888, "alice")),
    ],
)
def test_what_nobody_has_chosen_is_as_it_was_last(
    remembered: Remembered, flags: dict[str, str], expected: tuple[str, int, str]
) -> None:
    remembered.note_entry("there.example", 7777, "carl")
    remembered.note_entry("here.example", 8888, "alice")
    assert not remembered.is_new
    settings, sources = remembered.complete(given(**flags))
    assert (settings.address, settings.port, settings.name) == expected
    assert (sources["name"].kind == "remembered") is (
        bool(settings.name) and "name" not in flags
    )


def test_a_conversation_is_of_one_person_at_one_server(remembered: Remembered) -> None:
    remembered.note_conversation("store", "Alice", "#tea")
    remembered.note_conversation("other", "alice", "bob")
    assert remembered.conversation("store", "alice") == "#tea"
    assert remembered.conversation("store", "bob") == ""
    remembered.note_conversation("store", "alice", "")
    assert remembered.conversation("store", "alice") == ""
    assert remembered.conversation("other", "alice") == "bob"


def test_the_conversations_left_longest_ago_are_forgotten(
    remembered: Remembered,
) -> None:
    for number in range(110):
        remembered.note_conversation(f"store {number}", "alice", "#tea")
    assert remembered.conversation("store 9", "alice") == ""
    assert remembered.conversation("store 10", "alice") == "#tea"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"port": "x"}', b"\xff"])
def test_a_file_that_is_none_is_forgotten(
    remembered: Remembered, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "messenger" / "last.json"
    file.parent.mkdir()
    file.write_bytes(content)
    assert remembered.complete(given()) == given()
    remembered.note_entry("here.example", 8888, "alice")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remembered = Remembered(tmp_path / "file" / "last.json")
    remembered.note_entry("here.example", 8888, "alice")
    assert remembered.is_new
