import json
import re

from client.rows import KeptMessage
from client.scripts.lines import json_line, text_line

SMUGGLED = "a\nb\r\x1b[2J\u202e\x9b«é»😀"


def message(text: str, sender: str = "bob") -> KeptMessage:
    return KeptMessage(7, 1_600_000_000.0, sender, "#all", text)


def test_a_line_has_its_moment_and_its_sender() -> None:
    assert re.fullmatch(
        r"\[1[34]\.09\.2020 \d\d:\d\d\] bob: hi", text_line(message("hi"))
    )


def test_a_text_stays_one_line_that_drives_no_terminal() -> None:
    line = text_line(message(SMUGGLED))
    assert line.endswith(r"bob: a\nb\r\x1b[2J\u202e\x9b«é»😀")


def test_what_nobody_said_has_no_name() -> None:
    assert text_line(message("the server rests", "")).endswith("] the server rests")


def test_a_moment_that_no_calendar_holds_is_no_error() -> None:
    row = KeptMessage(7, 1e300, "bob", "#all", "hi")
    assert text_line(row) == "[??.??.???? ??:??] bob: hi"


def test_json_is_one_line_that_drives_no_terminal_and_loses_nothing() -> None:
    line = json_line(message(SMUGGLED))
    assert line.isprintable()
    assert "«é»😀" in line
    assert json.loads(line) == {
        "message_id": 7,
        "time": 1_600_000_000.0,
        "from": "bob",
        "to": "#all",
        "message": SMUGGLED,
    }
