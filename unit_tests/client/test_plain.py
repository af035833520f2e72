"""The client behind pipes: a program that other programs drive."""

import contextlib
import io
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.client.programs import (
    ScriptedServer,
    answer_messages,
    run_client,
    start_client,
)
from unit_tests.client.sessions import line
from unit_tests.helpers import PATIENCE, Peer, Server, run_server

DONE, REFUSED, USAGE, UNREACHABLE, TIMED_OUT, PROTOCOL = 0, 1, 2, 69, 75, 76
INTERRUPTED = 130


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with run_server() as running:
        yield running


def deliver(peer: Peer, text: str, **fields: object) -> None:
    """Send a message of bob's."""
    message = {"to": "alice", "from": "bob", "encoding": "utf-8", "message": text}
    peer.send_bytes(line(action="msg", time=0, **(message | fields)))


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def type_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()


def test_a_pipe_sends_its_lines_and_leaves_when_they_are_stored(
    server: Server, tmp_path: Path
) -> None:
    with server.signed_in("reader") as reader:
        done = run_client(
            tmp_path, server.port, "@reader привет\nmessage reader 👋\n", "-n", "piper"
        )
        assert done.returncode == DONE, done.stderr
        assert done.stdout == ""
        assert done.stderr == "signed in as piper\n"
        texts = [reader.receive()["message"] for _ in range(2)]
    assert texts == ["привет", "👋"]


@pytest.mark.parametrize("encoding", ["latin-1", "koi8-r", "ascii", "utf-8"])
def test_what_the_terminal_does_not_speak_is_escaped(
    script: ScriptedServer, tmp_path: Path, encoding: str
) -> None:
    with start_client(
        tmp_path, script.port, "-n", "alice", PYTHONIOENCODING=encoding
    ) as client:
        peer = script.welcome()
        deliver(peer, "caf\u00e9 \u043f\u0440\u0438\u0432\u0435\u0442 \u263a")
        assert isinstance(client.stdout, io.TextIOWrapper)
        shown = client.stdout.buffer.readline()
    expected = "caf\u00e9 \u043f\u0440\u0438\u0432\u0435\u0442 \u263a"
    assert expected.encode(encoding, "backslashreplace") in shown


def test_the_same_commands_work_line_by_line(server: Server, tmp_path: Path) -> None:
    with server.signed_in("listener") as listener:
        typed = (
            "join #den\n1\nlistener\nasked\nto listener\nplain\n/rooms\n/users #den\n"
        )
        done = run_client(tmp_path, server.port, typed, "-n", "liner")
        assert done.returncode == DONE, done.stderr
        texts = [listener.receive()["message"] for _ in range(2)]
    assert texts == ["asked", "plain"]
    assert "#den (1 member, you too)" in done.stdout
    assert done.stdout.splitlines()[-1] == "liner (you)"
    assert "joined #den" in done.stderr
    assert "to whom?" not in done.stdout + done.stderr


def test_a_refused_message_is_named_and_the_exit_code_says_so(
    server: Server, tmp_path: Path
) -> None:
    done = run_client(tmp_path, server.port, "@nobody hello\n", "-n", "pat")
    assert done.returncode == REFUSED
    assert "not sent to nobody" in done.stderr
    assert done.stdout == ""


def test_a_line_that_says_nothing_to_nobody_counts_as_refused(
    server: Server, tmp_path: Path
) -> None:
    done = run_client(tmp_path, server.port, "hello\n", "-n", "pat2")
    assert done.returncode == REFUSED
    assert "say to whom" in done.stderr


def test_messages_come_out_one_line_each_whatever_they_hold(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome()
        deliver(peer, "two\nlines \x1b[2J \u202e")
        deliver(peer, "in a room", to="#r")
        first, second = read_line(process), read_line(process)
        assert first.endswith("bob: two\\nlines \\x1b[2J \\u202e\n")
        assert second.endswith("#r bob: in a room\n")
        _, err = process.communicate("", timeout=PATIENCE)
        assert process.returncode == DONE, err
        assert peer.receive()["action"] == "quit"


def test_the_end_of_input_waits_for_the_acknowledgements(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome()
        type_line(process, "@bob hi")
        message = peer.receive()
        assert process.stdin is not None
        process.stdin.close()
        deliver(peer, "still here?")
        assert read_line(process).endswith("bob: still here?\n")
        assert process.poll() is None
        peer.send_bytes(line(response=200, id=message["id"]))
        assert peer.receive()["action"] == "quit"
        assert process.wait(PATIENCE) == DONE


def test_acknowledgements_that_never_come_time_out(
    script: ScriptedServer, tmp_path: Path
) -> None:
    flags = ("-n", "alice", "--timeout-seconds", "0.5")
    with start_client(tmp_path, script.port, *flags) as process:
        script.welcome()
        _, err = process.communicate("@bob hi\n", timeout=PATIENCE)
    assert process.returncode == TIMED_OUT
    assert "1 message was not confirmed" in err
    # The exit code has said so: the script will send it again.
    with start_client(tmp_path, script.port, *flags) as process:
        peer = script.welcome()
        assert process.stdin is not None
        process.stdin.close()
        assert peer.receive()["action"] == "quit"


def test_what_was_not_acknowledged_is_sent_again_and_nothing_twice(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        first = script.welcome()
        for text in ("one", "two", "three"):
            type_line(process, f"@bob {text}")
        messages = [first.receive() for _ in range(3)]
        first.send_bytes(line(response=200, id=messages[0]["id"]))
        first.sock.close()
        # "two" was stored, but its acknowledgement was lost.
        second = script.welcome(device_seq=messages[1]["id"])
        (again,) = answer_messages(second, 1)
        assert (again["id"], again["message"]) == (messages[2]["id"], "three")
        _, err = process.communicate("", timeout=PATIENCE)
    assert process.returncode == DONE, err
    assert second.receive()["action"] == "quit"


def test_what_waited_is_tried_again_until_the_addressee_is_back_too(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        first = script.welcome()
        type_line(process, "@bob hi")
        first.receive()
        first.sock.close()
        second = script.welcome(store="store-2")
        tried = second.receive()
        second.send_bytes(line(response=404, id=tried["id"]))
        (again,) = answer_messages(second, 1)
        assert again["message"] == "hi"
        assert again["id"] > tried["id"]
        _, err = process.communicate("", timeout=PATIENCE)
    assert process.returncode == DONE, err
    assert "not sent" not in err


def test_a_line_that_is_no_utf_8_is_not_sent(server: Server, tmp_path: Path) -> None:
    with (
        server.signed_in("zoe") as zoe,
        start_client(tmp_path, server.port, "-n", "latin") as process,
    ):
        assert process.stdin is not None
        os.write(process.stdin.fileno(), b"@zoe caf\xe9\n@zoe tea\n")
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, "not UTF-8" in err) == (REFUSED, True), err
        assert zoe.wait_for(lambda told: "message" in told)["message"] == "tea"


def test_a_server_that_goes_and_comes_back_is_said_once(tmp_path: Path) -> None:
    with run_server() as first:
        port = first.port
        with start_client(tmp_path, port, "-n", "alice") as process:
            type_line(process, "join #den")
            assert process.stderr is not None
            for said in ("signed in", "joined #den"):
                assert said in process.stderr.readline()
            first.stop()
            assert "going down" in process.stderr.readline()
            assert "is lost" in process.stderr.readline()
            type_line(process, "#den typed while it was away")
            with run_server("-p", str(port)):
                assert "started anew" in process.stderr.readline()
                assert process.stdin is not None
                process.stdin.close()
                # Not communicate: it passes over what readline has read ahead.
                err = process.stderr.read()
                assert process.wait(PATIENCE) == DONE, err
                assert "joined #den" in err


def test_a_server_that_does_not_come_back_is_given_up(
    script: ScriptedServer, tmp_path: Path
) -> None:
    flags = ("-n", "alice", "--timeout-seconds", "1")
    with start_client(tmp_path, script.port, *flags) as process:
        peer = script.welcome()
        script.sock.close()
        peer.sock.close()
        assert process.wait(PATIENCE) == UNREACHABLE


def test_no_server_is_one_sentence(tmp_path: Path) -> None:
    with ScriptedServer() as gone:
        port = gone.port
    done = run_client(tmp_path, port, "", "-n", "alice")
    assert done.returncode == UNREACHABLE
    assert done.stderr == (
        f"my_client.py: no server answers at 127.0.0.1:{port} (connection refused)\n"
    )


def test_a_server_that_says_nothing_times_out(
    script: ScriptedServer, tmp_path: Path
) -> None:
    done = run_client(
        tmp_path, script.port, "", "-n", "alice", "--timeout-seconds", "0.5"
    )
    assert done.returncode == TIMED_OUT
    assert "has not answered" in done.stderr


def test_what_is_not_jim_is_told(script: ScriptedServer, tmp_path: Path) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.accept()
        peer.send_bytes(b"220 mail.example.com ESMTP\r\n")
        _, err = process.communicate("", timeout=PATIENCE)
    assert process.returncode == PROTOCOL
    assert "not JIM" in err


def test_a_taken_name_ends_it(server: Server, tmp_path: Path) -> None:
    with server.signed_in("taken"):
        done = run_client(tmp_path, server.port, "@x y\n", "-n", "taken")
    assert done.returncode == REFUSED
    assert "taken" in done.stderr
    assert not list((tmp_path / "messenger" / "devices").iterdir())


def test_a_name_against_the_rules_ends_it(server: Server, tmp_path: Path) -> None:
    done = run_client(tmp_path, server.port, "", "-n", "a b")
    assert done.returncode == REFUSED
    assert "only letters" in done.stderr


def test_without_a_name_there_is_nobody_to_ask(tmp_path: Path) -> None:
    done = run_client(tmp_path, 1, "alice\n")
    assert done.returncode == USAGE
    assert "-n NAME" in done.stderr


def test_who_is_replaced_leaves(script: ScriptedServer, tmp_path: Path) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome()
        peer.send_bytes(line(response=409, replaced=True, error="elsewhere now"))
        assert process.wait(PATIENCE) == REFUSED
        assert process.stderr is not None
        assert "elsewhere now" in process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_politely(
    script: ScriptedServer, tmp_path: Path, number: signal.Signals
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome()
        deliver(peer, "hi")
        read_line(process)
        process.send_signal(number)
        assert peer.receive()["action"] == "quit"
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == INTERRUPTED
    assert err == "signed in as alice\n"


def test_an_output_that_nobody_reads_ends_quietly(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        assert process.stdout is not None
        process.stdout.close()
        peer = script.welcome()
        deliver(peer, "hi")
        assert process.wait(PATIENCE) == DONE
        assert process.stderr is not None
        assert process.stderr.read() == "signed in as alice\n"


def test_an_output_on_a_full_disk_is_refused_in_one_sentence(
    server: Server, tmp_path: Path
) -> None:
    with (
        open("/dev/full", "w") as full,
        start_client(tmp_path, server.port, "-n", "full", stdout=full) as process,
    ):
        _, err = process.communicate("users\n", timeout=PATIENCE)
    assert process.returncode == REFUSED
    assert err.splitlines()[-1] == "my_client.py: No space left on device"
    assert "Traceback" not in err


def test_a_file_longer_than_what_may_wait_is_sent_whole(
    script: ScriptedServer, tmp_path: Path
) -> None:
    count = 3_000
    file = tmp_path / "input"
    file.write_text("to bob\n" + "".join(f"line {n}\n" for n in range(count)))
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome()
        assert process.stdin is not None
        process.stdin.write(file.read_text())
        process.stdin.close()
        messages = answer_messages(peer, count)
        assert process.wait(PATIENCE) == DONE
    assert [one["message"] for one in messages] == [f"line {n}" for n in range(count)]


def test_a_line_too_long_for_any_server_is_refused(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome()
        typed = f"@bob {'x' * 2_000_000}\n@bob hi\n"
        assert process.stdin is not None
        process.stdin.write(typed)
        process.stdin.close()
        (message,) = answer_messages(peer, 1)
        assert process.wait(PATIENCE) == REFUSED
        assert process.stderr is not None
        assert "the line is longer" in process.stderr.read()
    assert message["message"] == "hi"


def test_the_log_tells_calls_and_events_but_no_texts(
    server: Server, tmp_path: Path
) -> None:
    with server.signed_in("keeper") as keeper:
        secret = "s3cret text"
        run_client(tmp_path, server.port, f"@keeper {secret}\n", "-n", "logger")
        keeper.wait_for_text(secret)
        keeper.say("logger", secret)
    log = (tmp_path / "logs" / "client.log").read_text()
    (archive,) = (tmp_path / "messenger" / "devices").glob("*.db")
    with contextlib.closing(sqlite3.connect(archive)) as database:
        ((device_id,),) = database.execute("SELECT id FROM device")
    for said in ("INFO", "signed in as logger", "client.session", "name='logger'"):
        assert said in log
    for hidden in (secret, device_id):
        assert hidden not in log


def test_answers_to_probes_are_summed_in_the_log(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome()
        for _ in range(20):
            peer.send_bytes(line(action="probe", time=0))
            assert peer.receive()["action"] == "presence"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE) == DONE
    log = (tmp_path / "logs" / "client.log").read_text()
    told = [
        one for one in log.splitlines() if "client.encoding.encode_presence(" in one
    ]
    (summed,) = re.findall(r"called (\d+) times in \d+ s by", "\n".join(told))
    assert int(summed) + len(told) - 1 == 20
    assert len(told) <= 4


def test_a_log_that_cannot_be_written_stops_nobody(
    server: Server, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    done = run_client(
        tmp_path, server.port, "", "-n", "nolog", "--log-dir", str(blocked / "logs")
    )
    assert done.returncode == DONE
    assert "going on without a log" in done.stderr


def test_a_guest_comes_back_to_its_name(server: Server, tmp_path: Path) -> None:
    for _ in range(2):
        done = run_client(tmp_path, server.port, "", "-n", "returning")
        assert done.returncode == DONE, done.stderr


def test_what_is_kept_for_somebody_away_is_stored(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome(keeps_history=True)
        type_line(process, "@bob hi")
        message = peer.receive()
        peer.send_bytes(line(response=202, id=message["id"], message_id=1))
        out, err = process.communicate("", timeout=PATIENCE)
    assert (process.returncode, out, err) == (DONE, "", "signed in as alice\n")


def test_what_was_missed_comes_out_and_is_not_read(
    script: ScriptedServer, tmp_path: Path
) -> None:
    with start_client(tmp_path, script.port, "-n", "alice") as process:
        peer = script.welcome(keeps_history=True)
        message = {"to": "alice", "from": "bob", "encoding": "utf-8"}
        # In one go, so that both are read before the end of the input.
        peer.send_bytes(
            line(action="msg", time=0, message="late", message_id=7, **message)
            + line(response=100, alert="caught up", last_id=7)
        )
        assert read_line(process).endswith("bob: late\n")
        _, err = process.communicate("", timeout=PATIENCE)
        assert err == "signed in as alice\n1 missed message\n"
        assert process.returncode == DONE
        said: list[str] = []
        while not said or said[-1] != "quit":
            said.append(peer.receive()["action"])
    # A pipe has no reader: it tells what has arrived, and asks for nothing.
    assert said == ["received", "quit"]


def test_each_line_of_a_page_stands_alone(server: Server, tmp_path: Path) -> None:
    with server.signed_in("nick"):
        typed = "@nick one\n@nick two\nhistory nick 1\nmore\nsearch TWO\n"
        done = run_client(tmp_path, server.port, typed, "-n", "mona")
    assert done.returncode == DONE, done.stderr
    dated = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} (.*)")
    rows = [
        found[1] for found in map(dated.fullmatch, done.stdout.splitlines()) if found
    ]
    assert rows == [
        "mona to nick: two",
        "mona to nick: one",
        "mona to nick: two",
    ]
    assert "— today —" not in done.stderr


def test_a_page_further_back_than_all_is_refused(
    server: Server, tmp_path: Path
) -> None:
    done = run_client(tmp_path, server.port, "more\n", "-n", "otto")
    assert done.returncode == REFUSED
    assert "nothing further back" in done.stderr
