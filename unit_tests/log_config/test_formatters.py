import json
import logging
import re
import sys

import pytest

from errors import NoSuchName
from log_config.formatters import JsonFormatter, TextFormatter

TEXT = "marked-text"
HOSTILE = "a\nb\r\x1b[2J\x07\x9b31m\u2028\u202ec"


def record(message: str = "hello", **more: object) -> logging.LogRecord:
    return logging.makeLogRecord(
        {
            "name": "server.hub",
            "levelname": "INFO",
            "levelno": logging.INFO,
            "process": 7,
            "msg": message,
            "created": 1_000_000_000.25,
            "msecs": 250.0,
            **more,
        }
    )


def fail(error: BaseException) -> None:
    raise error


def failed(error: BaseException) -> logging.LogRecord:
    try:
        fail(error)
    except BaseException:  # noqa: BLE001 - what is raised is the caller's choice
        return record("a fault", exc_info=sys.exc_info())
    raise AssertionError


def test_a_text_line_says_when_how_grave_which_process_who_and_what() -> None:
    line = TextFormatter().format(record("%s and %d", args=("one", 2)))
    assert re.fullmatch(
        r"2001-09-0\d \d\d:\d\d:40\.250 INFO \[7\] server\.hub: one and 2", line
    )


def test_a_json_line_says_the_same_under_names() -> None:
    fields = json.loads(JsonFormatter().format(record("%s and %d", args=("one", 2))))
    assert re.fullmatch(r"2001-09-0\dT\d\d:\d\d:40\.250", fields.pop("time"))
    assert fields == {
        "level": "INFO",
        "process": 7,
        "logger": "server.hub",
        "message": "one and 2",
    }


def test_a_json_line_of_a_call_has_the_parts_of_the_call() -> None:
    call = {"function": "server.hub.f", "caller": "a.b:1", "took_us": 1.5}
    fields = json.loads(JsonFormatter().format(record(call=call)))
    assert {name: fields[name] for name in call} == call
    assert "message" not in fields


def test_letters_of_all_scripts_stay_readable() -> None:
    for formatter in (TextFormatter(), JsonFormatter()):
        assert "привет 愛 😀" in formatter.format(record("привет 愛 😀"))


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_a_hostile_message_is_one_line_that_drives_no_terminal(
    formatter: logging.Formatter,
) -> None:
    line = formatter.format(record("said %s", args=(HOSTILE,)))
    assert line.isprintable()
    assert "[2J" in line


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
@pytest.mark.parametrize("error", [ValueError(TEXT), NoSuchName(TEXT), OSError(TEXT)])
def test_a_traceback_is_frames_on_one_line_without_the_errors_text(
    formatter: logging.Formatter, error: BaseException
) -> None:
    # A fresh one: an error that is raised again keeps its old frames.
    line = formatter.format(failed(type(error)(*error.args)))
    assert line.isprintable()
    assert TEXT not in line
    assert type(error).__name__ in line
    frames = re.findall(r"test_formatters\.py:\d+ (\w+)", line)
    assert frames == ["failed", "fail"]


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_an_errors_cause_and_notes_do_not_appear_either(
    formatter: logging.Formatter,
) -> None:
    error = ValueError("outer")
    error.__cause__ = ValueError(TEXT)
    error.add_note(TEXT)
    assert TEXT not in formatter.format(failed(error))


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_an_empty_exc_info_is_no_error(formatter: logging.Formatter) -> None:
    line = formatter.format(record(exc_info=(None, None, None)))
    assert "no error" in line


def test_a_json_line_with_a_traceback_parses() -> None:
    fields = json.loads(JsonFormatter().format(failed(KeyError(TEXT))))
    assert fields["message"] == "a fault"
    assert fields["trace"].endswith(" > KeyError")


def test_the_json_code_of_a_refusal_is_told() -> None:
    assert TextFormatter().format(failed(NoSuchName(TEXT))).endswith("NoSuchName(404)")
