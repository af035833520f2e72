import errno
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from logging.handlers import MemoryHandler
from pathlib import Path

import pytest
import yaml

from common.names import Name
from decorators import log
from errors import ExitCode, SettingsError
from log_config import loader
from log_config.handlers import SharedFileHandler

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "log_config"

pytestmark = pytest.mark.usefixtures("own_logging")


def greet(name: Name) -> int:
    return len(name)


def written(folder: Path, side: str = "client") -> list[str]:
    loader.flush(side)
    return (folder / f"{side}.log").read_text("utf-8").splitlines()


def edited(tmp_path: Path, old: str, new: str, side: str = "client") -> Path:
    """Return a copy of our YAML file with `old` replaced by `new`."""
    config = tmp_path / f"edited-{side}.yaml"
    text = (OURS / f"{side}.yaml").read_text("utf-8")
    assert text.count(old) == 1
    config.write_text(text.replace(old, new), "utf-8")
    return config


def complaint(folder: Path, config: Path | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        loader.configure("client", folder, config)
    sentence = str(caught.value)
    assert sentence.isprintable(), sentence
    return sentence


@pytest.mark.parametrize("side", ["server", "client"])
def test_our_own_file_writes_calls_and_infos_of_its_side(
    tmp_path: Path, side: str
) -> None:
    loader.configure(side, tmp_path / "new" / "logs")
    logging.getLogger(f"{side}.x").info("started")
    logging.getLogger(f"{side}.x").debug("too much")
    (line,) = written(tmp_path / "new" / "logs", side)
    assert line.endswith(f"] {side}.x: started")
    assert logging.getLogger(f"{side}.calls").isEnabledFor(logging.DEBUG)
    names = {
        "server": ["receipts.log", "server-admin.log", "server.log"],
        "client": ["client.log"],
    }
    assert sorted(os.listdir(tmp_path / "new" / "logs")) == names[side]


@pytest.mark.parametrize("side", ["server", "client"])
def test_our_own_file_rotates_by_size_and_at_midnight(
    tmp_path: Path, side: str
) -> None:
    plan = yaml.safe_load((OURS / f"{side}.yaml").read_text("utf-8"))
    files = [one for one in plan["handlers"].values() if "filename" in one]
    assert len(files) == (4 if side == "server" else 1)
    for handler in files:
        is_admins = handler["filename"] == "server-admin.log"
        assert handler["at_midnight"] is True
        assert handler["max_bytes"] == (20 if is_admins else 10) * 1024 * 1024
        assert handler["backups"] == (
            30 if is_admins or handler["filename"] == "receipts.log" else 5
        )


def test_nothing_reaches_the_file_before_flush(tmp_path: Path) -> None:
    loader.configure("client", tmp_path)
    log(greet)(Name("bob"))
    logging.getLogger("client.x").info("started")
    assert (tmp_path / "client.log").read_bytes() == b""
    lines = written(tmp_path)
    assert len(lines) == 2
    assert sum("greet(name='bob')" in line for line in lines) == 1


def test_both_sides_in_one_process_keep_to_their_files(tmp_path: Path) -> None:
    for side in ("server", "client"):
        loader.configure(side, tmp_path)
        logging.getLogger(f"{side}.x").info("I am the %s", side)
    for side in ("server", "client"):
        (line,) = written(tmp_path, side)
        assert line.endswith(f"I am the {side}")


def test_the_log_does_not_reach_the_root_logger(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    loader.configure("client", tmp_path)
    logging.getLogger("client.x").warning("for the file only")
    assert caplog.records == []


def test_texts_appear_only_when_they_are_switched_on(tmp_path: Path) -> None:
    @log
    def say(text: str) -> None:
        pass

    loader.configure("client", tmp_path)
    say("marked-text")
    assert "<str 11>" in written(tmp_path)[-1]
    loader.configure("client", tmp_path, texts=True)
    say("marked-text")
    assert "'marked-text'" in written(tmp_path)[-1]
    loader.configure("client", tmp_path)
    say("marked-text")
    assert "<str 11>" in written(tmp_path)[-1]


def test_an_edited_file_is_followed(tmp_path: Path) -> None:
    logged = log(greet)
    config = edited(tmp_path, "level: INFO", "level: INFO")
    loader.configure("client", tmp_path, config)
    logged(Name("first"))
    assert len(written(tmp_path)) == 1
    config.write_text(config.read_text("utf-8").replace("level: DEBUG", "level: INFO"))
    loader.configure("client", tmp_path, config)
    logged(Name("second"))
    assert len(written(tmp_path)) == 1
    loader.configure("client", tmp_path)
    logged(Name("third"))
    lines = written(tmp_path)
    assert len(lines) == 2
    assert "'third'" in lines[1]


def test_calls_made_before_calls_were_switched_off_are_written(tmp_path: Path) -> None:
    loader.configure("client", tmp_path)
    log(greet)(Name("first"))
    off = edited(tmp_path, "level: DEBUG", "level: INFO")
    loader.configure("client", tmp_path, off)
    (line,) = written(tmp_path)
    assert "'first'" in line


def test_sums_of_a_second_that_calls_were_switched_off_in_are_written(
    tmp_path: Path,
) -> None:
    loader.configure("client", tmp_path)
    logged = log(greet)
    for _ in range(5000):
        logged(Name("bob"))
    off = edited(tmp_path, "level: DEBUG", "level: INFO")
    loader.configure("client", tmp_path, off)
    lines = written(tmp_path)
    summed = [int(n) for n in re.findall(r"called (\d+) times", "\n".join(lines))]
    assert len(lines) < 5000
    assert len(lines) - len(summed) + sum(summed) == 5000


def test_json_lines_can_be_asked_for(tmp_path: Path) -> None:
    config = edited(tmp_path, "formatter: text", "formatter: json")
    loader.configure("client", tmp_path, config)
    log(greet)(Name("bob"))
    (line,) = written(tmp_path)
    assert yaml.safe_load(line)["arguments"] == "name='bob'"


def test_configured_again_no_line_is_written_twice(tmp_path: Path) -> None:
    for _ in range(3):
        loader.configure("client", tmp_path)
    logging.getLogger("client.x").info("once")
    assert len(written(tmp_path)) == 1


def test_a_handler_that_nobody_names_opens_nothing(tmp_path: Path) -> None:
    config = edited(tmp_path, "handlers: [file]", "handlers: []")
    loader.configure("client", tmp_path / "logs", config)
    assert os.listdir(tmp_path / "logs") == []


def test_what_another_handler_writes_to_is_in_use(tmp_path: Path) -> None:
    config = edited(tmp_path, "handlers: [file]", "handlers: [memory]")
    text = config.read_text("utf-8").replace(
        "\nhandlers:\n",
        "\nhandlers:\n  memory: {class: logging.handlers.MemoryHandler, capacity: 9, "
        "target: file}\n",
    )
    config.write_text(text, "utf-8")
    loader.configure("client", tmp_path, config)
    (handler,) = logging.getLogger("client").handlers
    assert isinstance(handler, MemoryHandler)
    assert isinstance(handler.target, SharedFileHandler)
    handler.target.close()


def test_the_handlers_of_each_logger_of_a_side_are_flushed(tmp_path: Path) -> None:
    config = edited(tmp_path, "client.calls:", "client.x: {handlers: [file]}\n  calls:")
    loader.configure("client", tmp_path, config)
    logging.getLogger("client.x").propagate = False
    logging.getLogger("client.x").info("of its own")
    assert written(tmp_path)[-1].endswith("client.x: of its own")


def test_another_name_of_the_log_file_lands_in_the_folder(tmp_path: Path) -> None:
    config = edited(tmp_path, "filename: client.log", "filename: mine.txt")
    loader.configure("client", tmp_path / "logs", config)
    assert os.listdir(tmp_path / "logs") == ["mine.txt"]


USED = "version: 1\nloggers: {client: {handlers: [file]}}\nhandlers:"
WRONG_FILES = {
    "not YAML": "handlers: [",
    "a tab": "version: 1\n\tloggers: {}",
    "a list": "- version: 1",
    "a text": "version",
    "empty": "",
    "a date that is none": "version: 2020-13-45",
    "nested without end": "[" * 1000,
    "no version": "loggers: {}",
    "another version": "version: 2",
    "a version of the wrong type": "version: [1]",
    "handlers of the wrong type": "version: 1\nhandlers: [file]",
    "handlers of no type": "version: 1\nhandlers: 7",
    "a handler of the wrong type": "version: 1\nhandlers: {file: 7}",
    "a handler without class": f"{USED} {{file: {{filename: a.log}}}}",
    "an unknown class": f"{USED} {{file: {{class: no.such.Handler}}}}",
    "an unknown option": (
        f"{USED}\n  file:\n    class: log_config.handlers"
        ".SharedFileHandler\n    filename: a.log\n    max_byte: 7"
    ),
    "an unknown formatter": (
        f"{USED}\n  file:\n    class: log_config.handlers"
        ".SharedFileHandler\n    filename: a.log\n    formatter: jsn"
    ),
    "a formatter of the wrong type": "version: 1\nformatters: {text: 7}",
    "an unknown formatter class": (
        "version: 1\nformatters:\n  text:\n    (): log_config.formatters.NoFormatter"
    ),
    "an unknown level": "version: 1\nloggers: {client: {level: LOUD}}",
    "an unknown handler": "version: 1\nloggers: {client: {handlers: [nothing]}}",
    "an unknown handler beside one": f"{USED} {{chat: {{class: logging.NullHandler}}}}",
    "a list of handlers of the wrong type": (
        "version: 1\nloggers: {client: {handlers: [[file], 7]}}\nhandlers: {file: {}}"
    ),
    "handlers that are no list": (
        "version: 1\nloggers: {client: {handlers: file}}\nhandlers: {file: {}}"
    ),
    "an unknown facility": (
        f"{USED}\n  file:\n    class: log_config.syslog.SystemLogHandler\n"
        "    facility: deamon"
    ),
    "an address that is none": (
        f"{USED}\n  file:\n    class: log_config.syslog.SystemLogHandler\n"
        "    address: [127.0.0.1]"
    ),
    "loggers of the wrong type": "version: 1\nloggers: 7",
    "a logger of the wrong type": "version: 1\nloggers: {client: 7}",
}


@pytest.mark.parametrize("text", WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_is_one_sentence_that_names_it(tmp_path: Path, text: str) -> None:
    config = tmp_path / "wrong.yaml"
    config.write_text(text, "utf-8")
    sentence = complaint(tmp_path, config)
    assert f"the logging configuration {config}" in sentence
    reason = sentence.rpartition(": ")[2]
    assert f"{reason}: {reason}" not in sentence


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "wrong.yaml"
    config.write_bytes(b"version: \xff\xfe\0")
    assert f"the logging configuration {config}" in complaint(tmp_path, config)


def test_what_is_not_yaml_names_the_line(tmp_path: Path) -> None:
    config = tmp_path / "wrong.yaml"
    config.write_text("version: 1\n\n]", "utf-8")
    assert "not YAML in line 3" in complaint(tmp_path, config)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    sentence = complaint(tmp_path, tmp_path / "nowhere.yaml")
    assert "nowhere.yaml can't be read: No such file or directory" in sentence


@pytest.mark.parametrize("below", ["", "logs", "a/b/c"])
def test_a_file_in_the_place_of_the_folder_is_one_sentence(
    tmp_path: Path, below: str
) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    sentence = complaint(taken / below)
    assert sentence.startswith(f"the log folder {taken / below} can't be written (")
    assert "--log-dir" in sentence
    assert ("it is not a folder" in sentence) is (not below)


@pytest.mark.parametrize(
    ("make", "reason"),
    [(os.mkdir, "Is a directory"), (os.mkfifo, "No such device or address")],
)
def test_what_can_be_no_log_in_its_place_is_one_sentence(
    tmp_path: Path, make: Callable[[Path], None], reason: str
) -> None:
    make(tmp_path / "client.log")
    assert complaint(tmp_path) == (
        f"the log file {tmp_path / 'client.log'} can't be written ({reason}); move "
        "away what is there, or name another folder with --log-dir"
    )


def test_a_forbidden_folder_exits_as_not_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permissions do not hold the superuser back, who may be running this.
    def forbidden(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(SettingsError) as caught:
        loader.configure("client", tmp_path)
    assert caught.value.exit_code == ExitCode.NOT_ALLOWED
    assert "Permission denied" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        "version: [",
        f"{USED} {{file: {{class: no.such.Handler}}}}",
        f"{USED} {{another: {{class: logging.NullHandler}}}}",
    ],
)
def test_after_a_wrong_change_the_log_goes_on_as_before(
    tmp_path: Path, wrong: str
) -> None:
    loader.configure("client", tmp_path)
    logged = log(greet)
    logged(Name("first"))
    config = tmp_path / "wrong.yaml"
    config.write_text(wrong, "utf-8")
    complaint(tmp_path, config)
    # What the files of others are numbered now must not matter.
    with open(tmp_path / "other", "wb") as other:
        logged(Name("second"))
        first, second = written(tmp_path)
        assert os.fstat(other.fileno()).st_size == 0
    assert "'first'" in first
    assert "'second'" in second


ROOT_ONLY = """version: 1
formatters: {text: {(): log_config.formatters.TextFormatter}}
handlers:
  file:
    class: log_config.handlers.SharedFileHandler
    filename: client.log
    formatter: text
root: {level: INFO, handlers: [file]}
"""


def test_a_file_that_names_the_root_only_is_heard_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "root.yaml"
    config.write_text(ROOT_ONLY, "utf-8")
    loader.configure("client", tmp_path)
    logging.getLogger("client.x").info("first")
    assert len(written(tmp_path)) == 1
    try:
        loader.configure("client", tmp_path, config)
        logging.getLogger("client.x").info("second")
        (_, line) = written(tmp_path)
    finally:
        logging.getLogger().handlers.pop().close()
    assert line.endswith("client.x: second")
    assert capsys.readouterr().err == ""


DEAF = {
    "no list": "version: 1",
    "an empty list": "version: 1\nloggers: {client: {handlers: []}}",
    "one of another name": (
        "version: 1\nhandlers: {it: {class: logging.NullHandler}}\n"
        "loggers: {clients: {handlers: [it]}}"
    ),
    "one that nobody passes lines to": (
        "version: 1\nloggers: {client: {propagate: false}}"
    ),
}


@pytest.mark.parametrize("text", DEAF.values(), ids=DEAF)
def test_a_file_after_which_nobody_hears_us_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    config = tmp_path / "deaf.yaml"
    config.write_text(text, "utf-8")
    root = logging.getLogger()
    others, root.handlers[:] = root.handlers[:], [logging.NullHandler()]
    try:
        loader.configure("client", tmp_path, config)
    finally:
        root.handlers[:] = others
    said = capsys.readouterr().err
    assert said.startswith("nobody hears what the client logs: no list of handlers of")
    assert str(config) in said
    assert said.count("\n") == 1


def test_silence_that_is_meant_is_not_remarked_upon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "silent.yaml"
    text = "handlers: {none: {class: logging.NullHandler}}"
    text = f"version: 1\n{text}\nloggers: {{client: {{handlers: [none]}}}}"
    config.write_text(text, "utf-8")
    loader.configure("client", tmp_path, config)
    assert capsys.readouterr().err == ""


def test_what_the_file_names_no_more_is_forgotten(tmp_path: Path) -> None:
    config = edited(tmp_path, "client.calls:", "client.x: {handlers: [file]}\n  calls:")
    loader.configure("client", tmp_path, config)
    assert logging.getLogger("client.x").handlers
    loader.configure("client", tmp_path)
    assert not logging.getLogger("client.x").handlers


def test_the_folder_of_a_checkout_is_its_logs() -> None:
    assert loader.default_folder() == ROOT / "logs"


def test_installed_the_folder_is_below_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "_HERE", tmp_path / "site" / "log_config")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert loader.default_folder() == tmp_path / "state" / "messenger" / "logs"


def test_flush_without_a_log_is_no_error() -> None:
    loader.flush("client")


def test_our_handler_is_the_one_in_the_files(tmp_path: Path) -> None:
    loader.configure("client", tmp_path)
    (handler,) = logging.getLogger("client").handlers
    assert isinstance(handler, SharedFileHandler)


AT_THE_END = """
import sys
from pathlib import Path
from decorators import log
from log_config.loader import configure

@log
def busy() -> None:
    pass

configure("client", Path(sys.argv[1]))
for _ in range(5000):
    busy()
"""


def test_a_program_that_ends_writes_what_waits_and_the_sums(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", AT_THE_END, tmp_path],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        timeout=50,
    )
    lines = (tmp_path / "client.log").read_text("utf-8").splitlines()
    assert len(lines) <= 2000
    summed = [line for line in lines if "times in 1 s" in line]
    times = [int(line.partition(" called ")[2].partition(" ")[0]) for line in summed]
    assert sum(times) + len(lines) - len(summed) == 5000
