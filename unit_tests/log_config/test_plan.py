import inspect
import logging
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
import yaml

from errors import SettingsError
from log_config.plan import OPTIONS, read_plan
from unit_tests.helpers import ROOT

OURS = (ROOT / "log_config" / "server.yaml").read_text("utf-8")
FILE = """version: 1
formatters: {text: {(): log_config.formatters.TextFormatter}}
handlers:
  file:
    class: log_config.handlers.SharedFileHandler
    formatter: text
    filename: a.log
    OPTION
loggers:
  server:
    handlers: [file]
"""
OTHERS = FILE.replace("log_config.handlers.SharedFileHandler", "logging.FileHandler")
SYSLOG = FILE.replace(
    "log_config.handlers.SharedFileHandler", "log_config.syslog.SystemLogHandler"
).replace("filename: a.log\n    ", "")


def plan_of(folder: Path, text: str) -> dict[str, Any]:
    config = folder / "log.yaml"
    config.write_text(text, "utf-8")
    return read_plan(config)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        plan_of(folder, text)
    sentence = str(caught.value)
    start = f"the logging configuration {folder / 'log.yaml'} is wrong: "
    assert sentence.startswith(start)
    assert sentence.isprintable()
    return sentence.removeprefix(start)


SIZES = {
    "1e6": "a text: write the number in digits",
    "'1e6'": "it takes a whole number of bytes, in digits",
    "1.5e+6": "it takes a whole number of bytes, in digits",
    "10MB": "a text: write the number in digits",
    "10 MiB": "a text: write the number in digits",
    "1,000,000": "a text: write the number in digits",
    "0o3": "a text: write the number in digits",
    "1_000_000": "which YAML takes for 1000000: write that",
    "12:30": "which YAML takes for 750: write that",
    "0777777": "which YAML takes for 262143: write that",
    "0x100000": "which YAML takes for 1048576: write that",
    "OFF": "which YAML takes for false: write that",
    "no": "which YAML takes for false: write that",
    "true": "it takes a whole number of bytes, in digits",
    "-1": "it takes a whole number of bytes, in digits",
    ".inf": "it takes a whole number of bytes, in digits",
    "10": "it counts bytes, at least 1024; 10 MiB are 10485760",
    "": "it takes a whole number of bytes, in digits",
    "~": "is nothing: it takes a whole number of bytes, in digits",
    "[7]": "it takes a whole number of bytes, in digits",
    "2020-01-01": "which YAML takes for a date",
    "never": "is 'never': it takes a whole number of bytes, in digits",
}


@pytest.mark.parametrize(("value", "cure"), SIZES.items())
def test_a_size_that_is_none_is_named_with_its_cure(
    tmp_path: Path, value: str, cure: str
) -> None:
    said = complaint(tmp_path, FILE.replace("OPTION", f"max_bytes: {value}"))
    assert said.startswith("handlers.file.max_bytes is ")
    assert cure in said


@pytest.mark.parametrize("value", ["0", "1024", "10485760", "123456789012345"])
def test_a_size_in_digits_is_taken(tmp_path: Path, value: str) -> None:
    plan = plan_of(tmp_path, FILE.replace("OPTION", f"max_bytes: {value}"))
    assert plan["handlers"]["file"]["max_bytes"] == int(value)


LEVELS = ["OFF", "ON", "yes", "no", "off", "info", "'INFO '", "LOUD", "1e6", "0o3"]
LEVELS += ["1_000", "12:30", "true", "-1", "51", "2020-01-01", "", "~", "'10'", "1.5"]


@pytest.mark.parametrize("value", LEVELS)
@pytest.mark.parametrize("of", ["handlers.file", "loggers.server", "root"])
def test_what_is_no_level_is_named_wherever_it_stands(
    tmp_path: Path, value: str, of: str
) -> None:
    places = {
        "handlers.file": FILE.replace("OPTION", f"level: {value}"),
        "loggers.server": FILE.replace("OPTION", "") + f"    level: {value}\n",
        "root": FILE.replace("OPTION", "") + f"root: {{level: {value}}}\n",
    }
    said = complaint(tmp_path, places[of])
    assert said.startswith(f"{of}.level is ")
    assert "write one of DEBUG, INFO, WARNING, ERROR, CRITICAL" in said
    assert "(line " in said


@pytest.mark.parametrize("value", ["DEBUG", "'INFO'", "WARN", "NOTSET", "0", "25"])
def test_a_level_is_taken(tmp_path: Path, value: str) -> None:
    text = FILE.replace("OPTION", f"level: {value}")
    level = plan_of(tmp_path, text)["handlers"]["file"]["level"]
    logging.Handler().setLevel(level)


WRONG = {
    "backups: 0o3": "handlers.file.backups is 0o3 (line 8), which YAML takes for a tex",
    "backups: '3'": "handlers.file.backups is '3': it takes a whole number of files",
    "backups: 1000000000": "handlers.file.backups is 1000000000: it takes 1000 files",
    "backups: -1": "handlers.file.backups is -1: it takes a whole number of files",
    "at_midnight: 7": "handlers.file.at_midnight is 7: it takes true or false",
    "at_midnight: 'no'": "handlers.file.at_midnight is 'no': it takes true or false",
    "at_midnight: no": "handlers.file.at_midnight is no (line 8), which YAML takes for",
    "max_byte: 7": "handlers.file has 'max_byte', which is none of class, formatter,",
    "filename: b.log": "handlers.file.filename is there twice (line 8): take one out",
    "formatter: jsn": "handlers.file.formatter is there twice (line 8)",
}


@pytest.mark.parametrize(("option", "begin"), WRONG.items())
def test_an_option_that_is_wrong_is_named(
    tmp_path: Path, option: str, begin: str
) -> None:
    assert complaint(tmp_path, FILE.replace("OPTION", option)).startswith(begin)


SHAPES = {
    "": "it must be a mapping",
    "version: 2": "version is missing or another one: write version: 1",
    "version: yes": "version is yes (line 1), which YAML takes for true",
    "loggers: {}": "version is missing",
    "version: 1\nlogger: {}": "it has 'logger', which is none of version,",
    "version: 1\nhandlers: [file]": "handlers is ['file']: it takes names with a value",
    "version: 1\nloggers: {server: 7}": "loggers.server is 7: it takes names with",
    "version: 1\nloggers: {7: {}}": "a name in loggers is 7: it takes a text",
    "version: 1\nroot: [file]": "root is ['file']: it takes names with a value each",
    "version: 1\nincremental: true": "incremental can't be true",
    "version: 1\ndisable_existing_loggers: 7": "disable_existing_loggers is 7: it take",
    "version: 1\nloggers: {server: {handler: [file]}}": "loggers.server has 'handler'",
    "version: 1\nloggers: {server: {handlers: file}}": "loggers.server.handlers is 'fi",
    "version: 1\nloggers: {server: {handlers: [a]}}": "loggers.server.handlers names '",
    "version: 1\nloggers: {server: {filters: [a]}}": "loggers.server.filters names 'a'",
    "version: 1\nloggers: {server: {propagate: 0}}": "loggers.server.propagate is 0: i",
    "version: 1\nroot: {propagate: '\x1b[2J'}": "it is not YAML",
    FILE.replace("formatter: text", "").replace(
        "OPTION", ""
    ): "handlers.file has no formatter: write one of text",
    FILE.replace("formatter: text", "formatter: jsn").replace(
        "OPTION", ""
    ): "handlers.file.formatter is 'jsn', which is none of text",
    FILE.replace("class: ", "clas: ").replace(
        "OPTION", ""
    ): "handlers.file has no class: write class: log_config.handlers.SharedFileHandler",
    OTHERS.replace("OPTION", "maxBytes: 1e6"): "handlers.file.maxBytes is 1e6 (line 8)",
    OTHERS.replace("OPTION", "delay: no"): "handlers.file.delay is no (line 8), which",
    SYSLOG.replace("OPTION", "address: [127.0.0.1]"): "handlers.file.address is ['127.",
    SYSLOG.replace("OPTION", "address: [a, true]"): "handlers.file.address is ['a', Tr",
    SYSLOG.replace("OPTION", "address: [a, 0]"): "handlers.file.address is ['a', 0]: i",
    SYSLOG.replace("OPTION", "facility: 3"): "handlers.file.facility is 3: it takes a ",
}


@pytest.mark.parametrize(("text", "begin"), SHAPES.items())
def test_a_file_of_the_wrong_shape_is_said_by_name(
    tmp_path: Path, text: str, begin: str
) -> None:
    assert complaint(tmp_path, text).startswith(begin)


def test_nothing_that_is_in_quotes_is_taken_for_a_slip(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, OTHERS.replace("OPTION", "encoding: '1e6'"))
    assert plan["handlers"]["file"]["encoding"] == "1e6"


def test_what_the_file_does_not_name_is_not_silenced_by_default(
    tmp_path: Path,
) -> None:
    plan = plan_of(tmp_path, "version: 1\nhandlers:\nloggers:\n")
    assert plan["disable_existing_loggers"] is False
    assert plan["handlers"] == {}


@pytest.mark.parametrize("name", OPTIONS)
def test_the_options_are_those_that_our_handlers_take(name: str) -> None:
    parameters = inspect.signature(resolve_name(name)).parameters
    assert list(OPTIONS[name]) == list(parameters)


@pytest.mark.parametrize("side", ["server", "client"])
def test_our_own_files_are_right_whatever_their_lists_name(
    tmp_path: Path, side: str
) -> None:
    text = (ROOT / "log_config" / f"{side}.yaml").read_text("utf-8")
    names = list(yaml.safe_load(text)["handlers"])
    everybody = f"root: {{handlers: [{', '.join(names)}]}}\n"
    assert list(plan_of(tmp_path, text + everybody)["handlers"]) == names
