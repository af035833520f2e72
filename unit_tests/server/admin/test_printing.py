"""Tables for people, JSON for programs."""

import time
from collections.abc import Iterator

import pytest

from server.admin.printing import Column, Printer, moment, size

COLUMNS = (Column("name", "who"), Column("seen", "last seen"), Column("away", "away"))


@pytest.fixture
def moscow() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "MSK-3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("moscow")
def test_a_table_is_aligned_and_its_times_are_local(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Printer().table(
        [
            {"name": "漢字", "seen": 1_700_000_000.0, "away": True},
            {"name": "alice", "seen": None, "away": False},
        ],
        COLUMNS,
    )
    assert capsys.readouterr().out.splitlines() == [
        "who    last seen         away",
        "漢字   2023-11-15 01:13  yes",
        "alice",
    ]


def test_an_empty_list_is_nothing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    Printer().table([], COLUMNS)
    assert capsys.readouterr() == ("", "none\n")
    Printer(as_json=True).table([], COLUMNS)
    assert capsys.readouterr() == ("", "")


def test_json_is_a_line_per_row(capsys: pytest.CaptureFixture[str]) -> None:
    Printer(as_json=True).table([{"name": "a\nb"}, {"name": "c"}], COLUMNS)
    assert capsys.readouterr().out == '{"name":"a\\nb"}\n{"name":"c"}\n'


def test_fields_that_say_nothing_are_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Printer().fields({"name": "x", "topic": "", "rooms": [], "free_bytes": 12_345_678})
    assert capsys.readouterr().out == "name              x\nfree on its disk  12.3 MB\n"


def test_lists_of_things_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    devices = [{"device_id": 4, "online": True}, {"device_id": 5, "online": False}]
    Printer().fields({"devices": devices})
    assert capsys.readouterr().out == "devices  device id 4; online yes, device id 5\n"


def test_nothing_drives_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    printer.line("\x1b[2J")
    printer.say("\u202e")
    printer.table([{"name": "a\nb"}], COLUMNS[:1])
    printer.fields({"topic": "\x07"})
    found = capsys.readouterr()
    assert found.out == "\\x1b[2J\nwho\na\\nb\ntopic  \\x07\n"
    assert found.err == "\\u202e\n"
    Printer(as_json=True).fields({"topic": "\x9b2J\u202e"})
    assert capsys.readouterr().out == '{"topic":"\\u009b2J\\u202e"}\n'


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1e6, "1 MB"), (8.23e10, "82.3 GB")],
)
def test_sizes_are_short(amount: float, text: str) -> None:
    assert size(amount) == text


def test_a_moment_that_no_calendar_holds_is_shown_as_such() -> None:
    assert moment(1e300) == "????-??-?? ??:??"
