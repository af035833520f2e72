"""A home that was copied to another machine: both are signed in at once."""

import shutil
import subprocess
import sys
from pathlib import Path

from errors import ExitCode
from unit_tests.client.programs import client_environment
from unit_tests.helpers import PATIENCE, ROOT, Server, run_server

PASSWORD = "correct horse"
# Our program on a machine whose id stands in the home.
_ELSEWHERE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv.pop(1))
from client import machine
machine._FILES = (Path("machine-id"),)
import my_client
sys.exit(my_client.main())
"""


def start(home: Path, server: Server, *words: str) -> "subprocess.Popen[str]":
    where = ("--address", "127.0.0.1", "-p", str(server.port))
    command = [sys.executable, "-c", _ELSEWHERE, str(ROOT)]
    return subprocess.Popen(
        [*command, *words, *where, "--log-dir", str(home / "logs")],
        cwd=home,
        env=client_environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: "subprocess.Popen[str]") -> str:
    _, err = process.communicate("", timeout=PATIENCE)
    assert process.returncode == ExitCode.DONE, err
    return err


def make_home(folder: Path) -> Path:
    folder.mkdir()
    (folder / "machine-id").write_text("1" * 32)
    (folder / "password").touch(0o600)
    (folder / "password").write_text(PASSWORD)
    return folder


def copied(home: Path, name: str) -> Path:
    copy = shutil.copytree(home, home.with_name(name))
    (copy / "machine-id").write_text("2" * 32)
    return copy


def test_a_copied_home_is_signed_in_beside_the_first(tmp_path: Path) -> None:
    with run_server() as server, server.signed_in("zoe") as zoe:
        with server.signed_in("ada") as ada:
            user = {"account_name": "ada", "password": PASSWORD}
            ada.send({"action": "register", "time": 0, "id": 1, "user": user})
            ada.wait_for(lambda told: told.get("id") == 1)
        first = make_home(tmp_path / "first")
        flags = ("-n", "ada", "--password-file", "password")
        end(start(first, server, *flags))
        second = copied(first, "second")
        with start(first, server, "-n", "ada") as one:
            assert one.stderr is not None
            assert "signed in as ada" in one.stderr.readline()
            with start(second, server, "-n", "ada") as other:
                assert other.stderr is not None
                assert "copied from another machine" in other.stderr.readline()
                assert "signed in as ada" in other.stderr.readline()
                zoe.say("ada", "both of you")
                for client in (one, other):
                    assert client.stdout is not None
                    assert "both of you" in client.stdout.readline()
                end(other)
            end(one)
        # It is said once.
        assert "copied" not in end(start(second, server, "-n", "ada"))


def test_a_copied_home_sends_beside_the_first(tmp_path: Path) -> None:
    with run_server() as server:
        first = make_home(tmp_path / "first")
        words = ("send", "--username", "oven", "--lines")
        end(start(first, server, *words))
        second = copied(first, "second")
        with start(first, server, *words) as one:
            assert one.stdin is not None
            assert one.stdout is not None
            one.stdin.write("one\n")
            one.stdin.flush()
            assert one.stdout.readline().strip().isdecimal()
            end(start(second, server, "send", "--username", "oven", "two"))
            end(one)


def test_a_copied_reader_reads_beside_the_first(tmp_path: Path) -> None:
    with run_server() as server, server.signed_in("zoe") as zoe:
        first = make_home(tmp_path / "first")
        zoe.say("#all", "before")
        end(start(first, server, "read", "--once"))
        second = copied(first, "second")
        zoe.say("#all", "first")
        with start(first, server, "read") as one:
            assert one.stdout is not None
            assert "first" in one.stdout.readline()
            err = end(start(second, server, "read", "--once"))
            assert "messages.txt was copied from another machine" in err
            zoe.say("#all", "last")
            assert "last" in one.stdout.readline()
            one.terminate()
            one.communicate(timeout=PATIENCE)
        for home in (first, second):
            assert "first" in (home / "messages.txt").read_text()
