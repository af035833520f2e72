"""A line for each accepted message: where it is asked for, and for nobody else."""

import ast
import logging
import os
import re
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from common.names import Name
from server.events import Delivery, Said
from server.journal import Journal
from server.people import Device
from unit_tests.helpers import PATIENCE, ROOT, Server, run_server
from unit_tests.server.people_of_a_hub import World

TEXT = "MARKED-text-77aa"
NASTY = f"{TEXT}\n2026-01-31 message 9 from eve to bob\r\x1b[2J\u202e\u2028\x85 я 🦊"
SHOWN = (
    f"{TEXT}\\n2026-01-31 message 9 from eve to bob\\r\\x1b[2J\\u202e\\u2028\\x85 я 🦊"
)
CHAT = logging.getLogger("server.chat")
Plan = Callable[..., Path]


class Lines(logging.Handler):
    """Keeps what is said; formatted when it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def take(self) -> list[str]:
        records, self.records = self.records, []
        return [record.getMessage() for record in records]


@pytest.fixture
def heard(own_logging: None) -> Lines:
    """Listen to the accepted messages."""
    lines = Lines()
    CHAT.addHandler(lines)
    CHAT.setLevel(logging.INFO)
    CHAT.propagate = False
    return lines


def delivery(*texts: str, first_id: int = 1) -> Delivery:
    return Delivery(Name("alice"), Name("bob"), list(texts), first_id)


# ----------------------------------------------------------------- the journal


def test_each_message_of_a_turn_has_its_line(heard: Lines) -> None:
    Journal().note_messages([delivery("one", "three"), delivery("я", first_id=3)])
    assert heard.take() == [
        "message 1 from alice to bob, 3 characters",
        "message 2 from alice to bob, 5 characters",
        "message 3 from alice to bob, 1 characters",
    ]


def test_more_than_a_second_has_room_for_have_their_lines_as_well(heard: Lines) -> None:
    journal = Journal()
    for number in range(1, 1001):
        journal.note_messages([delivery("x", first_id=number)])
    told = [int(line.split()[1]) for line in heard.take()]
    assert told == [*range(1, 1001)]


def test_a_text_is_in_it_only_where_texts_are_logged_and_is_one_line(
    heard: Lines,
) -> None:
    Journal().note_messages([delivery(NASTY)])
    assert heard.take() == [f"message 1 from alice to bob, {len(NASTY)} characters"]
    Journal(texts=True).note_messages([delivery(NASTY)])
    assert heard.take() == [f"message 1 from alice to bob: {SHOWN}"]


@pytest.mark.parametrize("level", [logging.WARNING, logging.INFO])
def test_while_nobody_listens_no_record_is_made(
    heard: Lines, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if level == logging.INFO:
        monkeypatch.setattr(CHAT, "handlers", [])  # pytest has its own there
    CHAT.setLevel(level)
    monkeypatch.setattr(CHAT, "handle", lambda record: pytest.fail("a record"))
    Journal().note_messages([delivery("x")])
    assert heard.records == []


def test_only_what_was_accepted_is_told(heard: Lines) -> None:
    world = World()
    alice, _ = world.guest("alice"), world.guest("bob")
    alice.says(Said("nobody", ["lost"]))
    alice.says(Said("bob", ["hello", "again"]))
    first, second = heard.take()
    assert re.fullmatch(r"message \d+ from alice to bob, 5 characters", first)
    assert re.fullmatch(r"message \d+ from alice to bob, 5 characters", second)


def test_a_minute_of_messages_is_one_line_of_an_administrator(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "server.hub")
    journal = Journal()

    def told() -> list[str]:
        found = [r.getMessage() for r in caplog.records if r.name == "server.hub"]
        caplog.clear()
        return found

    for second in range(180):
        if second < 70:
            journal.note_messages([delivery("one", "three", first_id=2 * second + 1)])
        journal.end_second()
    assert told() == [
        "messages within a minute: 120, 480 characters",
        "messages within a minute: 20, 80 characters",
    ]
    journal.note_messages([delivery("last")])
    journal.end_minute()
    journal.end_minute()
    assert told() == ["messages within a minute: 1, 4 characters"]


def test_the_kinds_of_lines_that_others_cause_fit_into_a_day_of_their_file() -> None:
    tree = ast.parse((ROOT / "server" / "journal.py").read_text("utf-8"))
    formats = [
        text.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "_logger.info"
        for text in ast.walk(call.args[0])
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]
    text = (ROOT / "log_config" / "server.yaml").read_text("utf-8")
    admin = yaml.safe_load(text)["handlers"]["admin"]
    assert len(formats) == len(set(formats)) >= 13
    assert len(formats) * 24 * admin["hourly_bytes"] <= admin["max_bytes"]


def test_a_second_of_receipts_is_one_line_without_names(own_logging: None) -> None:
    lines, logger = Lines(), logging.getLogger("server.receipts")
    before, level = logger.handlers[:], logger.level
    devices = [
        Device(7, received=4721),
        Device(0, received=9),
        Device(3, received=4720),
    ]
    try:
        logger.handlers[:] = []
        Journal().note_receipts(1.5, devices, {(12, 3): 4721})
        logger.handlers[:] = [lines]
        logger.setLevel(logging.INFO)
        Journal().note_receipts(1.5, devices, {(12, 3): 4721})
        Journal().note_receipts(2.5, (), {(12, 3): 4722})
    finally:
        logger.handlers[:] = before
        logger.setLevel(level)
    assert lines.take() == [
        "at 1.500 got 7:4721 3:4720 read 12/3:4721",
        "at 2.500 got  read 12/3:4722",
    ]


# ------------------------------------------------------------ the running server


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Return what writes our YAML with other lists of handlers."""

    def plan(
        chat: str = "[]", server: str = "[admin, file]", address: str = ""
    ) -> Path:
        text = (ROOT / "log_config" / "server.yaml").read_text("utf-8")
        for old, new in (
            ("handlers: [] #", f"handlers: {chat} #"),
            ("handlers: [admin, file] #", f"handlers: {server} #"),
            ("address: /dev/log #", f"address: {address or '/dev/log'} #"),
        ):
            assert text.count(old) == 1
            text = text.replace(old, new)
        config = tmp_path / "logging.yaml"
        config.write_text(text, "utf-8")
        return config

    return plan


@contextmanager
def running(config: Path, *flags: str) -> Iterator[Server]:
    flags = ("--log-config", str(config), "--message-rate", "0", *flags)
    with run_server(*flags) as server:
        yield server


def say(server: Server, *texts: str) -> None:
    """Let alice say it to everybody, until each is acknowledged."""
    with server.signed_in("alice") as alice:
        for number, text in enumerate(texts, 1):
            alice.say("#all", text, id=number)
        for _ in texts:
            assert alice.receive()["response"] == 200


def chat_log(server: Server) -> list[str]:
    return (server.log_file.parent / "chat.log").read_text("utf-8").splitlines()


@pytest.fixture
def syslog(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen where the system's log is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.bind(str(tmp_path / "dev-log"))
        there.settimeout(PATIENCE)
        yield there


def test_chat_log_has_a_line_for_each_accepted_message_and_no_text(plan: Plan) -> None:
    with running(plan("[chat]")) as server:
        say(server, *(f"{TEXT} {number:04}" for number in range(1000)))
        assert server.stop() == 0
        lines = chat_log(server)
        mode = (server.log_file.parent / "chat.log").stat().st_mode
        log = server.log_file.read_text("utf-8")
    line = re.compile(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO \[\d+\] server\.chat: "
        r"message (\d+) from alice to #all, 21 characters"
    )
    found = [line.fullmatch(one) for one in lines]
    assert [int(one[1]) for one in found if one] == [*range(1, 1001)]
    assert stat.S_IMODE(mode) == 0o600
    assert TEXT not in log
    assert "server.chat" not in log


def test_with_log_texts_the_text_is_in_chat_log_as_one_line(plan: Plan) -> None:
    with running(plan("[chat]"), "--log-texts") as server:
        say(server, NASTY)
        assert server.stop() == 0
        (line,) = chat_log(server)
    assert line.endswith(f"server.chat: message 1 from alice to #all: {SHOWN}")


def test_unasked_there_is_no_chat_log(plan: Plan) -> None:
    with running(plan()) as server:
        say(server, "hello")
        names = sorted(os.listdir(server.log_file.parent))
        assert names == ["receipts.log", "server-admin.log", "server.log"]


def test_the_systems_log_gets_a_line_for_each_accepted_message(
    plan: Plan, tmp_path: Path, syslog: socket.socket
) -> None:
    config = plan("[chat, syslog]", address=str(tmp_path / "dev-log"))
    with running(config) as server:
        say(server, *("x" * number for number in range(1, 301)))
        pid = server.process.pid
        for number in range(1, 301):
            assert syslog.recv(10_000).decode() == (
                f"<30>messenger[{pid}]: server.chat: "
                f"message {number} from alice to #all, {number} characters"
            )
        assert server.stop() == 0
        assert len(chat_log(server)) == 300


def test_what_the_server_tells_can_go_to_the_systems_log_but_not_its_calls(
    plan: Plan, tmp_path: Path, syslog: socket.socket
) -> None:
    config = plan(server="[admin, file, syslog]", address=str(tmp_path / "dev-log"))
    told: list[str] = []
    with running(config) as server:
        say(server, TEXT)
        assert server.stop() == 0
    while not told or not told[-1].endswith("server: stopped"):
        told.append(syslog.recv(10_000).decode())
    assert all(re.match(r"<(30|28)>messenger\[\d+\]: server", line) for line in told)
    assert any("server.hub: messages within a minute: 1, 16" in line for line in told)
    assert not any("server.calls" in line or TEXT in line for line in told)


def test_without_a_log_of_the_system_the_server_says_so_and_goes_on(
    plan: Plan, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    with running(plan("[syslog]", address=str(nowhere))) as server:
        say(server, "one", "two")
        assert server.stop() == 0
        said = server.errors().splitlines()
    about = [line for line in said if str(nowhere) in line]
    assert "can't be reached (No such file or directory); messages go on" in about[0]
    assert "2 of its lines are lost" in about[1]
    assert len(about) == 2


def test_sighup_begins_and_ends_it(
    plan: Plan, tmp_path: Path, syslog: socket.socket
) -> None:
    where = str(tmp_path / "dev-log")
    with running(plan(), "--hangup", "reload") as server:
        say(server, "before")
        # Proof that it is followed: what was read again is told there, too.
        plan("[chat]", server="[admin, file, syslog]", address=where)
        server.send_signal(signal.SIGHUP)
        while (
            "logging configuration was read again" not in syslog.recv(10_000).decode()
        ):
            pass
        say(server, "between")
        plan("[]", server="[syslog]", address=where)
        server.send_signal(signal.SIGHUP)
        while (
            "logging configuration was read again" not in syslog.recv(10_000).decode()
        ):
            pass
        say(server, "after")
        assert server.stop() == 0
        (line,) = chat_log(server)
    assert "message 2 from alice to #all, 7 characters" in line
