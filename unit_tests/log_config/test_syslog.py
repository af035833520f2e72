"""The log of the system: a real socket where it has its own, or nobody there."""

import logging
import os
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from log_config import syslog
from log_config.formatters import BareFormatter
from log_config.syslog import SystemLogHandler
from unit_tests.helpers import PATIENCE

Make = Callable[..., SystemLogHandler]
Said = pytest.CaptureFixture[str]

HEAD = f"<30>messenger[{os.getpid()}]: "  # daemon (3 * 8), informational (6)


class Syslog:
    """Who listens where the system's log is; it may hold a few lines."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self._path = path

    def take(self) -> list[str]:
        """Return what has come by now, and is held."""
        lines = []
        while True:
            try:
                lines.append(self._socket.recv(100_000).decode())
            except BlockingIOError:
                return lines

    def wait_for(self, wanted: Callable[[str], bool]) -> list[str]:
        """Return what comes, up to the line that is wanted."""
        lines = [""]
        while not wanted(lines[-1]):
            assert select.select([self._socket], [], [], PATIENCE)[0]
            lines += self.take()
        return lines[1:]

    def end(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def make() -> Iterator[Make]:
    with ExitStack() as stack:

        def make(address: object, **options: str) -> SystemLogHandler:
            where = str(address) if isinstance(address, Path) else address
            handler = SystemLogHandler(where, **options)  # type: ignore[arg-type]
            handler.setFormatter(BareFormatter())
            stack.callback(handler.close)
            return handler

        yield make


@pytest.fixture
def there(path: Path) -> Iterator[Syslog]:
    there = Syslog(path)
    yield there
    there.end()


def tell(handler: logging.Handler, *texts: str, level: int = logging.INFO) -> None:
    for text in texts:
        fields = {"name": "server.x", "msg": text, "levelno": level}
        fields["levelname"] = logging.getLevelName(level)
        handler.handle(logging.makeLogRecord(fields))


def test_a_line_is_a_datagram_of_the_facility_daemon(
    make: Make, there: Syslog, path: Path
) -> None:
    handler = make(path)
    tell(handler, "first", "привет\n<0>two\x1b[2J")
    assert there.take() == []
    handler.flush()
    shown = "server.x: привет\\n<0>two\\x1b[2J"
    assert there.take() == [f"{HEAD}server.x: first", f"{HEAD}{shown}"]


@pytest.mark.parametrize(
    ("level", "priority"),
    [(logging.WARNING, 28), (logging.ERROR, 27), (logging.CRITICAL, 26)],
)
def test_what_is_worse_has_another_priority(
    make: Make, there: Syslog, path: Path, level: int, priority: int
) -> None:
    handler = make(path)
    tell(handler, "worse", level=level)
    handler.flush()
    (line,) = there.take()
    assert line.startswith(f"<{priority}>")


def test_another_facility_and_name_can_be_asked_for(
    make: Make, there: Syslog, path: Path
) -> None:
    handler = make(path, facility="local0", ident="chat")
    tell(handler, "x")
    handler.flush()
    assert there.take() == [f"<134>chat[{os.getpid()}]: server.x: x"]


def test_where_there_is_none_one_sentence_says_so_and_nothing_fails(
    make: Make, path: Path, capsys: Said
) -> None:
    handler = make(path)
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence == (
        f"the system's log at {path} can't be reached (No such file or directory); "
        "messages go on, its lines wait, and are dropped where they become too many"
    )
    for number in range(1000):
        tell(handler, f"{number}")
        handler.flush()
    assert capsys.readouterr() == ("", "")
    there = Syslog(path)
    handler.flush()
    lines = there.wait_for(lambda line: line.endswith(": 999"))
    assert lines == [f"{HEAD}server.x: {number}" for number in range(1000)]
    there.end()


def test_what_is_no_socket_is_one_sentence(
    make: Make, path: Path, capsys: Said
) -> None:
    path.write_text("a file")
    make(path)
    assert "can't be reached (Connection refused)" in capsys.readouterr().err
    assert path.read_text() == "a file"


def test_one_that_was_started_again_is_found_again(
    make: Make, path: Path, capsys: Said
) -> None:
    handler, lines = make(path), []
    capsys.readouterr()
    for number in range(3):
        there = Syslog(path)
        tell(handler, f"{number}")
        handler.flush()
        lines += there.take()
        there.end()
    assert lines == [f"{HEAD}server.x: {number}" for number in range(3)]
    assert capsys.readouterr().err == ""


def test_nobody_waits_for_one_that_is_busy_and_it_gets_every_line(
    make: Make, there: Syslog, path: Path, capsys: Said
) -> None:
    handler = make(path)
    tell(handler, *map(str, range(3000)))
    handler.flush()
    lines = there.wait_for(lambda line: line.endswith(": 2999"))
    assert lines == [f"{HEAD}server.x: {number}" for number in range(3000)]
    assert capsys.readouterr().err == ""


def test_what_is_too_much_is_counted_said_once_and_told_when_there_is_room(
    make: Make,
    there: Syslog,
    path: Path,
    capsys: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(syslog, "_MOST_WAITING_BYTES", 20_000)
    handler = make(path)
    numbers = [f"{number:04}" for number in range(5000)]
    tell(handler, *numbers)
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "takes no more lines" in sentence
    assert "messages go on" in sentence
    handler.flush()
    lines = there.wait_for(lambda line: "could not be sent" in line)
    told = lines.pop()
    assert told.startswith("<28>")
    assert told.endswith(f"({5000 - len(lines)} lines could not be sent here)")
    assert lines == [f"{HEAD}server.x: {number}" for number in numbers[: len(lines)]]
    tell(handler, "and on")
    handler.flush()
    assert there.take() == [f"{HEAD}server.x: and on"]
    assert capsys.readouterr().err == ""


def test_a_line_that_is_too_long_is_cut_within_no_letter(
    make: Make, there: Syslog, path: Path
) -> None:
    handler = make(path)
    tell(handler, "я" * 10_000, "a" + "я" * 10_000)
    handler.flush()
    for line in there.take():
        assert 8190 <= len(line.encode()) <= 8192
        assert line.endswith("яя…")


def test_at_the_end_what_waits_is_sent(make: Make, there: Syslog, path: Path) -> None:
    handler = make(path)
    tell(handler, "last")
    handler.close()
    assert there.take() == [f"{HEAD}server.x: last"]


def test_at_the_end_it_is_said_how_much_is_lost(
    make: Make,
    there: Syslog,
    path: Path,
    capsys: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A clock on which the last second is over at once.
    seconds = iter(range(100, 10_000, 50))
    clock = SimpleNamespace(monotonic=lambda: next(seconds))
    monkeypatch.setattr(syslog, "time", clock)
    handler = make(path)
    tell(handler, *map(str, range(2000)))
    handler.close()
    came = len(there.take())
    (sentence,) = capsys.readouterr().err.splitlines()
    assert f"{2000 - came} of its lines are lost" in sentence


def test_at_the_end_with_nobody_there_it_is_said_how_much_is_lost(
    make: Make, path: Path, capsys: Said
) -> None:
    handler = make(path)
    tell(handler, "one", "two")
    capsys.readouterr()
    handler.close()
    assert "2 of its lines are lost" in capsys.readouterr().err


def test_a_closed_one_goes_on_when_it_is_used_again(
    make: Make, there: Syslog, path: Path
) -> None:
    handler = make(path)
    handler.close()
    tell(handler, "again")
    handler.flush()
    assert there.take() == [f"{HEAD}server.x: again"]


def test_lines_can_go_over_udp(make: Make) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        there.settimeout(30)
        handler = make(there.getsockname())
        tell(handler, "over the network")
        handler.flush()
        assert there.recv(1000).decode() == f"{HEAD}server.x: over the network"


def test_over_udp_nobody_there_is_one_sentence(make: Make, capsys: Said) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        address = there.getsockname()
    handler = make(address)
    for number in range(50):
        tell(handler, f"{number}")
        handler.flush()
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "facility"),
    [
        ("/dev/log", "deamon"),
        (("127.0.0.1",), "daemon"),
        (("no host", 514), "daemon"),
        (514, "daemon"),
    ],
)
def test_a_wrong_choice_is_refused(make: Make, address: object, facility: str) -> None:
    with pytest.raises(ValueError, match=r"no facility|no host and port"):
        make(address, facility=facility)
