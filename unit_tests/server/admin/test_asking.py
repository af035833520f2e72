"""Passwords typed on a terminal, without an echo."""

import os
import pty
import select
import subprocess
import sys
from functools import partial
from pathlib import Path

from unit_tests.helpers import PATIENCE, ROOT, clean_environment, run_server


class Typist:
    """Somebody at a terminal where a command runs."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.terminal, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "my_server.py"), *words, "--data-dir", "data"],
            cwd=folder,
            env=clean_environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""

    def answers(self, question: str, text: str) -> None:
        """Wait for a question and type a line."""
        while question not in self.seen:
            self._read()
        self.seen = ""
        os.write(self.terminal, text.encode() + b"\n")

    def leaves(self) -> int:
        """Wait for the end; return the exit code. `seen` is what came behind."""
        try:
            while True:
                self._read()
        except OSError:  # how a terminal says that nobody is at its other end
            os.close(self.terminal)
        return self.process.wait(PATIENCE)

    def _read(self) -> None:
        assert select.select([self.terminal], [], [], PATIENCE)[0], self.seen
        self.seen += os.read(self.terminal, 4096).decode()


def test_a_password_is_asked_for_twice_and_never_shown(tmp_path: Path) -> None:
    typist = Typist(tmp_path, "user", "add", "alice")
    typist.answers("new password for alice: ", "correct horse")
    typist.answers("the same again: ", "correct horse")
    assert typist.leaves() == 0
    assert "correct horse" not in typist.seen
    assert "alice may sign in now" in typist.seen


def test_two_that_differ_change_nothing(tmp_path: Path) -> None:
    typist = Typist(tmp_path, "user", "add", "alice")
    typist.answers("new password for alice: ", "correct horse")
    typist.answers("the same again: ", "correct house")
    assert typist.leaves() == 1
    assert "the two are not the same" in typist.seen
    assert not (tmp_path / "data").exists()


def test_a_byte_order_mark_in_front_of_a_file_is_no_part_of_a_password(
    tmp_path: Path,
) -> None:
    (tmp_path / "password").write_bytes("\ufeffcorrect horse\r\n".encode())
    run = partial(
        subprocess.run,
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    program = [sys.executable, str(ROOT / "my_server.py"), "user"]
    places = ["--data-dir", "data"]
    run([*program, "add", "alice", *places, "--password-file", "password"])
    run(
        [*program, "add", "bob", *places, "--password-file", "-"],
        input="\ufeffcorrect horse\n".encode(),
    )
    with run_server("--data-dir", str(tmp_path / "data")) as server:
        for name in ("alice", "bob"):
            user = {"account_name": name, "password": "correct horse"}
            with server.connect() as peer:
                peer.send({"action": "authenticate", "id": 1, "user": user})
                assert peer.receive_welcome()["response"] == 200
