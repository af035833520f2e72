"""The program as people start it: flags, sentences, exit codes, signals, log."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pytest

from common import __version__
from unit_tests.helpers import (
    PATIENCE,
    ROOT,
    Peer,
    Server,
    clean_environment,
    run_server,
)

LOG_LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} "
    r"(DEBUG|INFO|WARNING|ERROR) \[\d+\] [\w.]+: ."
)


def run(
    folder: Path, *flags: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in `folder` to its end, which must come by itself."""
    return subprocess.run(
        [sys.executable, str(ROOT / "my_server.py"), *flags],
        cwd=folder,
        env=clean_environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def refusal(result: subprocess.CompletedProcess[str], code: int) -> str:
    """Return the one sentence with which the program ended with `code`."""
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("my_server.py: ")
    return sentence


def wait_for_log(server: Server, wanted: Callable[[str], bool]) -> str:
    """Return the log as soon as it is as wanted; a peer's answers are the ticks."""
    with server.connect() as peer:
        name = f"waits{peer.sock.getsockname()[1]}"
        peer.sign_in(name)
        for _ in range(5000):
            peer.send({"action": "rooms"})
            peer.wait_for(lambda found: found.get("response") == 202)
            log = server.log()
            if wanted(log):
                return log
    raise AssertionError("this never came into the log")


# ----------------------------------------------------------------- the start


def test_the_start_line_tells_addresses_port_and_log() -> None:
    with run_server() as server:
        expected = (
            f"listening on 127.0.0.1, port {server.port}; "
            f"only this machine reaches it; data: {server.folder / 'data'}; "
            "TLS optional, certificate SHA256:"
        )
        assert server.start_line.startswith(expected)
        assert server.start_line.endswith(f"; log: {server.log_file}\n")
        assert server.log_file.exists()
        assert expected in server.log()


def test_without_an_address_ipv4_and_ipv6_both_work() -> None:
    with run_server("-a", "") as server, Peer(server.port, "127.0.0.1") as alice:
        assert alice.sign_in("alice")["response"] == 200
        if not socket.has_dualstack_ipv6():
            pytest.skip("this machine has no IPv6")
        with Peer(server.port, "::1") as bob:
            assert bob.sign_in("bob")["response"] == 200
            alice.say("bob", "hi")
            assert bob.wait_for_text("hi")["from"] == "alice"


def test_a_port_in_use_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run(tmp_path, "-p", port, "-a", "127.0.0.1", "--log-dir", "l")
    sentence, command = result.stderr.splitlines()
    assert (result.returncode, result.stdout) == (1, "")
    assert sentence.startswith(f"my_server.py: port {port} on 127.0.0.1 is in use, by ")
    assert command == f"  kill {os.getpid()}"


def test_an_address_that_is_not_ours_is_one_sentence_and_exit_78(
    tmp_path: Path,
) -> None:
    result = run(tmp_path, "-p", "0", "-a", "192.0.2.1", "--log-dir", "l")
    assert "192.0.2.1 is not one of this machine's" in refusal(result, 78)


def test_a_log_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run(tmp_path, "-p", "0", "--log-dir", "file")
    sentence = refusal(result, 78)
    assert "log folder file can't be written" in sentence
    assert "--log-dir" in sentence


# ------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "flags",
    [
        ["--no-such-flag"],
        ["-p"],
        ["-p", "seven"],
        ["-p", "80"],
        ["-p", "65536"],
        ["--text-bytes", "-1"],
        ["surprise"],
    ],
)
def test_a_wrong_flag_is_exit_2(tmp_path: Path, flags: list[str]) -> None:
    result = run(tmp_path, *flags, "--show-settings")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.strip()


def test_show_settings_names_the_folders_that_are_chosen(tmp_path: Path) -> None:
    shown = run(tmp_path, "--show-settings", "--log-dir", "mine").stdout
    assert re.search(f"^data_dir +{ROOT / 'data'} +default$", shown, re.MULTILINE)
    assert re.search("^log_dir +mine +flag --log-dir$", shown, re.MULTILINE)
    assert re.search("^log_config +our own +default$", shown, re.MULTILINE)


def test_a_wrong_value_of_the_environment_is_exit_78(tmp_path: Path) -> None:
    result = run(tmp_path, "--show-settings", JIM_PORT="seven")
    sentence = refusal(result, 78)
    assert "setting port from the environment JIM_PORT is wrong: seven" in sentence


def test_a_wrong_value_of_dotenv_is_exit_78(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("JIM_TEXT_BYTES=-5\n")
    sentence = refusal(run(tmp_path, "--show-settings"), 78)
    assert "setting text_bytes from the .env JIM_TEXT_BYTES is wrong: -5" in sentence


def test_a_wrong_value_of_the_file_is_exit_78(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("silence_seconds: never\n")
    result = run(tmp_path, "--show-settings", "--settings", "s.yaml")
    sentence = refusal(result, 78)
    assert "setting silence_seconds from the file s.yaml" in sentence


def test_an_unknown_setting_names_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("prot: 7777\n")
    result = run(tmp_path, "--show-settings", "--settings", "s.yaml")
    assert "did you mean port?" in refusal(result, 78)
    result = run(tmp_path, "--show-settings", JIM_PROT="7777")
    assert "did you mean JIM_PORT?" in refusal(result, 78)


@pytest.mark.parametrize("text", ["- a\n- b\n", "port: [\n", "\x00"])
def test_a_file_that_holds_no_settings_is_exit_78(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    assert "s.yaml" in refusal(run(tmp_path, "--settings", "s.yaml"), 78)


def test_a_missing_settings_file_is_exit_78(tmp_path: Path) -> None:
    assert "none.yaml" in refusal(run(tmp_path, "--settings", "none.yaml"), 78)


def test_flag_before_environment_before_dotenv_before_file(tmp_path: Path) -> None:
    names = ("port", "text_bytes", "rooms", "connections", "owed_bytes")
    (tmp_path / "s.yaml").write_text("".join(f"{n}: 2001\n" for n in names[:4]))
    (tmp_path / ".env").write_text(
        "".join(f"JIM_{n.upper()}=2002\n" for n in names[:3])
    )
    variables = {f"JIM_{n.upper()}": "2003" for n in names[:2]}
    flags = ["--show-settings", "--settings", "s.yaml", "-p", "2004"]
    result = run(tmp_path, *flags, **variables)
    assert result.returncode == 0
    shown = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()}
    assert shown["port"] == ["2004", "flag", "--port"]
    assert shown["text_bytes"] == ["2003", "environment", "JIM_TEXT_BYTES"]
    assert shown["rooms"] == ["2002", ".env", "JIM_ROOMS"]
    assert shown["connections"] == ["2001", "file", "s.yaml:", "connections"]
    assert shown["owed_bytes"] == ["4194304", "default"]


def test_a_server_follows_its_settings_and_tells_its_clients() -> None:
    with run_server(environment={"JIM_TEXT_BYTES": "50"}) as server:
        with server.connect() as peer:
            assert peer.sign_in("alice")["session"]["limits"]["text"] == 50
            peer.say("#all", "x" * 51)
            answer = peer.receive()
        assert (answer["response"], answer["limit"]) == (413, 50)


def test_version_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, "--version")
    assert (result.returncode, result.stdout) == (0, __version__ + "\n")


def test_help_leads_with_examples(tmp_path: Path) -> None:
    result = run(tmp_path, "--help")
    assert result.returncode == 0
    lines = [line for line in result.stdout.splitlines() if line]
    assert lines[0].startswith("usage: ")
    assert lines[1] == "examples:"
    assert "--silence-seconds" in result.stdout


# -------------------------------------------------------------------- signals


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_says_101_to_everybody_and_ends_with_0(name: str) -> None:
    with run_server() as server, server.connect() as unsigned:
        unsigned.send_bytes(b"{")
        with server.signed_in("alice") as alice, server.signed_in("bob") as bob:
            server.send_signal(signal.Signals[name])
            for peer in (alice, bob):
                assert peer.receive()["response"] == 101
                assert peer.read_to_end() == b""
            assert unsigned.receive()["response"] == 500
            assert unsigned.read_to_end() == b""
        unsigned.sock.close()
        assert server.wait() == 0
        assert "stopped" in server.log()


def test_what_is_owed_is_written_before_the_end() -> None:
    with run_server("--message-rate", "0") as server:
        with server.signed_in("alice") as alice, server.signed_in("bob") as bob:
            text = "x" * 8000
            for number in range(1, 301):
                alice.say("bob", text, id=number)
            for _ in range(300):
                alice.receive()
            server.send_signal(signal.SIGTERM)
            found = [bob.receive() for _ in range(301)]
            assert [one.get("message_id") for one in found[:-1]] == [*range(1, 301)]
            assert found[-1]["response"] == 101
        assert server.wait() == 0


def test_a_second_signal_ends_at_once() -> None:
    with (
        run_server("--owed-seconds", "50") as server,
        server.signed_in("alice") as alice,
        server.connect() as slow,
    ):
        # A course client with lists is owed an object every 1.05 s.
        slow.send({"action": "presence", "time": 1, "user": {"account_name": "slow"}})
        assert slow.receive()["response"] == 200
        slow.send({"action": "get_users", "time": 1, "account_name": "slow"})
        assert slow.receive()["response"] == 202
        for _ in range(60):
            alice.say("slow", "hi")
            assert alice.receive()["response"] == 200
        server.send_signal(signal.SIGTERM)
        assert alice.receive()["response"] == 101
        assert server.process.poll() is None
        assert server.stop(signal.SIGTERM) == 130


def test_a_newcomer_at_the_moment_of_the_end_is_no_harm() -> None:
    with run_server("--message-rate", "0") as server, ExitStack() as stack:
        busy = [stack.enter_context(server.signed_in(f"n{n}")) for n in range(10)]
        server.send_signal(signal.SIGSTOP)
        for peer in busy:
            peer.send_bytes(b'{"action":"rooms"}' * 3000)
        # It has a long turn to do now: the signal and then the newcomer come while
        # it lasts, and are taken in the next one, in this order.
        server.send_signal(signal.SIGCONT)
        server.send_signal(signal.SIGTERM)
        with suppress(ConnectionRefusedError):
            stack.enter_context(server.connect())
        stack.close()
        assert server.wait() == 0, server.errors()
        assert " ERROR " not in server.log()


def test_sighup_follows_the_edited_logging_file(tmp_path: Path) -> None:
    config = tmp_path / "logging.yaml"
    shutil.copy(ROOT / "log_config" / "server.yaml", config)
    with run_server("--log-config", str(config), "--hangup", "reload") as server:
        text = config.read_text()
        config.write_text(text.replace("formatter: text", "formatter: json"))
        server.send_signal(signal.SIGHUP)
        log = wait_for_log(server, lambda log: "was read again" in log)
        assert '"message": "the logging configuration was read again"' in log
        config.write_text("version: 1\nhandlers: [")
        server.send_signal(signal.SIGHUP)
        log = wait_for_log(server, lambda log: "not followed" in log)
        assert '"level": "WARNING"' in log
        for old, new, said in SLIPS:
            config.write_text(text.replace(old, new))
            server.send_signal(signal.SIGHUP)
            assert "not followed" in wait_for_log(server, partial(contains, said))
        with server.signed_in("alice"):
            pass
        assert "Traceback" not in server.errors()


def test_a_storm_of_sighups_holds_nobody_up_and_the_last_one_counts(
    tmp_path: Path,
) -> None:
    config = tmp_path / "logging.yaml"
    shutil.copy(ROOT / "log_config" / "server.yaml", config)
    with run_server("--log-config", str(config), "--hangup", "reload") as server:
        begun = time.monotonic()
        with server.signed_in("alice") as alice:
            for number in range(1, 101):
                server.send_signal(signal.SIGHUP)
                alice.say("#all", "still here", id=number)
                assert alice.receive()["response"] == 200
        config.write_text(config.read_text().replace("formatter: text", JSON_LINES))
        server.send_signal(signal.SIGHUP)
        log = wait_for_log(server, partial(contains, '"message": "the logging'))
        reloads = log.count("the logging configuration was read again")
        assert 2 <= reloads <= time.monotonic() - begun + 2


JSON_LINES = "formatter: json"


def contains(said: str, log: str) -> bool:
    return said in log


# Each was taken once, and ended the server: at a line, at a rotation, or never said.
SLIPS = [
    ("max_bytes: 10485760", "max_bytes: 1e6", "handlers.file.max_bytes is 1e6 (line "),
    ("backups: 5", "backups: 0o3", "handlers.file.backups is 0o3 (line "),
    ("level: DEBUG", "level: OFF", "loggers.server.calls.level is OFF (line "),
    ("at_midnight: true", "at_midnight: 7", "at_midnight is 7: it takes true or"),
    ("class: log_config", "class: log_confit", "No module named 'log_confit'"),
]


def test_a_wrong_logging_file_at_the_start_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("handlers: [")
    result = run(tmp_path, "-p", "0", "--log-dir", "l", "--log-config", "bad.yaml")
    assert "bad.yaml is wrong: it is not YAML in line 1" in refusal(result, 78)


def test_kill_9_leaves_whole_log_lines() -> None:
    with run_server("--message-rate", "0") as server:
        with server.signed_in("alice") as alice:
            for number in range(1, 150):
                alice.say("#all", "x", id=number)
                assert alice.receive()["id"] == number
            alice.send(*({"action": "rooms"} for _ in range(200)))
            assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        log = server.log()
    assert log.endswith("\n")
    wrong = [line for line in log.splitlines() if not LOG_LINE.match(line)]
    assert wrong == []
    # At most the turn in progress is lost: the one of the last answer, or a later one.
    assert "message 148 from alice to #all" in log


def test_settings_that_can_not_be_printed_are_a_sentence_and_exit_1() -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, str(ROOT / "my_server.py"), "--show-settings"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr == "my_server.py: No space left on device\n"


# ------------------------------------------------------------ the owner's shell


def test_a_start_imports_nothing_of_the_owners_shell() -> None:
    program = (
        "import sys, server.serving; print([name for name in sys.modules if "
        "name.startswith(('server.admin', 'server.handlers.admin_', 'segno', "
        "'cryptography'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"


def test_commands_work_on_the_files_and_on_a_running_server(tmp_path: Path) -> None:
    # By the environment, before the command, and behind it: all name the same folder.
    added = subprocess.run(
        [
            sys.executable, str(ROOT / "my_server.py"),
            "user", "add", "alice", "--role", "owner", "--password-file", "-",
        ],
        cwd=tmp_path, env=clean_environment(JIM_DATA_DIR="data"), text=True,
        input="correct horse\n", capture_output=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert added.stdout == "alice may sign in now (owner)\n"
    listed = run(tmp_path, "--data-dir", "data", "user", "list")
    assert listed.stdout.splitlines()[1].split() == ["alice", "owner"]
    with run_server("--data-dir", str(tmp_path / "data")) as server:
        assert "owner" not in server.errors(), "there is one already"
        with server.connect() as alice:
            user = {"account_name": "alice", "password": "correct horse"}
            alice.send({"action": "authenticate", "id": 1, "user": user})
            assert alice.receive_welcome()["session"]["role"] == "owner"
            who = run(tmp_path, "who", "--data-dir=data", "--json")
            assert '"account_name":"alice"' in who.stdout
    assert run(tmp_path, "status", "--data-dir", "data").returncode == 69


def test_a_wrong_command_is_a_matter_of_usage(tmp_path: Path) -> None:
    for words in (["nonsense"], ["user"], ["user", "add"], ["room", "list", "--what"]):
        result = run(tmp_path, *words)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_help_of_the_shell_begins_with_examples(tmp_path: Path) -> None:
    result = run(tmp_path, "help")
    assert result.returncode == 0
    assert result.stdout.index("user add alice") < result.stdout.index("COMMAND\n")
