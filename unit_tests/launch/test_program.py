"""The launcher end to end: real processes, the demo, the menu, windows, all ends."""

import os
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from unit_tests.helpers import PATIENCE, ROOT, run_server
from unit_tests.launch.programs import (
    MARK,
    Launcher,
    marked,
    private_environment,
    run_launcher,
    wait_until_gone,
)

_ENDS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL]
_STARTED = r"clients started: alice, bob\n"


@pytest.fixture
def stub(tmp_path: Path) -> str:
    """Return a terminal that is a shell script: a pipe that never ends as keyboard."""
    script = tmp_path / "stub"
    tail = shutil.which("tail")
    script.write_text(f'#!/bin/sh\n{tail} -f /dev/null | "$@" >> "$HOME/screen" 2>&1\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def run(
    *flags: str, folder: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a launcher to its end, without input."""
    return subprocess.run(
        [sys.executable, str(ROOT / "launcher.py"), *flags],
        cwd=folder,
        env=private_environment(folder, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_the_demo_shows_what_is_said_and_sums_it_up(tmp_path: Path) -> None:
    done = run("--demo", "-p", "0", "--seconds", "1", "--log-dir", "l", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    *said, sent, delivered, lost, duplicates, took, rate = done.stdout.splitlines()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d alice → #demo: hello everybody.* \(1\)", said[0]
    )
    assert sent == f"sent: {len(said)}"
    assert delivered == f"delivered: {len(said) // 2 * 3} of {len(said) // 2 * 3}"
    assert (lost, duplicates) == ("lost: 0", "duplicates: 0")
    assert re.fullmatch(r"time: \d+\.\d s", took)
    assert re.fullmatch(r"messages per second: \d+\.\d", rate)
    assert "server started: port " in done.stderr
    calls = (tmp_path / "l" / "client.log").read_text("utf-8")
    assert "launch.demo.Demo.run(" in calls
    assert "hello everybody" not in calls


def test_start_without_a_window_and_without_a_terminal_is_the_demo(
    tmp_path: Path,
) -> None:
    done = run(
        *("--start", "-p", "0", "--seconds", "0.1", "--log-dir", "l"),
        *("--names", "Ann", "Ян"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "Ann → #demo: " in done.stdout
    assert "Ян → Ann: " in done.stdout
    assert "lost: 0" in done.stdout
    # The last words are what to type next, each command on a row of its own.
    rows = done.stderr.splitlines()
    assert "  make client" in rows
    assert rows[-1].endswith("launcher.py --start")


def test_the_demo_takes_a_running_server_and_other_names_where_they_are_taken(
    tmp_path: Path,
) -> None:
    with run_server() as server, server.signed_in("alice") as alice:
        flags = ["--demo", "--no-server", "-p", str(server.port), "--seconds", "0.1"]
        done = run(*flags, "--log-dir", "l", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "alice2 → #demo: hello everybody, alice2" in done.stdout
        assert "using the server at localhost:" in done.stderr
        assert alice.is_silent(), "the demo speaks to somebody who is not in it"


def test_a_demo_whose_server_dies_says_so_with_its_log_and_fails(
    tmp_path: Path,
) -> None:
    with run_launcher(tmp_path, "--demo", "--seconds", "600") as launcher:
        launcher.wait_for("alice → #demo")
        launcher.child("my_server.py").kill()
        assert launcher.wait() == 1
        assert "the server died: exit code -9, killed by SIGKILL\n" in launcher.seen
        assert re.search(r"server.log:\n  .* INFO .*server", launcher.seen)
        assert "sent: " in launcher.seen
        wait_until_gone(launcher.mark)


def test_a_demo_of_one_is_refused_before_anything_starts(tmp_path: Path) -> None:
    done = run("--demo", "--clients", "1", "--log-dir", "l", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "launcher.py: a demo needs two clients or more\n"


def test_no_server_where_none_runs_is_unreachable(tmp_path: Path) -> None:
    flags = ["--demo", "--no-server", "-p", "1", "--log-dir", "l"]
    done = run(*flags, folder=tmp_path)
    assert done.returncode == 69
    assert "no server answers at localhost:1" in done.stderr


def test_a_taken_port_is_said_with_what_to_type(tmp_path: Path) -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--demo", "-p", str(port), "--log-dir", "l", folder=tmp_path)
    assert done.returncode == 1
    sentence, *_, other, end, kill = done.stderr.splitlines()
    assert sentence.startswith(f"launcher.py: port {port} is in use by ")
    assert other.startswith("  ")
    assert other.endswith(f"launcher.py --demo -p {port} --log-dir l --port 0")
    assert (end, kill) == ("and this ends it:", f"  kill {os.getpid()}")
    with run_server() as server:
        port = server.port
        done = run("--demo", "-p", str(port), "--log-dir", "l", folder=tmp_path)
        assert f"{port} is in use by my_server.py, pid" in done.stderr
        rows = done.stderr.splitlines()
        (command,) = [row for row in rows if row.endswith(" --no-server")]
        # What it says to type, does it.
        words = [*shlex.split(command)[2:], "--seconds", "0.1"]
        assert run(*words, folder=tmp_path).returncode == 0


def test_a_server_that_refuses_its_settings_passes_its_words_and_code_on(
    tmp_path: Path,
) -> None:
    done = run(
        *("--demo", "-p", "0", "--log-dir", "l"),
        folder=tmp_path,
        JIM_IP="192.0.2.77",
    )
    assert done.returncode == 78
    assert "the server did not start (exit code 78): my_server.py: " in done.stderr
    assert "not one of this machine's" in done.stderr


def test_reading_less_than_all_breaks_nothing(tmp_path: Path) -> None:
    with run_launcher(tmp_path, "--demo", "--seconds", "1") as launcher:
        launcher.wait_for("alice")
        reader = subprocess.run(
            [
                *("/bin/sh", "-c"),
                f"{sys.executable} {ROOT / 'launcher.py'} --demo -p 0 --seconds 0.1 "
                "--log-dir l 2>talk; echo $? >code",
            ],
            cwd=tmp_path,
            env=private_environment(tmp_path, JIM_DATA_DIR=""),
            stdin=subprocess.DEVNULL,
            stdout=open_broken_pipe(),
            timeout=PATIENCE,
        )
        assert reader.returncode == 0
        assert (tmp_path / "code").read_text() == "0\n"
        assert "Traceback" not in (tmp_path / "talk").read_text()
        launcher.wait()


def open_broken_pipe() -> int:
    """Return the writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_the_menu_starts_lists_closes_and_leaves(tmp_path: Path, stub: str) -> None:
    flags = ["--terminal", stub, "--clients", "2"]
    # The second server has another port, and alice is nobody there whose name is kept.
    kept = {"JIM_KEPT_GUEST_SECONDS": "0"}
    with run_launcher(tmp_path, *flags, on_terminal=True, **kept) as launcher:
        launcher.wait_for(r"  s  start .*\n  x  .*\n  l  .*\n  q  .*\n")
        launcher.wait_for("launcher> ")
        launcher.do("l", "nothing runs")
        launcher.do("dance", "'dance' is no command here; type s, x, l, q or h")
        launcher.do("s", _STARTED)
        launcher.wait_for("launcher> $", launcher.seen.index("clients started"))
        launcher.do("s", "all of it runs already")
        rows = launcher.do("l", r"PID +NAME .*\n(.*)\n(.*)\n(.*)\n")
        assert [row.split()[1] for row in rows.groups()] == ["server", "alice", "bob"]
        pids = [int(row.split()[0]) for row in rows.groups()]
        assert all(psutil.pid_exists(pid) for pid in pids)
        launcher.do("x", "all closed")
        assert not launcher.children()
        launcher.do("l", "nothing runs")
        launcher.do("s", _STARTED)
        launcher.type("q")
        assert launcher.wait() == 0
        wait_until_gone(launcher.mark)
        assert not list(tmp_path.glob("messenger-*")), "the sockets' folder is left"


def test_the_menu_without_a_window_shows_the_demo(tmp_path: Path) -> None:
    flags = ["--seconds", "0.1"]
    with run_launcher(tmp_path, *flags, on_terminal=True) as launcher:
        launcher.wait_for("launcher> ")
        launcher.do("s", "no window to be had here")
        launcher.wait_for("lost: 0")
        launcher.do("l", "server")
        launcher.type("\x04")
        assert launcher.wait() == 0


def test_colours_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    flags = ["--seconds", "0.1"]
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with run_launcher(tmp_path, *flags, on_terminal=True, **variables) as launcher:
            launcher.wait_for("launcher> ")
            launcher.do("z", "'z' is no command")
            assert ("\x1b[31m" in launcher.seen) == coloured


def test_without_a_terminal_lines_are_read_quietly_until_input_ends(
    tmp_path: Path, stub: str
) -> None:
    flags = ["--terminal", stub, "--names", "alice", "bob"]
    with run_launcher(tmp_path, *flags) as launcher:
        launcher.do("s", _STARTED)
        launcher.do("l", "bob")
        launcher.end_input()
        assert launcher.wait() == 0
        assert "launcher>" not in launcher.seen
        assert "\x1b" not in launcher.seen
        wait_until_gone(launcher.mark)


def test_an_unknown_line_makes_a_script_fail(tmp_path: Path) -> None:
    with run_launcher(tmp_path) as launcher:
        launcher.type("dance")
        launcher.type("q")
        assert launcher.wait() == 1


def test_start_without_a_terminal_stays_until_the_windows_are_closed(
    tmp_path: Path, stub: str
) -> None:
    flags = ["--terminal", stub, "--clients", "2", "--start"]
    with run_launcher(tmp_path, *flags) as launcher:
        launcher.end_input()
        launcher.wait_for(_STARTED)
        for name in ("alice", "bob"):
            launcher.child("my_client.py", f"-n {name}").terminate()
        assert launcher.wait() == 0
        wait_until_gone(launcher.mark)


def test_the_windows_speak_through_the_server(tmp_path: Path) -> None:
    script = tmp_path / "typist"
    script.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '  *"-n alice"*) echo "to #all"; echo "hello from a window";;\n'
        f'esac | ( cat; {shutil.which("tail")} -f /dev/null ) | "$@" >> "$HOME/seen"\n'
    )
    script.chmod(0o700)
    # Bob is there first, so he gets it.
    flags = ["--terminal", str(script), "--names", "bob", "alice"]
    path = os.environ["PATH"]
    with run_launcher(tmp_path, *flags, PATH=path) as launcher:
        launcher.do("s", r"clients started: bob, alice\n")
        wait_for_text(tmp_path / "seen", "#all alice: hello from a window", launcher)
        launcher.type("q")
        assert launcher.wait() == 0
        wait_until_gone(launcher.mark)


def wait_for_text(file: Path, text: str, launcher: Launcher) -> None:
    """Let the launcher list what runs until a file says `text`."""
    deadline = time.monotonic() + PATIENCE
    while text not in (shown := file.read_text("utf-8") if file.exists() else ""):
        assert time.monotonic() < deadline, f"no {text!r} in:\n{shown}"
        launcher.do("l", r"server .*\n")


def test_a_client_that_dies_is_reported_with_code_and_log(
    tmp_path: Path, stub: str
) -> None:
    flags = ["--terminal", stub, "--clients", "2"]
    with run_launcher(tmp_path, *flags) as launcher:
        launcher.do("s", _STARTED)
        launcher.child("my_client.py", "-n bob").kill()
        launcher.wait_for(r"bob died: exit code -9, killed by SIGKILL\n")
        assert launcher.do("l", r"alice .*\n(.*)")[1] == ""
        # Asked for again, only the missing one is started.
        launcher.do("s", r"clients started: bob\n")
        launcher.child("my_client.py", "-n bob")
        launcher.type("q")
        assert launcher.wait() == 0
        wait_until_gone(launcher.mark)


def test_a_server_that_dies_is_reported_and_comes_back_where_it_was(
    tmp_path: Path, stub: str
) -> None:
    flags = ["--terminal", stub, "--clients", "2"]
    with run_launcher(tmp_path, *flags) as launcher:
        port = launcher.do("s", r"server started: port (\d+)")[1]
        launcher.wait_for(_STARTED)
        wait_for_text(tmp_path / "screen", "signed in as alice", launcher)
        launcher.child("my_server.py").kill()
        launcher.wait_for(r"the server died: exit code -9, killed by SIGKILL\n")
        launcher.wait_for(r"the last lines of server.log:\n  .*INFO")
        assert launcher.do("s", r"server started: port (\d+)")[1] == port
        launcher.type("q")
        assert launcher.wait() == 0
        wait_until_gone(launcher.mark)


def test_a_terminal_that_fails_is_said_with_its_words(tmp_path: Path) -> None:
    script = tmp_path / "broken"
    script.write_text("#!/bin/sh\necho 'no display, alas' >&2\nexit 3\n")
    script.chmod(0o700)
    with run_launcher(tmp_path, "--terminal", str(script)) as launcher:
        launcher.do("s", r"terminal of alice ended \(exit code 3\): no display, alas\n")
        launcher.type("q")
        assert launcher.wait() == 1
        wait_until_gone(launcher.mark)


@pytest.mark.parametrize("number", _ENDS)
def test_nothing_survives_a_signal(
    tmp_path: Path, stub: str, number: signal.Signals
) -> None:
    with run_launcher(tmp_path, "--terminal", stub, "--clients", "2") as launcher:
        launcher.do("s", _STARTED)
        # The server, and for each client a shell, its tail, a guard, and the client.
        assert len(launcher.children()) == 9
        launcher.process.send_signal(number)
        code = launcher.wait()
        assert code == {signal.SIGINT: 130, signal.SIGKILL: -9}.get(number, 0)
        wait_until_gone(launcher.mark)
        assert not list(tmp_path.glob("messenger-*")), "the sockets' folder is left"
        assert "Traceback" not in launcher.seen


@pytest.mark.parametrize("number", _ENDS)
def test_no_server_survives_the_demo(tmp_path: Path, number: signal.Signals) -> None:
    with run_launcher(tmp_path, "--demo", "--seconds", "600") as launcher:
        launcher.wait_for("alice → #demo")
        launcher.process.send_signal(number)
        assert launcher.wait() == (-9 if number == signal.SIGKILL else 130)
        wait_until_gone(launcher.mark)
        assert "Traceback" not in launcher.seen


def test_a_server_that_does_not_listen_survives_neither(tmp_path: Path) -> None:
    with run_launcher(tmp_path, "--demo", "--seconds", "600") as launcher:
        launcher.wait_for("alice → #demo")
        launcher.child("my_server.py").suspend()
        for _ in range(2):
            launcher.process.send_signal(signal.SIGINT)
        assert launcher.wait() == 130
        wait_until_gone(launcher.mark)
        assert "Traceback" not in launcher.seen


def test_ctrl_c_on_the_terminal_closes_all(tmp_path: Path, stub: str) -> None:
    # The pseudo-terminal is nobody's controlling one, so the signal is sent by hand.
    flags = ["--terminal", stub, "--clients", "2"]
    with run_launcher(tmp_path, *flags, on_terminal=True) as launcher:
        launcher.wait_for("launcher> ")
        launcher.do("s", _STARTED)
        os.killpg(launcher.process.pid, signal.SIGINT)
        assert launcher.wait() == 130
        wait_until_gone(launcher.mark)


needs_tmux = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux is not installed on this machine"
)


@needs_tmux
@pytest.mark.parametrize("how", ["q", "kill -9"])
def test_windows_in_a_tmux_of_our_own(tmp_path: Path, how: str) -> None:
    path = os.environ["PATH"]
    flags = ["--clients", "2"]
    with run_launcher(tmp_path, *flags, on_terminal=True, PATH=path) as launcher:
        launcher.wait_for("launcher> ")
        label = launcher.do("s", r"tmux -L (\S+) attach\n")[1]
        launcher.wait_for(_STARTED)
        tmux = Tmux(tmp_path, label)
        assert tmux.windows() == ["alice", "bob"]
        for name in ("alice", "bob"):
            tmux.wait_for_text(f":{name}", f"signed in as {name}")
        tmux("send-keys", "-t", ":alice", "@bob psst", "Enter")
        tmux.wait_for_text(":bob", "alice: psst")
        tmux("send-keys", "-t", ":bob", "3", "Enter")
        launcher.wait_for(r"bob has left \(exit code 0\)")
        if how == "q":
            launcher.type("q")
            assert launcher.wait() == 0
            assert not list(tmp_path.glob(f"tmux-*/{label}"))
        else:
            launcher.process.kill()
            launcher.wait()
        wait_until_gone(launcher.mark)


@needs_tmux
def test_who_was_not_let_in_is_not_said_to_be_there(tmp_path: Path) -> None:
    # The second looks like the first; and a TMPDIR may be longer than a socket's path.
    deep = tmp_path / ("deep" * 40)
    deep.mkdir()
    twin = "\u0430li\u0441\u0435"
    flags = ["--names", "alice", twin]
    around = {"PATH": os.environ["PATH"], "TMPDIR": str(deep)}
    with run_launcher(tmp_path, *flags, on_terminal=True, **around) as launcher:
        launcher.wait_for("launcher> ")
        launcher.do("s", r"clients started: alice\n")
        launcher.wait_for(f"not signed in yet: {twin}; the window shows what is asked")
        launcher.type("q")
        assert launcher.wait() == 0
        wait_until_gone(launcher.mark)


@needs_tmux
def test_windows_in_the_tmux_that_we_run_in(tmp_path: Path) -> None:
    with run_in_tmux(tmp_path) as tmux:
        tmux("send-keys", "-t", ":launcher", "s", "Enter")
        tmux.wait_for_text(":launcher", "clients started: alice, bob")
        assert tmux.windows() == ["launcher", "alice", "bob"]
        tmux.wait_for_text(":launcher", "  cat ")
        # -J: rows that only the window has broken are one.
        rows = tmux("capture-pane", "-p", "-J", "-t", ":launcher").splitlines()
        for command in ("tmux next-window", "my_client.py ", "owner-invitation"):
            assert [row for row in rows if row.startswith("  ") and command in row]
        advice = rows[rows.index("  tmux next-window") :]
        assert max(len(row) for row in advice if not row.startswith("  ")) <= 80
        tmux("send-keys", "-t", ":launcher", "x", "Enter")
        tmux.wait_for_text(":launcher", "all closed")
        assert tmux.windows() == ["launcher"]


@needs_tmux
@pytest.mark.parametrize("how", ["kill-window", "C-c"])
def test_nothing_survives_the_terminal_of_the_launcher(
    tmp_path: Path, how: str
) -> None:
    with run_in_tmux(tmp_path) as tmux:
        tmux("send-keys", "-t", ":launcher", "s", "Enter")
        tmux.wait_for_text(":launcher", "clients started: alice, bob")
        if how == "C-c":
            tmux("send-keys", "-t", ":launcher", how)
        else:
            tmux(how, "-t", ":launcher")
        # The tmux server ends with its last window.
        wait_until_gone(tmux.mark)


@contextmanager
def run_in_tmux(folder: Path) -> Iterator["Tmux"]:
    """Run a launcher in a window of a tmux server that is there for it alone."""
    tmux = Tmux(folder, "outer")
    tmux(
        *("-f", os.devnull, "new-session", "-d", "-c", str(folder), "-n", "launcher"),
        *(sys.executable, str(ROOT / "launcher.py"), "-p", "0", "--clients", "2"),
        *("--log-dir", str(folder / "logs")),
    )
    try:
        tmux.wait_for_text(":launcher", "launcher>")
        yield tmux
    finally:
        for left in marked(tmux.mark):
            with suppress(psutil.Error):
                left.kill()


class Tmux:
    """Asks a tmux server that has a socket of its own below `folder`."""

    def __init__(self, folder: Path, label: str) -> None:
        self.mark = uuid.uuid4().hex
        self._environment = private_environment(
            folder, PATH=os.environ["PATH"], **{MARK: self.mark}
        )
        self._command = ["tmux", "-L", label]

    def __call__(self, *words: str) -> str:
        return subprocess.run(
            [*self._command, *words],
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout

    def windows(self) -> list[str]:
        return self("list-windows", "-F", "#{window_name}").split()

    def wait_for_text(self, target: str, text: str) -> None:
        """Look at a window until it shows `text`."""
        deadline = time.monotonic() + PATIENCE
        while text not in (shown := self("capture-pane", "-p", "-t", target)):
            assert time.monotonic() < deadline, f"no {text!r} in:\n{shown}"
